import type { Source } from "@cadastre/account-discovery"
import { budgetUsd, CostPeriod, CostSources, planned, S3Location } from "@cadastre/cost"
import { AccountId, type Cell, Partition, RegionId, type ResourceType, sweptSourceOf } from "@cadastre/model"
import { ServiceAvailability } from "@cadastre/region-discovery"
import { Untrusted } from "@cadastre/report"
import { IamPolicy, Scan, ScanEstimate, ScannerRegistry, type ScanPlan, type ScanRequest, Sweeps } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as ConfigFile from "../ConfigFile.ts"
import * as CostFlags from "../CostFlags.ts"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"
import * as PlanText from "../PlanText.ts"
import * as ReportOutput from "../ReportOutput.ts"
import type { SourceFlags } from "../SourceFlags.ts"
import * as SourceRequest from "../SourceRequest.ts"

interface PlanFlags extends Connection, AccountScope, SourceFlags, CostChoice {
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly mode: NonNullable<ScanRequest["mode"]>
  readonly format: "table" | "json"
  readonly offline: boolean
  readonly config: Option.Option<string>
}

/** Whether costs will be asked for, of which days, and where. */
type CostChoice = Partial<Omit<CostFlags.BillFlags, "currency">> & { readonly costs?: boolean; readonly minMonthlyCost?: Option.Option<number> }

/** Shows what a scan will do. Asks AWS for the accounts and their Regions alone; with `--offline` for nothing. */
export const plan = Effect.fn("cadastre plan")(function*(flags: PlanFlags) {
  yield* write(yield* flags.offline ? planOffline(flags) : planOnline(flags), flags.format)
})

/** Writes what a plan that was made already comes to: `--dry-run` of a scan. */
export const writePlan = Effect.fnUntraced(function*(
  plan: ScanPlan,
  source: Source,
  format: "table" | "json",
  costs: CostChoice = {}
) {
  yield* write(yield* outlineOf(plan, source, costs), format)
})

const write = (outline: PlanText.PlanOutline, format: "table" | "json") =>
  ReportOutput.writeStdout(
    format === "json" ? `${Untrusted.json(JSON.stringify(outline, null, 2))}\n` : PlanText.render(outline)
  )

const planOnline = (flags: PlanFlags) =>
  within(flags, Effect.gen(function*() {
    const { patterns, source } = yield* sourceOf(flags)
    const scan = yield* Scan
    const { mode, regions, types } = flags
    return yield* outlineOf(
      yield* scan.plan({ ...yield* SourceRequest.requestOf(flags), regions, types, mode, ...(patterns.length === 0 ? {} : { accounts: patterns }) }),
      source,
      flags
    )
  }))

/** What asking for costs in so many accounts will take; nothing where nobody asks. */
const costsOf = Effect.fnUntraced(function*(accounts: number, choice: CostChoice) {
  if (!CostFlags.requested(choice)) return undefined
  const period = yield* CostPeriod.make({
    ...CostFlags.given("start", choice.start ?? Option.none()),
    ...CostFlags.given("end", choice.end ?? Option.none())
  })
  const { cur, focus } = yield* CostSources.files
  const files = [...choice.focus ?? [], ...choice.cur ?? []].length > 0
    ? [...choice.focus ?? [], ...choice.cur ?? []]
    : [...focus, ...cur]
  const limit = yield* budgetUsd
  const earliest = CostPeriod.addDays(CostPeriod.dayOf(yield* Clock.currentTimeMillis), -14)
  const { calls, usd } = files.length > 0
    ? { calls: 0, usd: 0 }
    // Every policy that is worth a check requires a tag.
    : planned({ accounts, byResource: period.start >= earliest, tagKeys: 1 })
  const costs: PlanText.CostPlan = {
    source: files.length > 0 ? "files" : "cost-explorer",
    calls,
    usd,
    budgetUsd: limit,
    withinBudget: usd <= limit
  }
  return { costs, files }
})

const outlineOf = Effect.fnUntraced(function*(plan: ScanPlan, source: Source, choice: CostChoice) {
  const registry = yield* ScannerRegistry
  const { accounts, discovery, partition, regions, types } = plan.scope
  const entries = yield* registry.resolve(types)
  const asking = yield* costsOf(accounts.length, choice)
  const outline: PlanText.PlanOutline = {
    offline: false,
    partition,
    accountIds: accounts.map(({ accountId }) => accountId),
    problems: accounts.flatMap(({ accountId, problem }) => problem === undefined ? [] : [{ accountId, problem }]),
    regions,
    discovery,
    types,
    cells: plan.cells,
    estimate: yield* ScanEstimate.ofPlan(plan),
    ...asking === undefined ? {} : { costs: asking.costs },
    ...policiesOf([...entries, ...plan.sweeps.map(({ entry }) => entry)], source, partition, plan.mode, asking)
  }
  return outline
})

/** Nobody knows an account yet: AWS gives out no such id. */
const placeholder = "000000000000"

const planOffline = Effect.fnUntraced(function*(flags: PlanFlags) {
  const { source } = yield* sourceOf(flags)
  const registry = yield* ScannerRegistry
  const entries = yield* registry.resolve(flags.types)
  if (flags.regions.length === 0) {
    return yield* usage("--offline asks AWS for nothing, so give it the Regions: add --regions us-east-1,eu-west-1")
  }
  if (source._tag === "Organization" || source._tag === "File" || source._tag === "Profiles") {
    return yield* usage("--offline asks AWS for nothing, so the accounts must be given: use --accounts 111122223333")
  }
  const regions = yield* Effect.forEach([...new Set(flags.regions)], (region) =>
    decoded(RegionId, region, `--regions has "${region}": with --offline write Region codes, without wildcards`))
  const named = flags.accounts.length === 0 ? [placeholder] : [...new Set(flags.accounts)]
  const accountIds = yield* Effect.forEach(named, (id) =>
    decoded(AccountId, id, `--accounts has "${id}": with --offline write account ids of 12 digits`))
  const partitions = new Set(regions.map(Partition.ofRegion))
  if (partitions.size > 1) return yield* usage(`--regions are of several partitions: ${[...partitions].join(", ")}`)
  const partition = Partition.ofRegion(regions[0] ?? "us-east-1")
  const asked = yield* SourceRequest.requestOf(flags)
  const isOpen = entries.length === (yield* registry.entries).length
  const sweeps = asked.sources?.map((source) =>
    source === "tagging-api" ? Sweeps.tagging({ isOpen }) : Sweeps.explorer({ isOpen, view: asked.explorerView })
  ) ?? []
  const swept = {
    regions,
    home: Partition.homeRegion(partition),
    hasGlobal: entries.some(({ scope }) => scope === "global")
  }
  const cells = accountIds.flatMap((accountId) => [
    ...sweeps.flatMap(({ type }) =>
      Sweeps.placesOf(sweptSourceOf(type)!, swept).map((region): Cell => ({ accountId, region, type }))
    ),
    ...entries.flatMap(({ scope, type }) =>
      (scope === "global" ? ["global" as const] : regions).map((region): Cell => ({ accountId, region, type }))
    )
  ])
  const exists = ({ region, type }: Cell) =>
    region === "global" ||
    !entries.some((entry) =>
      entry.type === type && ServiceAvailability.isKnownAbsent(entry.actions[0]?.split(":")[0] ?? type, region)
    )
  const asking = yield* costsOf(accountIds.length, flags)
  const outline: PlanText.PlanOutline = {
    offline: true,
    partition,
    accountIds,
    problems: [],
    regions,
    discovery: { status: "complete", source: "request", exhaustive: true },
    types: entries.map(({ type }) => type),
    cells,
    estimate: ScanEstimate.of(cells.filter(exists), [...entries, ...sweeps], { settings: yield* ScanEstimate.settings, partition }),
    ...asking === undefined ? {} : { costs: asking.costs },
    ...policiesOf([...entries, ...sweeps], source, partition, flags.mode, asking)
  }
  return outline
}, (effect, flags) =>
  Effect.flatMap(ConfigFile.load(flags.config), (own) => Effect.provide(effect, ScannerRegistry.layer(catalog, own))).pipe(
    Effect.mapError(failureOf)
  ))

/** What the credentials in use must be allowed, and the role by which other accounts are entered. */
const policiesOf = (
  entries: ReadonlyArray<ResourceType.ResourceTypeInfo>,
  source: Source,
  partition: Partition.Partition,
  mode: PlanFlags["mode"],
  asking: Effect.Success<ReturnType<typeof costsOf>>
): Pick<PlanText.PlanOutline, "policy" | "rolePolicy"> => {
  const bills = asking?.files.flatMap((file) => {
    const location = S3Location.parse(file)
    return location === undefined ? [] : [{ bucket: location.bucket, prefix: S3Location.prefixOf(location) }]
  }) ?? []
  const features: ReadonlyArray<IamPolicy.Feature> = [
    ...mode === "incremental" ? ["incremental" as const] : [],
    ...asking?.costs.source === "cost-explorer" ? ["cost" as const] : []
  ]
  // Bills are read with the credentials in use.
  const reading: ReadonlyArray<IamPolicy.Feature> = bills.length > 0 ? ["cost-files"] : []
  const own = IamPolicy.of(entries, { features })
  if (source._tag === "Current" || source._tag === "Profiles") {
    return { policy: IamPolicy.of(entries, { features: [...features, ...reading], bills, partition }) }
  }
  const role = source.role?.roleName
  const entering: ReadonlyArray<IamPolicy.Feature> = source._tag === "Organization"
    ? ["organizations", "assume-role"]
    : ["assume-role"]
  return {
    policy: IamPolicy.of(entries, {
      features: [...features, ...entering, ...reading],
      bills,
      partition,
      ...(role === undefined ? {} : { roleName: role })
    }),
    rolePolicy: own
  }
}

const usage = (message: string) => new Failure({ exitCode: ExitCode.usage, message })

const decoded = <A>(schema: Schema.Decoder<A>, text: string, problem: string): Effect.Effect<A, Failure> =>
  Option.match(Schema.decodeUnknownOption(schema)(text), {
    onNone: () => Effect.fail(usage(problem)),
    onSome: Effect.succeed
  })

