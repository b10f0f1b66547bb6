import { Compliance, PolicySource } from "@cadastre/compliance"
import type { AttributionGap } from "@cadastre/cost"
import { Untrusted } from "@cadastre/report"
import { ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith } from "../Failure.ts"
import * as GapText from "../GapText.ts"
import * as Progress from "../Progress.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"

interface GapFlags extends Connection, AccountScope, Omit<ScanFlags, "dryRun">, CostFlags.BillFlags {
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly allowIncomplete: boolean
  readonly policy: Option.Option<string>
  readonly groupBy: AttributionGap.GroupBy
  readonly groupTag: Option.Option<string>
  readonly format: "table" | "json"
  readonly config: Option.Option<string>
}

/** Scans the estate and lays it over its bill. */
export const gap = Effect.fn("cadastre gap")(function*(flags: GapFlags) {
  const registry = yield* ScannerRegistry
  const { policy } = yield* PolicySource.load(flags.policy, (yield* registry.entries).map(({ type }) => type))
  const request = yield* requestOf({ ...flags, dryRun: false, format: Option.none(), output: Option.none() })
  const progress = Progress.make()
  const { stop } = yield* StopSignal
  const result = yield* (yield* Compliance).attributionGap({
    ...request,
    policy,
    groupBy: flags.groupBy,
    ...CostFlags.given("tagKey", flags.groupTag),
    ...CostFlags.requestOf(flags)
  }, { onEvent: progress.onEvent, stop }).pipe(Effect.ensuring(progress.done))
  yield* ReportOutput.writeStdout(
    flags.format === "json" ? `${Untrusted.json(JSON.stringify(result, null, 2))}\n` : GapText.render(result)
  )
  yield* exitUnlessComplete(result.coverage, flags)
  if (result.unknownAccounts.length > 0 && !flags.allowIncomplete) {
    return yield* new ExitWith({ exitCode: ExitCode.incomplete })
  }
}, (effect, flags) => within(flags, effect))
