/** What has changed, told by CloudTrail of a simulated estate while it is changed. */
import { type Estate, type Fault, Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { type Account, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { AccountId, type Cell, cellKey, type RegionId, ResourceType } from "@cadastre/model"
import { ChangeEvents } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Effect, Layer, Logger, Random } from "effect"
import * as fc from "fast-check"
import { catalog } from "../src/catalog.ts"
import { shown } from "./Survey.ts"

const accounts = ["111122223333", "444455556666"]
const regions = ["us-east-1", "eu-west-1", "eu-west-2"] as Array<RegionId>
const minute = 60_000

/** Types that come and go without an event, which have a test of their own. */
const silent: ReadonlySet<string> = new Set([
  "ec2:network-interface",
  "ec2:vpc-peering-connection",
  "emr:cluster",
  "rds:cluster-snapshot",
  "rds:snapshot"
])
const told = catalog.filter(({ type }) => !silent.has(type))

/** Types that log under one name, and services that replicate from Region to Region. */
const loggedAs = (service: string): string => service === "apigatewayv2" ? "apigateway" : service
const replicating: ReadonlySet<string> = new Set(["dynamodb", "ecr", "kms", "secretsmanager"])

const counts = Object.fromEntries(told.map(({ scope, type }) => [
  type,
  scope === "global" && type !== "s3:bucket" ? { global: 4 } : Object.fromEntries(regions.map((region) => [region, 4]))
]))

const accountOf = (simulator: Simulator["Service"], id: string): Account => ({
  id: AccountId.make(id),
  partition: "aws",
  arn: `arn:aws:iam::${id}:user/simulated`,
  credentials: () => Promise.resolve(simulator.credentials(id))
})

const engine = (url: string) =>
  Aws.Aws.layerNoDeps.pipe(
    Layer.provide([AwsClients.layer, Pacer.layerOff]),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: url })),
    Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))),
    Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
  )

/** Keeps what is logged. */
const gathering = (lines: Array<string>) => Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])

/** Our clock, so many milliseconds ahead: it keeps step with a simulator that was told to advance. */
const ahead = (milliseconds: number) => {
  const real = Clock.Clock.defaultValue()
  const now = () => Date.now() + milliseconds
  return Effect.provideService(Clock.Clock, {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration)
  })
}

const cellsOf = (accountId: string): ReadonlyArray<Cell> =>
  told.flatMap(({ scope, type }) =>
    (scope === "global" ? ["global" as const] : regions).map((region) => ({
      accountId: AccountId.make(accountId),
      region,
      type
    }))
  )

/** What each cell holds. */
const stateOf = (estate: Estate.Estate): ReadonlyMap<string, string> => {
  const found = new Map<string, Array<string>>()
  for (const resource of estate.resources()) {
    const { accountId, type } = resource
    const global = told.find((entry) => entry.type === type)!.scope === "global"
    const key = `${accountId}/${global ? "global" : resource.region}/${type}`
    found.set(key, [...found.get(key) ?? [], `${shown(resource)} ${resource.state}`])
  }
  return new Map([...found].map(([key, texts]) => [key, texts.toSorted().join("\n")]))
}

interface Step {
  readonly minutes: number
  readonly kind: "create" | "delete" | "tag"
  readonly account: number
  readonly region: number
  readonly type: number
  readonly pick: number
}

const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.record({
    minutes: fc.oneof(fc.constant(0), fc.nat(40)),
    kind: fc.constantFrom("create", "delete", "tag"),
    account: fc.nat(1),
    region: fc.nat(2),
    type: fc.nat(told.length - 1),
    pick: fc.nat(3)
  }),
  { maxLength: 12 }
)

interface Changed {
  readonly accountId: string
  readonly region: string
  readonly service: string
}

/** Changes one resource; answers its place, if there was one to change. */
const change = (estate: Estate.Estate, step: Step): Changed | undefined => {
  const { scope, type } = told[step.type]!
  const accountId = accounts[step.account]!
  const region = scope === "global" && type !== "s3:bucket" ? "global" : regions[step.region]!
  const place = { accountId, region, type: type as Estate.EstateResource["type"] }
  const one = [...estate.resources(place)][step.pick]
  if (step.kind === "create") estate.create(place, { Owner: "new", arn: "arn:aws:sns:us-east-1:111122223333:no" })
  else if (one === undefined) return undefined
  else if (step.kind === "delete") estate.delete(one.arn)
  else estate.tag(one.arn, Object.fromEntries([["Owner", `changed ${step.pick}`], ["__proto__", "x"]]))
  return { accountId, region, service: type.split(":")[0]! }
}

const seededOptions = (seed: number, more: SimulatorOptions = {}): SimulatorOptions => ({
  estate: { seed, accounts, regions, counts },
  ...more
})

describe("ChangeEvents", () => {
  it("a cell that is not dirty holds what it held, for any history of changes", () =>
    fc.assert(
      fc.asyncProperty(
        steps,
        fc.nat(),
        fc.constantFrom<SimulatorOptions>({}, { pageSize: 1 }, { pageSize: 3 }, { pages: "ragged" }),
        fc.nat(40),
        (steps, seed, paging, wait) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make(seededOptions(seed, paging))
            const { estate } = simulator
            const before = stateOf(estate)
            const sinceMs = Date.now()
            const changed: Array<Changed> = []
            const moments: Array<{ readonly at: number; readonly state: ReadonlyMap<string, string> }> = []
            let passed = 0
            for (const step of steps) {
              simulator.advance(step.minutes * minute)
              passed += step.minutes * minute
              const place = change(estate, step)
              if (place !== undefined) changed.push(place)
              moments.push({ at: Date.now() + passed, state: stateOf(estate) })
            }
            simulator.advance(wait * minute)
            passed += wait * minute

            for (const id of accounts) {
              const cells = cellsOf(id)
              const { dirty, reasons, through } = yield* ChangeEvents.dirtyCells(accountOf(simulator, id), {
                cells,
                regions,
                entries: told,
                sinceMs
              }).pipe(ahead(passed), Effect.provide(engine(simulator.url)))
              assert.strictEqual(reasons.size, 0)
              // The state that is vouched for: the last one that events can have been delivered of.
              const then = moments.findLast(({ at }) => at <= through)?.state ?? before
              for (const cell of cells) {
                const key = cellKey(cell)
                if (!dirty.has(key)) assert.strictEqual(then.get(key), before.get(key), key)
              }
              // And nothing is scanned anew for changes of other accounts, services or Regions.
              for (const { region, type } of cells.filter((cell) => dirty.has(cellKey(cell)))) {
                const service = type.split(":")[0]!
                assert.isTrue(
                  changed.some((one) =>
                    one.accountId === id && loggedAs(one.service) === loggedAs(service) &&
                    (region === "global" || one.region === region || replicating.has(service))
                  ),
                  `${region} ${type}`
                )
              }
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 50 }
    ), 60_000)

  const nobodyKnows = (options: SimulatorOptions, sinceMs = Date.now()) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(1, options))
      const warnings: Array<string> = []
      const changes = yield* ChangeEvents.since(
        accountOf(simulator, accounts[0]!),
        regions[1]!,
        sinceMs,
        told
      ).pipe(
        Effect.provide([engine(simulator.url), gathering(warnings)])
      )
      assert.isTrue(changes.everything)
      assert.sameMembers([...changes.dirty], told.map(({ type }) => type))
      return { simulator, reason: changes.reason ?? "", warnings }
    })

  it.live.each<{ readonly fault: Fault; readonly says: string }>([
    { fault: { type: "deny" }, says: "AccessDenied" },
    { fault: { type: "deny", by: "scp" }, says: "AccessDenied" },
    { fault: { type: "throttle" }, says: "Throttled" },
    { fault: { type: "status", status: 500 }, says: "Unexpected" },
    { fault: { type: "reset" }, says: "Network" },
    { fault: { type: "html" }, says: "cloudtrail:LookupEvents" },
    { fault: { type: "malformed" }, says: "cloudtrail:LookupEvents" },
    { fault: { type: "disabled-region" }, says: "InvalidCredentials" }
  ])("everything may have changed where CloudTrail does not answer, and a warning says why: $fault.type", ({ fault, says }) =>
    Effect.gen(function*() {
      const { reason, warnings } = yield* nobodyKnows({ rules: [{ match: { service: "cloudtrail" }, fault }] })
      assert.include(reason, says)
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], reason)
      assert.include(warnings[0], "eu-west-1 of account 111122223333 is scanned anew")
    }).pipe(Effect.scoped), 60_000)

  it.live("everything may have changed in what CloudTrail has forgotten: it is not even asked", () =>
    Effect.gen(function*() {
      for (const days of [90, 400]) {
        const { reason, simulator } = yield* nobodyKnows({}, Date.now() - days * 24 * 60 * minute)
        assert.include(reason, "90 days")
        assert.isEmpty(simulator.calls())
      }
      const { reason } = yield* nobodyKnows({}, Number.NaN)
      assert.include(reason, "90 days")
    }).pipe(Effect.scoped))

  it.live("where more has changed than can be read, everything may have: after 40 pages it stops reading", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(1))
      const [queue] = [...simulator.estate.resources({ accountId: accounts[0]!, region: "eu-west-1", type: "sqs:queue" })]
      const ask = (passed: number) =>
        ChangeEvents.since(accountOf(simulator, accounts[0]!), regions[1]!, Date.now(), told)
          .pipe(ahead(passed), Effect.provide(engine(simulator.url)))
      for (let turn = 0; turn < 2000; turn++) simulator.estate.tag(queue!.arn, { Turn: String(turn) })
      simulator.advance(20 * minute)
      const enough = yield* ask(20 * minute)
      assert.isFalse(enough.everything)
      assert.deepStrictEqual([...enough.dirty].map(String), ["sqs:queue"])
      simulator.reset()
      simulator.estate.tag(queue!.arn, { Turn: "last" })
      simulator.advance(20 * minute)
      const tooMuch = yield* ask(20 * minute)
      assert.isTrue(tooMuch.everything)
      assert.include(tooMuch.reason, "2000 changes")
      assert.deepStrictEqual(simulator.calls().map(({ calls, operation }) => [operation, calls]), [["LookupEvents", 40]])
    }).pipe(Effect.scoped), 60_000)

  it.live("asks where the events are: at home for types without a Region, everywhere for buckets", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(3))
      const account = accountOf(simulator, accounts[0]!)
      const asked = (types: ReadonlyArray<string>, own: ReadonlyArray<RegionId>) =>
        Effect.gen(function*() {
          simulator.reset()
          const entries = told.filter(({ type }) => types.includes(type))
          const cells = cellsOf(account.id).filter(({ region, type }) =>
            types.includes(type) && (region === "global" || own.includes(region))
          )
          const { dirty } = yield* ChangeEvents.dirtyCells(account, { cells, regions: own, entries, sinceMs: Date.now() })
          assert.isEmpty([...dirty])
          return simulator.calls().map(({ region }) => region).toSorted()
        }).pipe(Effect.provide(engine(simulator.url)))
      assert.deepStrictEqual(yield* asked(["iam:role"], regions), ["us-east-1"])
      assert.deepStrictEqual(yield* asked(["s3:bucket"], [regions[1]!]), ["eu-west-1", "us-east-1"])
      assert.deepStrictEqual(yield* asked(["sns:topic"], [regions[1]!, regions[2]!]), ["eu-west-1", "eu-west-2"])
      assert.deepStrictEqual(yield* asked([], regions), [])
    }).pipe(Effect.scoped))

  it.live("a Region that does not answer dirties its own cells and all buckets, and no role", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(4, {
        rules: [{ match: { service: "cloudtrail", region: "eu-west-2" }, fault: { type: "deny" } }]
      }))
      const cells = cellsOf(accounts[0]!)
      const warnings: Array<string> = []
      const { dirty, reasons } = yield* ChangeEvents.dirtyCells(accountOf(simulator, accounts[0]!), {
        cells,
        regions,
        entries: told,
        sinceMs: Date.now()
      }).pipe(Effect.provide([engine(simulator.url), gathering(warnings)]))
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "Everything in eu-west-2 of account 111122223333")
      assert.deepStrictEqual([...reasons.keys()].map(String), ["eu-west-2"])
      assert.sameMembers(
        [...dirty],
        cells.filter(({ region, type }) => region === "eu-west-2" || type === "s3:bucket").map(cellKey)
      )
    }).pipe(Effect.scoped))

  it.live("types that events cannot tell of are always dirty, replicated ones everywhere when they are anywhere", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(5))
      const own = [["own:thing", "Own::Thing"], ["rds:snapshot", "AWS::RDS::DBSnapshot"]].map(
        ([type = "", cloudFormation = ""]) => ({
          type: ResourceType.ResourceType.make(type),
          cloudFormation,
          scope: "regional" as const
        })
      )
      const ownCells = own.flatMap(({ type }) =>
        regions.map((region): Cell => ({ accountId: AccountId.make(accounts[0]!), region, type }))
      )
      const cells = [...cellsOf(accounts[0]!), ...ownCells]
      const sinceMs = Date.now()
      const [table] = [...simulator.estate.resources({ accountId: accounts[0]!, region: "eu-west-2", type: "dynamodb:table" })]
      simulator.estate.delete(table!.arn)
      simulator.advance(20 * minute)
      const { dirty } = yield* ChangeEvents.dirtyCells(accountOf(simulator, accounts[0]!), {
        cells,
        regions,
        entries: [...told, ...own],
        sinceMs
      }).pipe(ahead(20 * minute), Effect.provide(engine(simulator.url)))
      assert.sameMembers(
        [...dirty],
        [...ownCells, ...cells.filter(({ type }) => type === "dynamodb:table")].map(cellKey)
      )
    }).pipe(Effect.scoped))

  it.live("asks for as long before the last scan as events may be late, and vouches for as long less", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(seededOptions(6))
      const [topic] = [...simulator.estate.resources({ accountId: accounts[0]!, region: "eu-west-1", type: "sns:topic" })]
      simulator.estate.delete(topic!.arn)
      simulator.advance(60 * minute)
      const changedAt = Date.now()
      const ask = (sinceMs: number) =>
        ChangeEvents.since(accountOf(simulator, accounts[0]!), regions[1]!, sinceMs, told)
          .pipe(ahead(60 * minute), Effect.provide(engine(simulator.url)))
      const shortlyAfter = yield* ask(changedAt + 14 * minute)
      assert.deepStrictEqual([...shortlyAfter.dirty].map(String), ["sns:topic"])
      assert.closeTo(shortlyAfter.through, changedAt + 45 * minute, minute)
      assert.isEmpty((yield* ask(changedAt + 16 * minute)).dirty)
    }).pipe(Effect.scoped))
})
