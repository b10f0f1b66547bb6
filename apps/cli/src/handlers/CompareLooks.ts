import { Compliance, type ResourceChanges } from "@cadastre/compliance"
import type { Listing } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import * as ChangesText from "../ChangesText.ts"
import { daysIn } from "../commands/DiffCommand.ts"
import * as DemoHistory from "../DemoHistory.ts"
import { within } from "../Estate.ts"
import type * as EstateFlags from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith, Failure } from "../Failure.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"
import * as LookArgument from "../LookArgument.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"

interface DiffFlags extends Omit<EstateFlags.Scope, keyof ListingFlags>, AccountScope, ScanFlags, ListingFlags {
  readonly looks: ReadonlyArray<string>
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly since: Option.Option<string>
  readonly tagKeys: ReadonlyArray<string>
  readonly failOnChange: boolean
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** Compares two looks at the estate. */
export const diff = Effect.fn("cadastre diff")(function*(flags: DiffFlags) {
  const { looks, since } = flags
  const [before, after] = looks
  if (looks.length > 2 || (looks.length > 0 && Option.isSome(since))) {
    return yield* new Failure({
      exitCode: ExitCode.usage,
      message: "Name what to compare: two snapshots or files, one of them to compare with a scan of now, or --since with a number of days. " +
        "With none of these, a scan of now is compared with the last snapshot"
    })
  }
  if (before === "now") {
    return yield* new Failure({ exitCode: ExitCode.usage, message: "A scan of now is later than all others: name it last" })
  }
  if (flags.dryRun) {
    return yield* new Failure({ exitCode: ExitCode.usage, message: "--dry-run shows what a scan would do: use it with `cadastre check`" })
  }
  if (flags.demo) {
    const { include, policy } = yield* PolicyChoice.load(flags)
    yield* DemoHistory.fill(yield* requestOf(asScope(flags)), policy, include)
  }
  return before !== undefined && after !== undefined && after !== "now"
    ? yield* compareStored(before, after, flags)
    : yield* compareWithNow(before, flags)
}, (effect, flags) => within({ ...flags, memory: "asked" }, effect))

const asScope = (flags: DiffFlags) => ({ ...flags, format: Option.none<string>() })

/** Days and `latest` of one side are meant of the history of the other, where that is a snapshot's id. */
const compareStored = Effect.fnUntraced(function*(before: string, after: string, flags: DiffFlags) {
  const second = yield* LookArgument.read(after)
  const first = yield* LookArgument.read(before, typeof second === "string" ? second : undefined)
  const result = yield* (yield* Compliance).diff({ before: first, after: second, ...tagKeysOf(flags) })
  yield* write(ChangesText.ofDiff(result), result, result.before.complete && result.after.complete, flags)
  if (!(result.before.complete && result.after.complete) && !flags.allowIncomplete) {
    return yield* new ExitWith({ exitCode: ExitCode.incomplete })
  }
  yield* exitOnChange(result, flags)
})

const compareWithNow = Effect.fnUntraced(function*(before: string | undefined, flags: DiffFlags) {
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const compliance = yield* Compliance
  const request = { ...yield* requestOf(asScope(flags)), policy, include, ...tagKeysOf(flags) }
  const look = before === undefined ? undefined : yield* LookArgument.read(before)
  if (look !== undefined && typeof look !== "string") {
    return yield* new Failure({ exitCode: ExitCode.usage, message: `${look.name} is a file: compare it with another file or a snapshot` })
  }
  // The last snapshot, however young, where nothing else is named.
  const lookbackDays = Option.isNone(flags.since) ? 0 : daysIn(flags.since.value)
  const progress = Progress.make()
  const { stop } = yield* StopSignal
  const result = yield* compliance.drift({
    ...request,
    ...look === undefined ? {} : { baseline: look },
    ...lookbackDays === undefined ? {} : { lookbackDays }
  }, { onEvent: progress.onEvent, stop })
  yield* progress.done
  const { baseline, coverage } = result
  if (baseline === undefined || coverage === undefined) {
    return yield* new Failure({
      exitCode: ExitCode.usage,
      message: `There is nothing to compare with: no complete snapshot of this scope and policy is stored. ` +
        "Store one with `cadastre check --store-snapshot`"
    })
  }
  yield* write(ChangesText.ofDrift(result, source), result, coverage.complete, flags)
  yield* exitUnlessComplete(coverage, flags)
  yield* exitOnChange(result, flags)
})

const tagKeysOf = ({ tagKeys }: DiffFlags) => tagKeys.length === 0 ? {} : { tagKeys }

const write = Effect.fnUntraced(function*(listing: Listing.Listing, { moreChanges }: ResourceChanges, complete: boolean, flags: DiffFlags) {
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, complete && moreChanges === 0, flags)
})

const exitOnChange = ({ totals }: ResourceChanges, flags: DiffFlags): Effect.Effect<void, ExitWith> =>
  flags.failOnChange && totals.added + totals.removed + totals.changed > 0
    ? Effect.fail(new ExitWith({ exitCode: ExitCode.violations }))
    : Effect.void
