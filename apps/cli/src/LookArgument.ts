/** Something to compare, as the command line has it: a snapshot's name, or a file that `check` or `scan` wrote. */
import { readFile } from "node:fs/promises"
import { Compliance, type Look, WhatIf } from "@cadastre/compliance"
import { Report } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode, Failure } from "./Failure.ts"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Report))

/** More is not read into memory. */
const maxBytes = 2_000_000_000

/** A name with a dot or a slash in it is a file's. */
const isFile = (name: string): boolean => /[./\\]/u.test(name)

/**
 * What a name means.
 *
 * - `beside`: the id of a snapshot whose history `latest`, `previous` and days are meant of
 */
export const read = Effect.fnUntraced(function*(name: string, beside?: string) {
  if (!isFile(name)) {
    const { id } = yield* (yield* Compliance).findSnapshot(name, beside)
    return id
  }
  const text = yield* Effect.tryPromise({
    try: async () => {
      const bytes = await readFile(name)
      if (bytes.length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
      return bytes.toString("utf8")
    },
    catch: (cause) => unusable(name, cause instanceof Error ? cause.message : String(cause))
  })
  const { coverage, generatedAt, resources, scope } = yield* Effect.mapError(decode(text), () =>
    unusable(name, "it is not what `cadastre check --format json` or `cadastre scan --format json` writes"))
  const seen = WhatIf.ofResult({ coverage, resources, scanTimestamp: generatedAt, scope })
  return { name, seen } satisfies Look
})

const unusable = (name: string, why: string) =>
  new Failure({ exitCode: ExitCode.usage, message: `${name} cannot be compared: ${why}` })
