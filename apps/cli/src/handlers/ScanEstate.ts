import { Aggregate, coverageOf, inventoryOf, resourcesOf } from "@cadastre/aggregation"
import { ScanRecording } from "@cadastre/compliance"
import type { Resource } from "@cadastre/model"
import { coverageLine, type Report, resourceLine, schemaVersion } from "@cadastre/report"
import { Scan } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { exitUnlessComplete } from "../Failure.ts"
import * as Progress from "../Progress.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"
import { writePlan } from "./PlanScan.ts"

/** Made as they are written: a page's lines together would be a text of half a megabyte. */
function* linesOf(resources: ReadonlyArray<Resource>): Iterable<string> {
  for (const resource of resources) yield resourceLine(resource)
}

/** Lists every resource of the estate. */
export const scan = Effect.fn("cadastre scan")(function*(flags: EstateFlags.Scope & AccountScope & ScanFlags) {
  const format = yield* ReportOutput.formatOf(flags)
  const scan = yield* Scan
  const plan = yield* scan.plan(yield* requestOf(flags))
  if (flags.dryRun) {
    const { source } = yield* sourceOf(flags)
    return yield* writePlan(plan, source, format.names[0] === "json" ? "json" : "table")
  }
  const { stop } = yield* StopSignal
  const streams = format.names[0] === "ndjson" && Option.isNone(flags.output)
  const fold = Aggregate.fold({ keepResources: !streams })
  const progress = Progress.make()

  // What is recorded is written down before the store closes, and before anybody reads the report.
  yield* Effect.scoped(Effect.gen(function*() {
    const record = yield* ScanRecording.ofScan(plan)
    yield* Stream.runForEach(Stream.tap(scan.run(plan, { stop }), record), (event) => {
      fold.add(event)
      // Resources go out as they are found, so that memory does not grow with the estate.
      return streams && event._tag === "ResourcesFound"
        ? Effect.andThen(progress.onEvent(event), ReportOutput.writeAll(linesOf(event.resources)))
        : progress.onEvent(event)
    })
  }))
  yield* progress.done

  const aggregate = fold.aggregate()
  const coverage = coverageOf(aggregate)
  if (streams) {
    yield* ReportOutput.writeStdout(coverageLine(coverage))
  } else {
    const report: Report = {
      schemaVersion,
      kind: "scan",
      generatedAt: DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis)),
      scope: plan.scope,
      fromCache: false,
      ageSeconds: 0,
      coverage,
      summary: inventoryOf(aggregate),
      resources: resourcesOf(aggregate),
      violations: []
    }
    yield* ReportOutput.write(report, format, flags.output)
  }
  yield* exitUnlessComplete(coverage, flags)
}, (effect, flags) => within(flags, effect))
