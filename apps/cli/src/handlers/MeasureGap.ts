import { Estate } from "@cadastre/account-discovery"
import { Aws, AwsClients } from "@cadastre/client-factory"
import { attributionGap, PolicySource } from "@cadastre/compliance"
import {
  type AttributionGap,
  byResource,
  byService,
  CostExplorer,
  CostSource,
  curFile,
  focusFile,
  type Source
} from "@cadastre/cost"
import { Untrusted } from "@cadastre/report"
import { ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { AccountScope } from "../AccountFlags.ts"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, exitUnlessComplete, ExitWith } from "../Failure.ts"
import * as GapText from "../GapText.ts"
import * as Progress from "../Progress.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { ScanFlags } from "../ScanFlags.ts"
import { requestOf } from "../ScanRequest.ts"
import { StopSignal } from "../StopSignal.ts"

interface GapFlags extends Connection, AccountScope, Omit<ScanFlags, "dryRun"> {
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly allowIncomplete: boolean
  readonly policy: Option.Option<string>
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly groupBy: AttributionGap.GroupBy
  readonly groupTag: Option.Option<string>
  readonly focus: ReadonlyArray<string>
  readonly cur: ReadonlyArray<string>
  readonly currency: Option.Option<string>
  readonly format: "table" | "json"
  readonly config: Option.Option<string>
}

/** Scans the estate and lays it over its bill. */
export const gap = Effect.fn("cadastre gap")(function*(flags: GapFlags) {
  const registry = yield* ScannerRegistry
  const { policy } = yield* PolicySource.load(flags.policy, (yield* registry.entries).map(({ type }) => type))
  const request = yield* requestOf({ ...flags, dryRun: false, format: Option.none(), output: Option.none() })
  const accounts = yield* (yield* Estate).accounts(request.accounts)
  const progress = Progress.make()
  const { stop } = yield* StopSignal
  const result = yield* attributionGap({
    ...request,
    policy,
    period: { ...given("start", flags.start), ...given("end", flags.end) },
    groupBy: flags.groupBy,
    ...given("tagKey", flags.groupTag),
    ...given("currency", flags.currency),
    reach: accounts.flatMap((one) => one._tag === "Reachable" ? [one.account] : [])
  }, { onEvent: progress.onEvent, stop }).pipe(
    Effect.provide(costs(flags)),
    Effect.ensuring(progress.done)
  )
  yield* ReportOutput.writeStdout(
    flags.format === "json" ? `${Untrusted.json(JSON.stringify(result, null, 2))}\n` : GapText.render(result)
  )
  yield* exitUnlessComplete(result.coverage, flags)
  if (result.unknownAccounts.length > 0 && !flags.allowIncomplete) {
    return yield* new ExitWith({ exitCode: ExitCode.incomplete })
  }
}, (effect, flags) => within(flags, effect))

const given = <K extends string>(name: K, value: Option.Option<string>): { readonly [key in K]?: string } =>
  Option.match(value, { onNone: () => ({}), onSome: (value) => ({ [name]: value }) as { readonly [key in K]?: string } })

/** Files that were named are asked first, then Cost Explorer; with files alone it is not asked: it costs money. */
const costs = ({ cur, focus }: Pick<GapFlags, "cur" | "focus">) => {
  const files: ReadonlyArray<Source> = [
    ...(focus.length > 0 ? [focusFile({ files: focus })] : []),
    ...(cur.length > 0 ? [curFile({ files: cur })] : [])
  ]
  const [first, ...others] = files
  return first !== undefined
    ? Layer.succeed(CostSource, CostSource.bestOf([first, ...others]))
    : Layer.effect(
      CostSource,
      Effect.gen(function*() {
        return CostSource.bestOf([yield* byResource(), yield* byService()])
      })
    ).pipe(
      Layer.provide(CostExplorer.layer),
      Layer.provide(Aws.Aws.layerNoDeps.pipe(Layer.provide(AwsClients.layer)))
    )
}
