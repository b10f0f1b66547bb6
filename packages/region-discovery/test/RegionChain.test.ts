/** The fallbacks of Region discovery when AWS is slow, dead, or of another partition. */
import { type Rule, Simulator } from "@cadastre/aws-simulator"
import type { Account } from "@cadastre/client-factory"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Regions } from "../src/index.ts"
import { accountOf, asked, discover, discovering, enabledOf, until } from "./Discovery.ts"

const estate = { regions: ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"], resources: 0 } as const
const enabled = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]

const calls = (simulator: Simulator["Service"]) => simulator.calls().reduce((sum, row) => sum + row.calls, 0)

/** Each call that arrives hangs for ten seconds, until the work is done. */
const hurried = <A, E, R>(simulator: Simulator["Service"], work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    const progress = { isDone: false, calls: 0 }
    const done = Effect.sync(() => {
      progress.isDone = true
    })
    const fiber = yield* Effect.forkChild(Effect.ensuring(work, done))
    while (!progress.isDone) {
      yield* until(() => progress.isDone || calls(simulator) > progress.calls)
      progress.calls = calls(simulator)
      if (!progress.isDone) yield* TestClock.adjust("10 seconds")
    }
    const answer = yield* Fiber.join(fiber)
    return { answer, seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000 }
  })

describe("Regions, when AWS does not answer", () => {
  it.effect("an old answer is used at once after the first call that hangs", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const account = accountOf(simulator)
      yield* Effect.gen(function*() {
        yield* discover(account)
        yield* TestClock.adjust("2 hours")
        simulator.reset()
        simulator.rule({ fault: { type: "hang" } })
        const { answer, seconds } = yield* hurried(simulator, discover(account))
        assert.deepStrictEqual(enabledOf(answer), enabled)
        assert.strictEqual(answer.discovery.source, "cache")
        assert.isTrue(answer.discovery.exhaustive)
        assert.include(answer.discovery.reason, "no answer within 8 s")
        assert.isAtMost(seconds, 10)
        assert.deepStrictEqual(asked(simulator), ["ec2:DescribeRegions us-east-1 ×1"])
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it.effect("without an old answer the whole chain ends within half a minute, with the default Region", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "hang" } }] })
      const { answer, seconds } = yield* Effect.provide(
        hurried(simulator, discover(accountOf(simulator))),
        discovering(simulator.url, { AWS_CALL_TIMEOUT_SECONDS: "300" })
      )
      assert.deepStrictEqual(enabledOf(answer), ["us-east-1"])
      assert.strictEqual(answer.discovery.source, "default Region")
      assert.isFalse(answer.discovery.exhaustive)
      assert.include(answer.discovery.reason, "account:ListRegions in us-east-1: TimedOut")
      assert.isAtMost(seconds, 30)
    }))

  it.effect("one Region that hangs costs one step", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [{ match: { region: "us-east-1", service: "ec2" }, fault: { type: "hang" } }]
      })
      const { answer, seconds } = yield* Effect.provide(
        hurried(simulator, discover(accountOf(simulator))),
        discovering(simulator.url)
      )
      assert.deepStrictEqual(enabledOf(answer), enabled)
      assert.strictEqual(answer.discovery.source, "account:ListRegions")
      // The call that was answered counts as ten seconds, too.
      assert.isAtMost(seconds, 20)
    }))

  it.effect("many who ask at the same time cause one call, and get one answer", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { ...estate, accounts: ["111122223333", "444455556666"] } })
      yield* Effect.gen(function*() {
        const [first, second] = simulator.estate.accounts.map((id) => accountOf(simulator, id))
        const lists = yield* Effect.forEach(
          Array.from({ length: 200 }, (_, at) => at % 2 === 0 ? first! : { ...second! }),
          discover,
          { concurrency: "unbounded" }
        )
        assert.strictEqual(calls(simulator), 2)
        for (const list of lists) assert.deepStrictEqual(enabledOf(list), enabled)
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it.effect("failures are shared by those who wait, and not kept", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "invalid-credentials" } }] })
      const account = accountOf(simulator)
      yield* Effect.gen(function*() {
        const errors = yield* Effect.forEach(Array(20).fill(account), (one: Account) => Effect.flip(discover(one)), {
          concurrency: "unbounded"
        })
        assert.isTrue(errors.every(({ reason }) => reason._tag === "InvalidCredentials"))
        assert.strictEqual(calls(simulator), 1)
        simulator.clearRules()
        assert.deepStrictEqual(enabledOf(yield* discover(account)), enabled)
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it.effect("one who gives up does not take the answer from the others", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const lift = simulator.rule({ fault: { type: "slow", milliseconds: 200 } })
      yield* Effect.gen(function*() {
        const account = accountOf(simulator)
        const first = yield* Effect.forkChild(discover(account))
        const other = yield* Effect.forkChild(discover(account))
        yield* until(() => calls(simulator) === 1)
        yield* Fiber.interrupt(first)
        assert.deepStrictEqual(enabledOf(yield* Fiber.join(other)), enabled)
        lift()
        assert.strictEqual(calls(simulator), 1)
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))
})

describe("Regions and credentials", () => {
  const describeHome = { service: "ec2", operation: "DescribeRegions" } as const

  it.live("credentials that turn out invalid after a network fault fail as well", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: describeHome, fault: { type: "html" } },
          { match: { service: "account" }, fault: { type: "invalid-credentials" } }
        ]
      })
      const error = yield* Effect.flip(discover(accountOf(simulator))).pipe(
        Effect.provide(discovering(simulator.url, { AWS_MAX_RETRIES: "0" }))
      )
      assert.strictEqual(error.reason._tag, "InvalidCredentials")
      assert.strictEqual(error.operation, "account:ListRegions")
    }))

  it.live("credentials that were known once are not doubted: a service may refuse what it does not know", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: { ...describeHome, region: "us-east-1" }, fault: { type: "deny", by: "scp" } },
          { match: { service: "account" }, fault: { type: "invalid-credentials" } }
        ]
      })
      const list = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.strictEqual(list.discovery.source, "ec2:DescribeRegions in another Region")
      assert.include(list.discovery.reason, "service control policy")
    }))

  it.live("a default Region that is off refuses good credentials: others are asked", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { ...estate, regions: [...estate.regions, { name: "eu-south-1", optInStatus: "not-opted-in" }] }
      })
      const list = yield* discover(accountOf(simulator)).pipe(
        Effect.provide(discovering(simulator.url)),
        withHome("eu-south-1")
      )
      assert.deepStrictEqual(enabledOf(list), enabled)
      assert.strictEqual(list.discovery.status, "fallback")
      simulator.rule({ fault: { type: "invalid-credentials" } })
      const error = yield* Effect.flip(discover(accountOf(simulator))).pipe(
        Effect.provide(discovering(simulator.url)),
        withHome("eu-south-1")
      )
      assert.strictEqual(error.reason._tag, "InvalidCredentials")
    }))
})

describe("Regions of other partitions", () => {
  const partitions = [
    { partition: "aws-cn", id: "222233334444", regions: ["cn-north-1", "cn-northwest-1"] },
    { partition: "aws-us-gov", id: "333344445555", regions: ["us-gov-east-1", "us-gov-west-1"] }
  ] as const

  it.live("every account is asked in its own partition", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: {
          accounts: ["111122223333", "222233334444", "333344445555"],
          partitions: { "222233334444": "aws-cn", "333344445555": "aws-us-gov" },
          resources: 0
        }
      })
      yield* Effect.gen(function*() {
        for (const { id, partition, regions } of partitions) {
          simulator.reset()
          const list = yield* discover(accountOf(simulator, id, partition))
          assert.deepStrictEqual(enabledOf(list), regions)
          assert.strictEqual(list.discovery.status, "complete")
          assert.isTrue(simulator.calls().every(({ region }) => (regions as ReadonlyArray<string>).includes(region)))
        }
        assert.strictEqual(enabledOf(yield* discover(accountOf(simulator))).length, 17)
        const regions = yield* Regions
        assert.deepStrictEqual(
          (["aws", "aws-cn", "aws-us-gov", "aws-eusc"] as const).map((partition) => regions.homeOf(partition)),
          ["us-east-1", "cn-northwest-1", "us-gov-west-1", "eusc-de-east-1"] as ReadonlyArray<string>
        )
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it("Property 1 in every partition: whatever link of the chain answers, the enabled Regions are the same", () => {
    const everywhere = fc.constantFrom<(typeof partitions)[number] | undefined>(undefined, ...partitions)
    const faults = fc.constantFrom<Rule["fault"]>(
      { type: "deny" },
      { type: "deny", by: "scp" },
      { type: "malformed" },
      { type: "truncate" }
    )
    return fc.assert(
      fc.asyncProperty(everywhere, faults, fc.integer({ min: 0, max: 2 }), (one, fault, broken) =>
        Effect.gen(function*() {
          const partition = one?.partition ?? "aws"
          const regions: ReadonlyArray<string> = one?.regions ?? enabled
          const home = { aws: "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1" }[partition]
          const links: ReadonlyArray<Rule> = [
            { match: { service: "ec2", region: home }, fault },
            { match: { service: "account" }, fault }
          ]
          const simulator = yield* Simulator.make({
            estate: { regions, resources: 0 },
            rules: links.slice(0, broken)
          })
          const list = yield* discover(accountOf(simulator, undefined, partition)).pipe(
            Effect.provide(discovering(simulator.url, { AWS_MAX_RETRIES: "0" }))
          )
          assert.deepStrictEqual(enabledOf(list), regions.toSorted())
          assert.strictEqual(
            list.discovery.source,
            ["ec2:DescribeRegions", "account:ListRegions", "ec2:DescribeRegions in another Region"][broken]
          )
          assert.isTrue(list.discovery.exhaustive)
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    )
  })
})

/** The SDK reads `AWS_REGION` from the process itself. */
const withHome = (region: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = process.env.AWS_REGION
      process.env.AWS_REGION = region
      return before
    }),
    () => effect,
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env.AWS_REGION
        else process.env.AWS_REGION = before
      })
  )
