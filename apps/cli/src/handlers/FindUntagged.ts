import { Compliance, type Untagged } from "@cadastre/compliance"
import { Listing } from "@cadastre/report"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith } from "../Failure.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"
import * as UntaggedCostText from "../UntaggedCostText.ts"
import { writePlan } from "./PlanScan.ts"

interface UntaggedFlags extends Omit<EstateFlags.Scope, keyof ListingFlags>, AccountScope, ScanFlags, ListingFlags, CostFlags.BillFlags {
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
  readonly maxUntagged: number
  readonly costs: boolean
  readonly minMonthlyCost: Option.Option<number>
}

/** Lists what lacks a required tag or has none at all. */
export const untagged = Effect.fn("cadastre untagged")(function*(flags: UntaggedFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* requestOf(flags)
  if (flags.dryRun) {
    const plan = yield* (yield* Scan).plan(request)
    return yield* writePlan(plan, (yield* sourceOf(flags)).source, ListingOutput.formatOf(flags) === "json" ? "json" : "table", flags)
  }
  const { stop } = yield* StopSignal
  const progress = Progress.make()
  const result = yield* (yield* Compliance).findUntagged({
    ...request,
    policy,
    include,
    ...CostFlags.requested(flags) ? { costs: CostFlags.requestOf(flags) } : {},
    ...Option.match(flags.minMonthlyCost, { onNone: () => ({}), onSome: (minMonthlyCost) => ({ minMonthlyCost }) })
  }, { onEvent: progress.onEvent, stop })
  yield* progress.done
  const listing = listingOf(result, source)
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, result.coverage.complete, flags)
  yield* exitUnlessComplete(result.coverage, flags)
  yield* CostFlags.exitUnlessKnown(result.costs, flags)
  if (countedOf(result) > flags.maxUntagged) return yield* new ExitWith({ exitCode: ExitCode.violations })
}, (effect, flags) => within(flags, effect))

/** Those that lack a required tag and are listed; one of unknown cost may cost as much as was asked for. */
const countedOf = ({ costUnknown = [], costs, resources, totalUntagged }: Untagged.UntaggedResult): number =>
  costs?.status === "known" && costs.minMonthlyCost !== undefined
    ? [...resources, ...costUnknown].filter(({ missingTags }) => missingTags.length > 0).length
    : totalUntagged

const mostRows = 200

const listingOf = (result: Untagged.UntaggedResult, source: string): Listing.Listing => {
  const { ageSeconds, byTag, costUnknown = [], coverage, fromCache, policyHash, resources } = result
  const { costs, totalResources, totalUntagged, unknownTags, withoutAnyTag } = result
  const color = totalUntagged === 0 && coverage.complete ? "green" : "bold"
  const listed: ReadonlyArray<Listed> = [...resources, ...costUnknown]
  const rows = rowsOf(result)
  return {
    title: "Untagged resources",
    lines: [
      ...Listing.coverageLines(coverage),
      ...(fromCache ? [{ text: `From the cache, ${ageSeconds} s old` }] : []),
      { text: `${totalUntagged} of ${totalResources} resources lack a required tag; ${withoutAnyTag} have no tag at all, by ${source}`, color },
      ...(unknownTags === 0 ? [] : [{ text: `The tags of ${unknownTags} more could not be read`, color: "yellow" as const }]),
      ...UntaggedCostText.lines(result)
    ],
    tables: [
      {
        title: "By tag",
        columns: [{ title: "Tag" }, { title: "Missing", number: true }],
        rows: byTag.map(({ missing, tag }) => [tag, String(missing)])
      },
      ...costs?.status === "unknown" ? [] : [{ title: "Resources", most: mostRows, ...rows(resources) }],
      ...costUnknown.length === 0 ? [] : [{ title: "Of unknown cost", most: mostRows, ...rows(costUnknown) }]
    ],
    records: {
      columns: [
        "Account",
        "Region",
        "Type",
        "Name",
        "Missing",
        "No tags",
        ...costs === undefined ? [] : ["Monthly cost", "Currency", "Basis"],
        "ARN"
      ],
      rows: listed.map((resource) => {
        const { accountId, arn, hasNoTags, missingTags, name = "", region, type } = resource
        const cost = costs === undefined ? [] : UntaggedCostText.record(resource, costs)
        return [accountId, region, type, name, missingTags.join(", "), String(hasNoTags), ...cost, arn]
      })
    },
    value: { kind: "untagged", policy: { source, hash: policyHash }, ...result }
  }
}

type Listed = Untagged.UntaggedResource & { readonly reason?: Untagged.UnpricedResource["reason"] }

const rowsOf = ({ accountIds, costs }: Untagged.UntaggedResult) => {
  const isOne = accountIds.length === 1
  return (resources: ReadonlyArray<Listed>) => ({
    columns: [
      ...isOne ? [] : [{ title: "Account" }],
      { title: "Region" },
      { title: "Type" },
      { title: "Resource" },
      ...costs === undefined ? [] : [{ title: "Monthly", number: true }],
      { title: "Missing" }
    ],
    rows: resources.map((resource) => {
      const { accountId, hasNoTags, id, missingTags, name, region, type } = resource
      const missing = missingTags.join(", ")
      return [
        ...isOne ? [] : [accountId],
        region,
        type,
        name ?? id,
        ...costs === undefined ? [] : [UntaggedCostText.monthly(resource, costs)],
        hasNoTags ? `no tags${missing === "" ? "" : ` (${missing})`}` : missing
      ]
    })
  })
}
