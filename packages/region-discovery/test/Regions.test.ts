import { commercialRegions, type OptInStatus, type Region, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Regions } from "../src/index.ts"
import { accountOf, asked, discover, discovering, enabledOf } from "./Discovery.ts"

const statuses = fc.constantFrom<OptInStatus>("opt-in-not-required", "opted-in", "not-opted-in")

/** Some Regions in any state; the default Region is there, or there would be nobody to ask. */
const others = commercialRegions.map(({ name }) => name).filter((name) => name !== "us-east-1")
const regions = fc.subarray(others).chain((names) =>
  fc.tuple(...names.map((name) => statuses.map((optInStatus): Region => ({ name, optInStatus }))))
).map((others): ReadonlyArray<Region> => [...others, { name: "us-east-1", optInStatus: "opt-in-not-required" }])

const isEnabled = ({ optInStatus }: Region) => optInStatus === "opt-in-not-required" || optInStatus === "opted-in"

const estate = {
  accounts: ["111122223333", "444455556666"],
  regions: ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1", { name: "af-south-1", optInStatus: "not-opted-in" }]
} as const
const enabled = ["ap-south-1", "eu-west-1", "us-east-1", "us-west-2"]

const describeHere = { service: "ec2", operation: "DescribeRegions", region: "us-east-1" } as const

describe("Regions", () => {
  it("Property 1: enabled are exactly the Regions that need no opt-in or were opted in to", () =>
    fc.assert(
      fc.asyncProperty(regions, fc.boolean(), (all, fallBack) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({
            estate: { regions: all, resources: 0 },
            // Both ways of asking tell the same.
            rules: fallBack ? [{ match: describeHere, fault: { type: "deny" } }] : []
          })
          const list = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
          assert.deepStrictEqual(enabledOf(list), all.filter(isEnabled).map(({ name }) => name).toSorted())
          const others = list.regions.filter(({ state }) => state !== "enabled")
          assert.deepStrictEqual(
            others.map(({ id }): string => id),
            all.filter((region) => !isEnabled(region)).map(({ name }) => name).toSorted()
          )
          assert.isTrue(others.every(({ state }) => state === "not-opted-in"))
          assert.isTrue(list.discovery.exhaustive)
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it.live("the usual way is one call, and says so", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const list = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.deepStrictEqual(enabledOf(list), enabled)
      assert.deepStrictEqual(list.discovery, { status: "complete", source: "ec2:DescribeRegions", exhaustive: true })
      assert.deepStrictEqual(asked(simulator), ["ec2:DescribeRegions us-east-1 ×1"])
    }))

  const faults = ["deny", "throttle", "reset", "malformed", "html"] as const
  it.live.each(faults)("falls back to account:ListRegions: %s", (type) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, pageSize: 2 })
      simulator.rule({ match: describeHere, fault: { type } })
      const list = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.deepStrictEqual(enabledOf(list), enabled)
      assert.strictEqual(list.discovery.status, "fallback")
      assert.strictEqual(list.discovery.source, "account:ListRegions")
      assert.isTrue(list.discovery.exhaustive)
      assert.include(list.discovery.reason, "ec2:DescribeRegions")
      assert.strictEqual(asked(simulator).at(-1), "account:ListRegions us-east-1 ×3")
    }), 20_000)

  it.live("then to other Regions that every account has", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: describeHere, fault: { type: "deny", by: "scp" } },
          { match: { service: "account" }, fault: { type: "deny" } },
          { match: { ...describeHere, region: "us-west-2" }, fault: { type: "deny" } }
        ]
      })
      const list = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.deepStrictEqual(enabledOf(list), enabled)
      assert.strictEqual(list.discovery.source, "ec2:DescribeRegions in another Region")
      assert.isTrue(list.discovery.exhaustive)
      assert.deepStrictEqual(asked(simulator), [
        "ec2:DescribeRegions us-east-1 ×1",
        "account:ListRegions us-east-1 ×1",
        "ec2:DescribeRegions us-west-2 ×1",
        "ec2:DescribeRegions eu-west-1 ×1"
      ])
    }))

  it.effect("then to an older answer, and last to the default Region alone, which is not the whole estate", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const account = accountOf(simulator)
      yield* Effect.gen(function*() {
        simulator.rule({ fault: { type: "deny" } })
        const alone = yield* discover(account)
        assert.deepStrictEqual(enabledOf(alone), ["us-east-1"])
        assert.strictEqual(alone.discovery.source, "default Region")
        assert.strictEqual(alone.discovery.status, "fallback")
        assert.isFalse(alone.discovery.exhaustive)

        // A guess is not kept.
        simulator.clearRules()
        assert.strictEqual((yield* discover(account)).discovery.status, "complete")

        simulator.rule({ fault: { type: "deny" } })
        yield* TestClock.adjust("3600 seconds")
        const old = yield* discover(account)
        assert.deepStrictEqual(enabledOf(old), enabled)
        assert.strictEqual(old.discovery.source, "cache")
        assert.strictEqual(old.discovery.status, "fallback")
        assert.isTrue(old.discovery.exhaustive)

        // Nor is an old answer new because it was used again.
        simulator.clearRules()
        assert.strictEqual((yield* discover(account)).discovery.status, "complete")
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it.live.each([
    { type: "invalid-credentials", tag: "InvalidCredentials", calls: 1 },
    { type: "expired", tag: "ExpiredToken", calls: 2 }
  ] as const)("$type fails at once: nothing else would answer either", ({ calls, tag, type }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type } }] })
      const error = yield* Effect.flip(discover(accountOf(simulator))).pipe(Effect.provide(discovering(simulator.url)))
      assert.strictEqual(error.reason._tag, tag)
      assert.deepStrictEqual(asked(simulator), [`ec2:DescribeRegions us-east-1 ×${calls}`])
    }))

  it.effect("asks once an hour for each account", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const [first, second] = estate.accounts.map((id) => accountOf(simulator, id))
      const calls = () => simulator.calls().reduce((sum, row) => sum + row.calls, 0)
      yield* Effect.gen(function*() {
        yield* discover(first!)
        yield* discover(first!)
        assert.strictEqual(calls(), 1)
        yield* discover(second!)
        assert.strictEqual(calls(), 2)
        yield* TestClock.adjust("3599 seconds")
        yield* discover(first!)
        assert.strictEqual(calls(), 2)
        yield* TestClock.adjust("1 seconds")
        yield* discover(first!)
        assert.strictEqual(calls(), 3)
        const regions = yield* Regions
        yield* regions.invalidate(first!)
        yield* discover(first!)
        assert.strictEqual(calls(), 4)
        yield* discover(second!)
        assert.strictEqual(calls(), 5)
      }).pipe(Effect.provide(discovering(simulator.url)))
    }))

  it.effect("REGION_CACHE_TTL_SECONDS is how long, from a minute on", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        yield* discover(accountOf(simulator))
        yield* TestClock.adjust("61 seconds")
        yield* discover(accountOf(simulator))
        assert.deepStrictEqual(asked(simulator), ["ec2:DescribeRegions us-east-1 ×2"])
      }).pipe(Effect.provide(discovering(simulator.url, { REGION_CACHE_TTL_SECONDS: "60" })))
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(discovering(simulator.url, { REGION_CACHE_TTL_SECONDS: "59" })))
      )
      assert.include(error.message, "REGION_CACHE_TTL_SECONDS")
      assert.include(error.message, "60")
    }))
})
