/**
 * What a prompt is about, as its arguments say it: names that may stand in the
 * words for the assistant as they are, because they can be nothing else.
 *
 * @since 0.1.0
 */
import type { ScannerRegistry, UnknownTypeError } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { inputLimits } from "./InputLimits.ts"

/**
 * Resource types, services, or `all`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Names = Schema.Array(Schema.String.check(Schema.isPattern(/^[\w:*-]{1,128}$/u))).check(
  Schema.isMaxLength(inputLimits.array)
)

/**
 * Region codes in any case, `*` as wildcard.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RegionNames = Schema.Array(
  Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9*-]{1,64}$/u, { message: "Write Region codes such as eu-west-1, or wildcards such as eu-*" })
  )
).check(Schema.isMaxLength(inputLimits.regions))

/**
 * Those of the names that leave anything out, as tools take them.
 *
 * @category getters
 * @since 0.1.0
 */
export const narrower = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.some((name) => /^(?:all|\*)$/iu.test(name)) ? [] : names.map((name) => name.toLowerCase())

/**
 * Fails with the valid types where a type is none.
 *
 * @category guards
 * @since 0.1.0
 */
export const knownTypes = (types: ReadonlyArray<string>): Effect.Effect<void, UnknownTypeError, ScannerRegistry> =>
  Effect.gen(function*() {
    if (types.length === 0) return
    const { ScannerRegistry } = yield* Effect.promise(() => import("@cadastre/scanner-core"))
    yield* (yield* ScannerRegistry).resolve(types)
  })
