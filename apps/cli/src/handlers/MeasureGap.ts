import { Compliance } from "@cadastre/compliance"
import type { AttributionGap } from "@cadastre/cost"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith } from "../Failure.ts"
import * as GapText from "../GapText.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"

interface GapFlags
  extends Omit<EstateFlags.Scope, keyof ListingFlags>, AccountScope, Omit<ScanFlags, "dryRun">, ListingFlags, CostFlags.BillFlags
{
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly groupBy: AttributionGap.GroupBy
  readonly groupTag: Option.Option<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** Scans the estate and lays it over its bill. */
export const gap = Effect.fn("cadastre gap")(function*(flags: GapFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const request = yield* requestOf({ ...flags, dryRun: false, format: Option.none() })
  const progress = Progress.make()
  const { stop } = yield* StopSignal
  const result = yield* (yield* Compliance).attributionGap({
    ...request,
    policy,
    include,
    groupBy: flags.groupBy,
    ...CostFlags.given("tagKey", flags.groupTag),
    ...CostFlags.requestOf(flags)
  }, { onEvent: progress.onEvent, stop }).pipe(Effect.ensuring(progress.done))
  const listing = GapText.listingOf(result, source)
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, result.coverage.complete, flags)
  yield* exitUnlessComplete(result.coverage, flags)
  if (result.unknownAccounts.length > 0 && !flags.allowIncomplete) {
    return yield* new ExitWith({ exitCode: ExitCode.incomplete })
  }
}, (effect, flags) => within(flags, effect))
