import { Compliance, reportOf, type ScoreScope, type SeverityFilter } from "@cadastre/compliance"
import type { TagPolicy } from "@cadastre/policy"
import { Scan, type ScanRequest } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith } from "../Failure.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"
import { writePlan } from "./PlanScan.ts"

interface CheckFlags extends EstateFlags.Scope, AccountScope, ScanFlags, CostFlags.BillFlags {
  readonly policy: Option.Option<string>
  readonly severity: SeverityFilter
  readonly include: ReadonlyArray<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
  readonly minScore: Option.Option<number>
  readonly costs: boolean
  readonly storeSnapshot: boolean
}

/** Checks the estate against a tag policy. */
export const check = Effect.fn("cadastre check")(function*(flags: CheckFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* requestOf(flags)
  if (flags.dryRun) {
    const format = yield* ReportOutput.formatOf(flags)
    const plan = yield* (yield* Scan).plan(request)
    return yield* writePlan(plan, (yield* sourceOf(flags)).source, format.names[0] === "json" ? "json" : "table", flags)
  }
  const result = yield* checkAndWrite({ ...flags, include, request: { ...request, storeSnapshot: flags.storeSnapshot }, loaded: policy, source, progress: Progress.make() })
  yield* exitUnlessComplete(result.coverage, flags)
  yield* CostFlags.exitUnlessKnown(result.costs, flags)
  const broken = Option.match(flags.minScore, {
    onNone: () => result.compliantResources < result.totalResources,
    onSome: (minimum) => result.complianceScore === undefined || result.complianceScore < minimum
  })
  if (broken) return yield* new ExitWith({ exitCode: ExitCode.violations })
}, (effect, flags) => within(flags, effect))

/** Runs the check and writes its report; what came of it is for the caller to judge. */
export const checkAndWrite = Effect.fnUntraced(function*(
  options: Pick<CheckFlags, "format" | "output" | "severity"> & Partial<Pick<CheckFlags, "costs" | keyof CostFlags.BillFlags>> & {
    readonly include: ReadonlyArray<ScoreScope.Includable>
    readonly request: ScanRequest & { readonly storeSnapshot?: boolean }
    readonly loaded: TagPolicy
    readonly source: string
    readonly progress: ReturnType<typeof Progress.make>
  }
) {
  const format = yield* ReportOutput.formatOf(options)
  const compliance = yield* Compliance
  const { stop } = yield* StopSignal
  const result = yield* compliance.check(
    {
      ...options.request,
      policy: options.loaded,
      severity: options.severity,
      include: options.include,
      ...CostFlags.requested(options) ? { costs: CostFlags.requestOf(options) } : {},
      // Formats for people show totals and the worst; the others show everything.
      withResources: format.names[0] !== "table"
    },
    { onEvent: options.progress.onEvent, stop }
  ).pipe(
    // Where nothing at all was seen, the report says so, cell by cell.
    Effect.catchTag("MultiRegionScanError", ({ partialResult }) => Effect.succeed(partialResult))
  )
  yield* options.progress.done
  const generatedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  yield* ReportOutput.write(reportOf(result, { generatedAt, policySource: options.source }), format, options.output)
  return result
})
