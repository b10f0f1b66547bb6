import { Compliance, type Suggestions } from "@cadastre/compliance"
import { Arn } from "@cadastre/model"
import { Listing } from "@cadastre/report"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as ArnArguments from "../ArnArguments.ts"
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

interface SuggestFlags extends Omit<EstateFlags.Scope, keyof ListingFlags>, AccountScope, ScanFlags, ListingFlags {
  readonly arns: ReadonlyArray<string>
  readonly backtest: boolean
  readonly creators: boolean
  readonly minConfidence: number
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** Says what tags should be. Ends with 1 where a resource that was asked for is not there. */
export const suggest = Effect.fn("cadastre suggest")(function*(flags: SuggestFlags) {
  const arns = yield* ArnArguments.read(flags.arns)
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* requestOf(flags)
  if (flags.dryRun) {
    const plan = yield* (yield* Scan).plan(request)
    return yield* writePlan(plan, (yield* sourceOf(flags)).source, ListingOutput.formatOf(flags) === "json" ? "json" : "table")
  }
  const { stop } = yield* StopSignal
  const progress = Progress.make()
  const all = yield* (yield* Compliance).suggest(
    { ...request, policy, include, backtest: flags.backtest, creators: flags.creators, ...flags.arns.length === 0 ? {} : { arns } },
    { onEvent: progress.onEvent, stop }
  )
  yield* progress.done
  const listing = listingOf(atLeast(all, flags.minConfidence), source, flags.minConfidence)
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, all.coverage.complete, flags)
  yield* exitUnlessComplete(all.coverage, flags)
  if (all.notFound.length > 0) return yield* new ExitWith({ exitCode: ExitCode.violations })
}, (effect, flags) => within(flags, effect))

/** Without the candidates that are not worth saying; the tags that need one stay. */
const atLeast = (result: Suggestions.SuggestionsResult, least: number): Suggestions.SuggestionsResult => ({
  ...result,
  resources: result.resources.map((resource) => ({
    ...resource,
    suggestions: resource.suggestions.map((one) => ({
      ...one,
      candidates: one.candidates.filter(({ confidence }) => confidence >= least)
    }))
  }))
})

const mostRows = 200
const mostExplained = 5

const labelOf = (arn: string): string =>
  Option.match(Arn.parse(arn), { onNone: () => arn, onSome: (parsed) => Arn.resourceOf(parsed).id })

const listingOf = (result: Suggestions.SuggestionsResult, source: string, least: number): Listing.Listing => {
  const { backtest = [], coverage, notes = [], notFound, policyHash, resources } = result
  const needed = resources.flatMap(({ suggestions, ...resource }) => suggestions.map((one) => ({ ...one, ...resource })))
  const suggested = needed.filter(({ candidates }) => candidates.length > 0)
  return {
    title: "Tag suggestions",
    lines: [
      ...Listing.coverageLines(coverage),
      {
        text: `${suggested.length} of ${needed.length} missing or wrong tags of ${resources.length} resources have a suggestion ` +
          `of confidence ${least} or more, by ${source}`,
        color: "bold"
      },
      ...notFound.map((arn) => ({ text: `Not seen: ${arn}`, color: "red" as const })),
      ...notes.map((text) => ({ text, color: "yellow" as const }))
    ],
    tables: [
      {
        title: "How often suggestions are right: known tags, hidden and guessed",
        columns: [
          { title: "Tag" },
          { title: "Tried", number: true },
          { title: "Right", number: true },
          { title: "The commonest value", number: true },
          { title: "Confidence is off by", number: true }
        ],
        rows: backtest.map(({ calibrationError, commonest, hitRate, tag, tried }) => [
          tag,
          String(tried),
          percent(hitRate),
          percent(commonest),
          percent(calibrationError)
        ])
      },
      {
        title: "Suggestions",
        most: mostRows,
        columns: [
          { title: "Region" },
          { title: "Type" },
          { title: "Resource" },
          { title: "Tag" },
          { title: "Now" },
          { title: "Suggested" },
          { title: "Confidence", number: true }
        ],
        rows: suggested.map(({ arn, candidates: [best], current = "", name, region, tag, type }) => [
          region,
          type,
          name ?? labelOf(arn),
          tag,
          current,
          best!.value,
          best!.confidence.toFixed(2)
        ])
      }
    ],
    // Whoever asks for a few wants to know why.
    notes: resources.length > mostExplained ? [] : suggested.flatMap(({ arn, candidates, tag }) =>
      candidates.map(({ confidence, evidence, value }) =>
        `${tag} = ${value} (${confidence.toFixed(2)}) for ${labelOf(arn)}: ${evidence.map(({ text }) => text).join("; ")}`
      )
    ),
    records: {
      columns: ["Account", "Region", "Type", "Name", "Tag", "Now", "Suggested", "Confidence", "Because", "ARN"],
      rows: suggested.flatMap(({ accountId, arn, candidates, current = "", name = "", region, tag, type }) =>
        candidates.map(({ confidence, evidence, value }) =>
          [accountId, region, type, name, tag, current, value, confidence.toFixed(3), evidence.map(({ text }) => text).join("; "), arn]
        )
      )
    },
    value: { kind: "suggestions", policy: { source, hash: policyHash }, minConfidence: least, ...result }
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
