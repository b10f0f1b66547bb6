import { Compliance, type SeverityFilter } from "@cadastre/compliance"
import { formatNamed } from "@cadastre/report"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, Failure } from "../Failure.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"

interface ReportFlags extends EstateFlags.Scope, AccountScope, ScanFlags, CostFlags.BillFlags {
  readonly policy: Option.Option<string>
  readonly severity: SeverityFilter
  readonly include: ReadonlyArray<string>
  readonly recommendations: boolean
  readonly storeSnapshot: boolean
  readonly config: Option.Option<string>
  readonly demo: boolean
  readonly costs: boolean
}

/** Writes a report. It ends with 0 whatever it says of the estate, as long as it speaks of all of it. */
export const report = Effect.fn("cadastre report")(function*(flags: ReportFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const format = yield* ReportOutput.formatOf(flags)
  if (flags.dryRun) {
    return yield* new Failure({ exitCode: ExitCode.usage, message: "--dry-run shows what a scan would do: use it with `cadastre check`" })
  }
  const { stop } = yield* StopSignal
  const progress = Progress.make()
  const { report, result } = yield* (yield* Compliance).report({
    ...yield* requestOf(flags),
    policy,
    include,
    severity: flags.severity,
    storeSnapshot: flags.storeSnapshot,
    ...CostFlags.requested(flags) ? { costs: CostFlags.requestOf(flags) } : {},
    withResources: format.names[0] !== "table"
  }, {
    format: format.names[0],
    includeRecommendations: flags.recommendations,
    policySource: source
  }, { onEvent: progress.onEvent, stop })
  yield* progress.done
  yield* ReportOutput.write(report, format, flags.output)
  if (format === formatNamed("csv") && !result.coverage.complete) {
    yield* Effect.logWarning("The list is not whole: part of the scope could not be seen. Other formats say which")
  }
  yield* exitUnlessComplete(result.coverage, flags)
  yield* CostFlags.exitUnlessKnown(result.costs, flags)
}, (effect, flags) => within(flags, effect))
