import { type OptInStatus, type Region, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { RegionSelection } from "../src/index.ts"
import { accountOf, asked, discovering } from "./Discovery.ts"

const estate = {
  regions: [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-central-1",
    { name: "eu-south-1", optInStatus: "not-opted-in" },
    { name: "af-south-1", optInStatus: "not-opted-in" }
  ]
} as const
const enabled = ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1", "us-west-2"]

const select = (
  simulator: Simulator["Service"],
  patterns: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>> = {}
) =>
  Effect.flatMap(RegionSelection.bounds, (bounds) => RegionSelection.select(accountOf(simulator), patterns, bounds)).pipe(
    Effect.provide(discovering(simulator.url, variables))
  )

const onlyDiscovery = (simulator: Simulator["Service"]) =>
  assert.isTrue(asked(simulator).every((call) => call.startsWith("ec2:DescribeRegions ")), asked(simulator).join())

describe("RegionSelection", () => {
  it.live.each([
    { patterns: [], chosen: enabled },
    { patterns: ["all"], chosen: enabled },
    { patterns: ["*"], chosen: enabled },
    { patterns: ["eu-west-1"], chosen: ["eu-west-1"] },
    { patterns: [" EU-West-1 , us-east-1"], chosen: ["eu-west-1", "us-east-1"] },
    { patterns: ["eu-*"], chosen: ["eu-central-1", "eu-west-1", "eu-west-2"] },
    { patterns: ["*-west-*"], chosen: ["eu-west-1", "eu-west-2", "us-west-2"] },
    { patterns: ["eu-*", "us-east-1"], chosen: ["eu-central-1", "eu-west-1", "eu-west-2", "us-east-1"] },
    { patterns: ["eu-*", "!eu-west-*"], chosen: ["eu-central-1"] },
    { patterns: ["!us-*"], chosen: ["eu-central-1", "eu-west-1", "eu-west-2"] },
    { patterns: ["all", "!af-south-1"], chosen: enabled },
    { patterns: ["eu-west-1", "eu-west-1", "eu-*"], chosen: ["eu-central-1", "eu-west-1", "eu-west-2"] }
  ])("$patterns", ({ chosen, patterns }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const selection = yield* select(simulator, patterns)
      assert.deepStrictEqual(selection.regions.map(String), chosen)
      const all = estate.regions.map((region) => typeof region === "string" ? region : region.name)
      assert.sameMembers(selection.skipped.map(String), all.filter((region) => !chosen.includes(region)))
      assert.strictEqual(selection.narrowed, chosen.length < enabled.length)
      assert.isTrue(selection.discovery.exhaustive)
      onlyDiscovery(simulator)
    }))

  it.live.each([
    { patterns: ["eu-wset-1"], problem: "unknown", pattern: "eu-wset-1", valid: enabled },
    { patterns: ["eu-west-1", "cn-north-1"], problem: "unknown", pattern: "cn-north-1", valid: enabled },
    { patterns: ["!eu-wset-1"], problem: "unknown", pattern: "eu-wset-1", valid: enabled },
    { patterns: ["eu-south-1"], problem: "not-enabled", pattern: "eu-south-1", valid: enabled },
    { patterns: ["ap-*"], problem: "matches-nothing", pattern: "ap-*", valid: enabled },
    { patterns: ["af-*"], problem: "matches-nothing", pattern: "af-*", valid: enabled },
    { patterns: ["eu-west-1", "!eu-*"], problem: "matches-nothing", pattern: "eu-west-1,!eu-*", valid: enabled },
    {
      patterns: ["us-east-1"],
      allowed: "eu-*,!eu-west-2",
      problem: "not-allowed",
      pattern: "us-east-1",
      valid: ["eu-central-1", "eu-west-1"]
    },
    { patterns: ["us-*"], allowed: "eu-*", problem: "matches-nothing", pattern: "us-*", valid: enabled.slice(0, 3) },
    { patterns: [], allowed: "sa-*,!us-*", problem: "nothing-allowed", pattern: "sa-*,!us-*", valid: enabled },
    { patterns: ["us-east-1"], allowed: "sa-east-1", problem: "not-allowed", pattern: "us-east-1", valid: [] }
  ])("$patterns within $allowed is an error: $problem", ({ allowed, pattern, patterns, problem, valid }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const variables = allowed === undefined ? {} : { ALLOWED_REGIONS: allowed }
      const error = yield* Effect.flip(select(simulator, patterns, variables))
      assert.strictEqual(error._tag, "RegionFilterError")
      if (error._tag !== "RegionFilterError") return
      assert.strictEqual(error.problem, problem)
      assert.strictEqual(error.pattern, pattern)
      assert.deepStrictEqual(error.valid, valid)
      for (const name of [pattern, ...valid]) assert.include(error.message, name)
      assert.notMatch(error.message, /""|: $/u)
      onlyDiscovery(simulator)
    }))

  it.live("ALLOWED_REGIONS bounds every selection", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const allowed = { ALLOWED_REGIONS: "eu-*, us-west-2, !eu-west-2" }
      assert.deepStrictEqual((yield* select(simulator, [], allowed)).regions.map(String), [
        "eu-central-1",
        "eu-west-1",
        "us-west-2"
      ])
      assert.deepStrictEqual((yield* select(simulator, ["*-west-*"], allowed)).regions.map(String), [
        "eu-west-1",
        "us-west-2"
      ])
    }))

  it("Property 12: multi-Region off: the default Region alone, without asking for others", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("false", "0", "no", "off"),
        fc.constantFrom([], ["all"], ["us-east-1"], ["us-*"], ["*"], ["us-east-1", "us-*"]),
        (flag, patterns) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate })
            const selection = yield* select(simulator, patterns, { MULTI_REGION_ENABLED: flag })
            assert.deepStrictEqual(selection.regions.map(String), ["us-east-1"])
            assert.deepStrictEqual(asked(simulator), [])
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))

  it.live("multi-Region off: another Region in the filter is an error", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      for (const patterns of [["eu-west-1"], ["us-east-1", "eu-*"]]) {
        const error = yield* Effect.flip(select(simulator, patterns, { MULTI_REGION_ENABLED: "false" }))
        assert.strictEqual(error._tag, "RegionFilterError")
        if (error._tag !== "RegionFilterError") return
        assert.strictEqual(error.problem, "multi-region-off")
        assert.strictEqual(error.pattern, patterns.at(-1))
        assert.deepStrictEqual(error.valid, ["us-east-1"])
        assert.include(error.message, "MULTI_REGION_ENABLED")
      }
      // The default Region may not be left out either: there would be nothing to scan.
      const none = yield* Effect.flip(select(simulator, ["!us-east-1"], { MULTI_REGION_ENABLED: "false" }))
      assert.strictEqual(none._tag, "RegionFilterError")
      assert.deepStrictEqual(asked(simulator), [])
    }))

  it.live("multi-Region off: ALLOWED_REGIONS holds there, too", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const variables = { MULTI_REGION_ENABLED: "false", ALLOWED_REGIONS: "eu-*" }
      const error = yield* Effect.flip(select(simulator, [], variables))
      assert.strictEqual(error._tag, "RegionFilterError")
    }))

  it.live("a flag that is none is an error that names it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const error = yield* Effect.flip(select(simulator, [], { MULTI_REGION_ENABLED: "perhaps" }))
      assert.include(error.message, "MULTI_REGION_ENABLED")
      assert.include(error.message, "perhaps")
    }))

  it.live("where the Regions cannot be listed, one that is named is taken at the user's word", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, rules: [{ fault: { type: "deny" } }] })
      const named = yield* select(simulator, ["eu-west-1", "us-west-2"])
      assert.deepStrictEqual(named.regions.map(String), ["eu-west-1", "us-west-2"])
      assert.isTrue(named.discovery.exhaustive)
      const wild = yield* Effect.flip(select(simulator, ["eu-*"]))
      assert.strictEqual(wild._tag, "RegionFilterError")
      const all = yield* select(simulator, [])
      assert.deepStrictEqual(all.regions.map(String), ["us-east-1"])
      assert.isFalse(all.discovery.exhaustive)
    }))

  it("Property 11: the selection is exactly what the words of the filter say", () => {
    const names = ["us-east-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1", "ap-south-1", "af-south-1"]
    const region = (name: string) =>
      fc.constantFrom<OptInStatus>("opt-in-not-required", "opted-in", "not-opted-in").map((optInStatus): Region => ({
        name,
        optInStatus: name === "us-east-1" ? "opt-in-not-required" : optInStatus
      }))
    const wildcards = ["eu-*", "us-*", "*-west-*", "a*", "*-1", "*", "**", "eu-*-2"]
    const pattern = fc.constantFrom(...names, ...wildcards, "mx-central-1")
    const entry = fc.tuple(fc.boolean(), pattern).map(([out, text]) => out ? `!${text}` : text)
    const patterns = fc.array(entry, { maxLength: 4 })
    // The oracle: a regular expression for each wildcard.
    const fits = (id: string) => (text: string) => new RegExp(`^${text.replaceAll("*", ".*")}$`, "u").test(id)
    const takes = (list: ReadonlyArray<string>, id: string) => {
      const wanted = list.filter((text) => !text.startsWith("!"))
      const out = list.filter((text) => text.startsWith("!")).map((text) => text.slice(1))
      return (wanted.length === 0 || wanted.some(fits(id))) && !out.some(fits(id))
    }
    return fc.assert(
      fc.asyncProperty(fc.tuple(...names.map(region)), patterns, patterns, (regions, wanted, allowed) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate: { regions, resources: 0 } })
          const outcome = yield* Effect.result(
            select(simulator, wanted, allowed.length === 0 ? {} : { ALLOWED_REGIONS: allowed.join(",") })
          )
          onlyDiscovery(simulator)
          const on = regions.filter(({ optInStatus }) => optInStatus !== "not-opted-in").map(({ name }) => name)
          const valid = on.filter((id) => takes(allowed, id)).toSorted()
          const chosen = valid.filter((id) => takes(wanted, id))
          // An entry that can have no effect is a mistake of the user's.
          const mistaken = wanted.some((text) =>
            text.startsWith("!")
              ? !text.includes("*") && !names.includes(text.slice(1))
              : !/^\*$/u.test(text) && !wanted.includes("*") && !valid.some((id) => fits(id)(text))
          )
          if (chosen.length === 0 || mistaken) {
            assert.strictEqual(outcome._tag, "Failure")
            const error = outcome._tag === "Failure" ? outcome.failure : undefined
            if (error?._tag !== "RegionFilterError") return assert.fail("another error")
            // With nothing allowed there is nothing to name: what could be allowed is.
            assert.deepStrictEqual(error.valid, error.problem === "nothing-allowed" ? on.toSorted() : valid)
            assert.isTrue(error.problem !== "nothing-allowed" || valid.length === 0)
          } else {
            if (outcome._tag === "Failure") return assert.fail(outcome.failure.message)
            assert.deepStrictEqual(outcome.success.regions.map(String), chosen)
            assert.sameMembers(outcome.success.skipped.map(String), names.filter((id) => !chosen.includes(id)))
            assert.strictEqual(outcome.success.narrowed, chosen.length < on.length)
          }
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 300 }
    )
  })
})
