/**
 * Suggestions from the estate and the catalogue.
 *
 * @since 0.1.0
 */
import type { Accounts } from "@cadastre/client-factory"
import type { Regions } from "@cadastre/region-discovery"
import type { ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import type { Complete } from "./Completion.ts"

/**
 * Resource types, `all` and whole services among them.
 *
 * @category completions
 * @since 0.1.0
 */
export const resourceTypes: Complete<ScannerRegistry> = () =>
  Effect.gen(function*() {
    const { ScannerRegistry } = yield* Effect.promise(() => import("@cadastre/scanner-core"))
    const types = (yield* (yield* ScannerRegistry).entries).map(({ type }) => String(type))
    const services = new Set(types.map((type) => `${type.slice(0, type.indexOf(":"))}:*`))
    return ["all", ...types, ...services]
  })

/**
 * The Regions that the account has enabled. Fails where AWS does not say: no
 * suggestion would mean that there is none.
 *
 * @category completions
 * @since 0.1.0
 */
export const regions: Complete<Accounts | Regions> = () =>
  Effect.gen(function*() {
    const [{ Accounts }, { Regions }] = yield* Effect.promise(() =>
      Promise.all([import("@cadastre/client-factory"), import("@cadastre/region-discovery")])
    )
    const account = yield* (yield* Accounts).current
    const { regions } = yield* (yield* Regions).discover(account)
    return regions.filter(({ state }) => state === "enabled").map(({ id }) => id).toSorted()
  })
