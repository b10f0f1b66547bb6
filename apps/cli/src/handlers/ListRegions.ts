import { Accounts } from "@cadastre/client-factory"
import { RegionStanding } from "@cadastre/model"
import { Regions } from "@cadastre/region-discovery"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import * as ReportOutput from "../ReportOutput.ts"

/** Lists the account's Regions, how they stand, and how that is known. */
export const regions = Effect.fn("cadastre regions")(function*(
  flags: Connection & { readonly format: "table" | "json"; readonly probe: boolean }
) {
  const { probe } = flags
  const account = yield* (yield* Accounts).current
  const { discovery, regions, warnings } = yield* (yield* Regions).inspect(account, { probe })
  if (flags.format === "json") {
    const { id, partition } = account
    const rows = regions.map(({ reason, ...region }) => ({
      ...region,
      label: RegionStanding.label(region.standing),
      ...(reason === undefined ? {} : { reason })
    }))
    const report = { accountId: id, partition, discovery, probed: probe, warnings, regions: rows }
    return yield* ReportOutput.writeStdout(`${JSON.stringify(report, null, 2)}\n`)
  }
  const enabled = regions.filter(({ state }) => state === "enabled").length
  const width = Math.max(...regions.map(({ id }) => id.length))
  const lines = regions.map(({ id, reason, standing, state }) => {
    const label = RegionStanding.label(standing)
    const why = reason === undefined ? "" : ` (${Untrusted.visible(reason)})`
    return `${id.padEnd(width)}  ${state}${label === state ? "" : `: ${label}`}${why}\n`
  })
  yield* ReportOutput.writeStdout(
    `Account ${account.id}, partition ${account.partition}: ${enabled} Regions enabled (from ${discovery.source})\n` +
      warnings.map((warning) => `Warning: ${Untrusted.visible(warning)}\n`).join("") +
      `\n${lines.join("")}`
  )
}, (effect, flags) => within(flags, effect))
