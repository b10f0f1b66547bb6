/** Simulated estates with their ledgers, and all sources over them. */
import { Bill, days, type Estate, type LedgerLine, ledgerOf, Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { type Account, Aws, AwsSettings } from "@cadastre/client-factory"
import { AccountId, type ResourceType } from "@cadastre/model"
import { ConfigProvider, Effect, Layer, Random } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type AttributionGap,
  byResource,
  byService,
  CostBudget,
  CostExplorer,
  CostPeriod,
  curFile,
  focusFile,
  type Money,
  type Source
} from "../src/index.ts"

export const accountOf = (simulator: Simulator["Service"], id = simulator.estate.accounts[0]!): Account => ({
  id: AccountId.make(id),
  partition: simulator.estate.partitionOf(id),
  arn: `arn:aws:iam::${id}:user/simulated`,
  credentials: () => Promise.resolve(simulator.credentials(id))
})

/** Cost Explorer of a simulator, with a budget of its own. Nothing waits for jitter. */
export const exploring = (url: string, variables: Readonly<Record<string, string>> = {}) =>
  CostExplorer.layerNoDeps.pipe(
    Layer.provideMerge(CostBudget.layer),
    Layer.provide(Aws.Aws.layer),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: url })),
    Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))),
    Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
  )

/** How often Cost Explorer was asked. */
export const asked = (simulator: Simulator["Service"]): Readonly<Record<string, number>> =>
  Object.fromEntries(simulator.calls().filter(({ service }) => service === "ce").map(({ calls, operation }) => [operation, calls]))

export const paidCalls = (simulator: Simulator["Service"]): number =>
  simulator.calls().reduce((sum, { calls, service }) => service === "ce" ? sum + calls : sum, 0)

/** A directory for as long as the scope lives. */
export const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "cadastre-cost-test-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const sourceNames = ["focus", "cur", "cost-explorer-resources", "cost-explorer-services"] as const

/** All four sources over one simulator, the files written for a period. */
export const sources = Effect.fnUntraced(function*(simulator: Simulator["Service"], period: CostPeriod.CostPeriod) {
  const path = yield* directory
  yield* Effect.promise(() => Bill.writeFocus(simulator.estate, join(path, "focus.csv"), period))
  yield* Effect.promise(() => Bill.writeCur(simulator.estate, join(path, "cur.csv"), period))
  const all: ReadonlyArray<Source> = [
    focusFile({ files: join(path, "focus.csv") }),
    curFile({ files: join(path, "cur.csv") }),
    yield* byResource(),
    yield* byService()
  ]
  return all
})

/** What a policy that requires Owner, of a value that is not empty, says of the estate. */
export const judged = (estate: Estate.Estate): ReadonlyArray<AttributionGap.JudgedResource> =>
  [...estate.resources()].map((resource) => ({
    arn: resource.arn,
    id: resource.id,
    type: resource.type as string as ResourceType.ResourceType,
    accountId: AccountId.make(resource.accountId),
    region: resource.region as AttributionGap.JudgedResource["region"],
    state: resource.state,
    attributes: resource.attributes as unknown as AttributionGap.JudgedResource["attributes"],
    standing: standingOf(resource.tags),
    requiredKeys: [["Owner"]],
    tags: resource.tags
  }))

const standingOf = (tags: Readonly<Record<string, string>>): AttributionGap.TagStanding =>
  !Object.hasOwn(tags, "Owner") ? "no-tag" : tags["Owner"] === "" ? "wrong-value" : "compliant"

const dayNumber = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000

/** The ledger's own sum, in money of this package. */
export const ledgerSum = (
  estate: Estate.Estate,
  { end, start }: CostPeriod.CostPeriod,
  fits: (line: LedgerLine) => boolean
): Money.Money =>
  estate.accounts.flatMap((account) => [...ledgerOf(estate, account)]).filter(fits).reduce(
    (sum, line) => sum + line.amortized * BigInt(days(line, dayNumber(start), dayNumber(end)).length) * 1_000_000n,
    0n
  )

export const isCharged = ({ kind }: LedgerLine) => kind !== "Credit" && kind !== "Refund"

/** Days that all four sources know, the last complete ones. */
export const lastDays = (count: number): CostPeriod.CostPeriod => {
  const end = new Date().toISOString().slice(0, 10)
  return { start: CostPeriod.addDays(end, -count), end }
}

export const running = (options: SimulatorOptions) => Simulator.make(options)
