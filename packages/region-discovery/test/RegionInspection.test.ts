import { type Rule, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Regions } from "../src/index.ts"
import { accountOf, asked, discover, discovering, enabledOf } from "./Discovery.ts"

const estate = {
  resources: 0,
  regions: [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    { name: "af-south-1", optInStatus: "opted-in" },
    { name: "ap-east-1", optInStatus: "not-opted-in", transition: "enabling" },
    { name: "eu-south-1", optInStatus: "not-opted-in", transition: "disabling" },
    { name: "il-central-1", optInStatus: "not-opted-in" }
  ]
} as const

const inspect = (simulator: Simulator["Service"], probe = false) =>
  Regions.use((regions) => regions.inspect(accountOf(simulator), { probe })).pipe(
    Effect.provide(discovering(simulator.url, { AWS_MAX_RETRIES: "0", AWS_CALL_TIMEOUT_SECONDS: "1" }))
  )

const expected = {
  "af-south-1": "enabled",
  "ap-east-1": "enabling",
  "eu-south-1": "disabling",
  "eu-west-1": "enabled",
  "il-central-1": "not-opted-in",
  "us-east-1": "enabled",
  "us-west-2": "enabled"
}

const standingsOf = (regions: ReadonlyArray<{ readonly id: string; readonly standing: string }>) =>
  Object.fromEntries(regions.map(({ id, standing }) => [id, standing]))

describe("Regions.inspect", () => {
  it.live("tells the Regions that are being switched on or off from those that are off", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { discovery, regions, warnings } = yield* inspect(simulator)
      assert.deepStrictEqual(standingsOf(regions), expected)
      assert.isTrue(regions.every(({ standing, state }) => standing === state))
      assert.strictEqual(discovery.status, "complete")
      assert.deepStrictEqual(warnings, [])
      assert.deepStrictEqual(asked(simulator), [
        "ec2:DescribeRegions us-east-1 ×1",
        "account:ListRegions us-east-1 ×1"
      ])
    }))

  it.live("a scan does not ask twice, and never looks at a Region on its way", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const all = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.deepStrictEqual(enabledOf(all), ["af-south-1", "eu-west-1", "us-east-1", "us-west-2"])
      assert.deepStrictEqual(asked(simulator), ["ec2:DescribeRegions us-east-1 ×1"])
      simulator.rule({ match: { service: "ec2" }, fault: { type: "deny" } })
      const listed = yield* discover(accountOf(simulator)).pipe(Effect.provide(discovering(simulator.url)))
      assert.deepStrictEqual(standingsOf(listed.regions.map(({ id, state }) => ({ id, standing: state }))), expected)
    }))

  it.live("says so where the second source may not be asked", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [{ match: { service: "account" }, fault: { type: "deny" } }]
      })
      const { regions, warnings } = yield* inspect(simulator)
      assert.strictEqual(standingsOf(regions)["ap-east-1"], "not-opted-in")
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "account:ListRegions")
    }))

  it.live("without any source the one Region comes with a warning", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "deny" } }] })
      const { discovery, regions, warnings } = yield* inspect(simulator)
      assert.deepStrictEqual(standingsOf(regions), { "us-east-1": "enabled" })
      assert.isFalse(discovery.exhaustive)
      assert.match(warnings[0] ?? "", /default Region.*there may be more.*AccessDenied/u)
    }))

  const faults: ReadonlyArray<{ readonly fault: Rule["fault"]; readonly standing: string; readonly says: string }> = [
    { fault: { type: "deny", by: "scp" }, standing: "scp-denied", says: "service control policy" },
    { fault: { type: "deny" }, standing: "iam-denied", says: "identity-based" },
    { fault: { type: "disabled-region" }, standing: "not-opted-in", says: "RegionDisabled" },
    { fault: { type: "reset" }, standing: "unreachable", says: "Network" },
    { fault: { type: "hang" }, standing: "unreachable", says: "no answer within 1 s" },
    { fault: { type: "throttle" }, standing: "enabled", says: "Throttled" },
    { fault: { type: "status", status: 500 }, standing: "enabled", says: "Unexpected" }
  ]
  it.live.each(faults)("a probe tells $standing: $fault.type", ({ fault, says, standing }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [{ match: { region: "eu-west-1" }, fault }]
      })
      const { regions } = yield* inspect(simulator, true)
      assert.deepStrictEqual(standingsOf(regions), { ...expected, "eu-west-1": standing })
      const one = regions.find(({ id }) => id === "eu-west-1")
      assert.strictEqual(one?.state, "enabled")
      assert.include(one?.reason, says)
      assert.isTrue(regions.every(({ id, reason }) => id === "eu-west-1" || reason === undefined))
      // One call for each enabled Region, none for the others.
      assert.sameMembers(
        asked(simulator).filter((call) => call.includes("DescribeInstances")),
        enabledOf({ regions, discovery: { status: "complete", source: "request", exhaustive: true } })
          .map((id) => `ec2:DescribeInstances ${id} ×1`)
      )
    }))
})
