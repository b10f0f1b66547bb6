import { Accounts } from "@cadastre/client-factory"
import { Regions } from "@cadastre/region-discovery"
import * as Effect from "effect/Effect"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import * as ReportOutput from "../ReportOutput.ts"

/** Lists the account's Regions. */
export const regions = Effect.fn("cadastre regions")(function*(flags: Connection & { readonly format: "table" | "json" }) {
  const account = yield* (yield* Accounts).current
  const { discovery, regions } = yield* (yield* Regions).discover(account)
  if (flags.format === "json") {
    const { id, partition } = account
    return yield* ReportOutput.writeStdout(`${JSON.stringify({ accountId: id, partition, discovery, regions }, null, 2)}\n`)
  }
  const width = Math.max(...regions.map(({ id }) => id.length))
  yield* ReportOutput.writeStdout(
    `Account ${account.id}, ${regions.filter(({ state }) => state === "enabled").length} Regions enabled ` +
      `(from ${discovery.source}${discovery.reason === undefined ? "" : `, because ${discovery.reason}`})\n\n` +
      regions.map(({ id, state }) => `${id.padEnd(width)}  ${state}\n`).join("")
  )
}, (effect, flags) => within(flags, effect))
