import { Compliance, type Untagged } from "@cadastre/compliance"
import { Listing } from "@cadastre/report"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
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
import { writePlan } from "./PlanScan.ts"

interface UntaggedFlags extends Omit<EstateFlags.Scope, keyof ListingFlags>, AccountScope, ScanFlags, ListingFlags {
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
  readonly maxUntagged: number
}

/** Lists what lacks a required tag or has none at all. */
export const untagged = Effect.fn("cadastre untagged")(function*(flags: UntaggedFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* requestOf(flags)
  if (flags.dryRun) {
    const plan = yield* (yield* Scan).plan(request)
    return yield* writePlan(plan, (yield* sourceOf(flags)).source, ListingOutput.formatOf(flags) === "json" ? "json" : "table")
  }
  const { stop } = yield* StopSignal
  const progress = Progress.make()
  const result = yield* (yield* Compliance).findUntagged({ ...request, policy, include }, { onEvent: progress.onEvent, stop })
  yield* progress.done
  const listing = listingOf(result, source)
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, result.coverage.complete, flags)
  yield* exitUnlessComplete(result.coverage, flags)
  if (result.totalUntagged > flags.maxUntagged) return yield* new ExitWith({ exitCode: ExitCode.violations })
}, (effect, flags) => within(flags, effect))

const mostRows = 200

const listingOf = (result: Untagged.UntaggedResult, source: string): Listing.Listing => {
  const { ageSeconds, byTag, coverage, fromCache, policyHash, resources, totalResources, totalUntagged, unknownTags, withoutAnyTag } = result
  const isOne = result.accountIds.length === 1
  const color = totalUntagged === 0 && coverage.complete ? "green" : "bold"
  return {
    title: "Untagged resources",
    lines: [
      ...Listing.coverageLines(coverage),
      ...(fromCache ? [{ text: `From the cache, ${ageSeconds} s old` }] : []),
      { text: `${totalUntagged} of ${totalResources} resources lack a required tag; ${withoutAnyTag} have no tag at all, by ${source}`, color },
      ...(unknownTags === 0 ? [] : [{ text: `The tags of ${unknownTags} more could not be read`, color: "yellow" as const }])
    ],
    tables: [
      {
        title: "By tag",
        columns: [{ title: "Tag" }, { title: "Missing", number: true }],
        rows: byTag.map(({ missing, tag }) => [tag, String(missing)])
      },
      {
        title: "Resources",
        most: mostRows,
        columns: [...isOne ? [] : [{ title: "Account" }], { title: "Region" }, { title: "Type" }, { title: "Resource" }, { title: "Missing" }],
        rows: resources.map(({ accountId, hasNoTags, id, missingTags, name, region, type }) => [
          ...isOne ? [] : [accountId],
          region,
          type,
          name ?? id,
          hasNoTags ? `no tags${missingTags.length === 0 ? "" : ` (${missingTags.join(", ")})`}` : missingTags.join(", ")
        ])
      }
    ],
    records: {
      columns: ["Account", "Region", "Type", "Name", "Missing", "No tags", "ARN"],
      rows: resources.map(({ accountId, arn, hasNoTags, missingTags, name = "", region, type }) =>
        [accountId, region, type, name, missingTags.join(", "), String(hasNoTags), arn])
    },
    value: { kind: "untagged", policy: { source, hash: policyHash }, ...result }
  }
}
