import { Compliance, type InventoryResult, ScanRecording } from "@cadastre/compliance"
import type { Listing } from "@cadastre/report"
import { Scan, ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { within } from "../Estate.ts"
import { ExitCode, Failure } from "../Failure.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"

interface InventoryFlags extends ListingFlags {
  readonly words: ReadonlyArray<string>
  readonly debug: boolean
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly accounts: ReadonlyArray<string>
  readonly tag: ReadonlyArray<string>
  readonly limit: number
  readonly estate: Option.Option<string>
  readonly demo: boolean
}

/** Lists what earlier scans found. */
export const inventory = Effect.fn("cadastre inventory")(function*(flags: InventoryFlags) {
  const types = flags.types.length === 0 ? [] : (yield* (yield* ScannerRegistry).resolve(flags.types)).map(({ type }) => type)
  if (flags.demo) yield* scanOnce
  const compliance = yield* Compliance
  const query = {
    ...Option.match(flags.estate, { onNone: () => ({}), onSome: (estate) => ({ estate }) }),
    ...flags.words.length === 0 ? {} : { text: flags.words.join(" ") },
    ...types.length === 0 ? {} : { types },
    ...flags.accounts.length === 0 ? {} : { accounts: flags.accounts },
    ...flags.regions.length === 0 ? {} : { regions: flags.regions },
    tags: tagsOf(flags.tag)
  }
  const resources: Array<InventoryResult["resources"][number]> = []
  let page: InventoryResult | undefined
  do {
    page = yield* compliance.inventory({
      ...query,
      limit: Math.min(pageSize, flags.limit - resources.length),
      ...page?.next === undefined ? {} : { after: page.next }
    })
    for (const item of page.resources) resources.push(item)
  } while (page.next !== undefined && resources.length < flags.limit)
  const { estate } = page
  if (estate === undefined) {
    return yield* new Failure({
      exitCode: ExitCode.usage,
      message: "The inventory is empty: nothing was scanned yet. Run `cadastre scan` or `cadastre check` first"
    })
  }
  yield* ListingOutput.write(listingOf({ ...page, resources }, estate), flags)
}, (effect, flags) => within({ ...flags, profile: Option.none(), endpointUrl: Option.none(), memory: "asked" }, effect))

const pageSize = 1000

const scanOnce = Effect.scoped(Effect.gen(function*() {
  const scan = yield* Scan
  const plan = yield* scan.plan({})
  yield* Stream.runForEach(scan.run(plan), yield* ScanRecording.ofScan(plan))
}))

const tagsOf = (tags: ReadonlyArray<string>): Readonly<Record<string, string | null>> =>
  Object.fromEntries(tags.map((tag) => {
    const at = tag.indexOf("=")
    return at < 0 ? [tag, null] : [tag.slice(0, at), tag.slice(at + 1)]
  }))

const mostRows = 200

const listingOf = (result: InventoryResult, estate: string): Listing.Listing => {
  const { estates, next, resources } = result
  const others = estates.filter((one) => one !== estate)
  return {
    title: "Inventory",
    lines: [
      { text: `${resources.length} resources of ${estate}${next === undefined ? "" : ", and there are more: see --limit"}`, color: "bold" },
      { text: "As the last scans saw them: what is there now may differ" },
      ...others.length === 0 ? [] : [{ text: `Also known: ${others.join(", ")} (--estate)` }]
    ],
    tables: [{
      most: mostRows,
      columns: [{ title: "Account" }, { title: "Region" }, { title: "Type" }, { title: "Resource" }, { title: "Last seen" }],
      rows: resources.map(({ lastSeen, resource: { accountId, id, name, region, type } }) => [accountId, region, type, name ?? id, lastSeen])
    }],
    records: {
      columns: ["Account", "Region", "Type", "Resource ID", "Name", "State", "First seen", "Last seen", "Resource ARN"],
      rows: resources.map(({ firstSeen, lastSeen, resource: { accountId, arn, id, name = "", region, state = "", type } }) =>
        [accountId, region, type, id, name, state, firstSeen, lastSeen, arn])
    },
    value: { kind: "inventory", ...result }
  }
}
