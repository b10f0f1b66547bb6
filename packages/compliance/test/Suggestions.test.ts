import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { policy, start } from "./Bench.ts"

/** An estate in which things that belong together are tagged alike, nine times in ten. */
const simulator = {
  estate: { seed: 11, regions: ["us-east-1", "eu-west-1", "eu-central-1"], resources: 1500, tags: { coherent: 0.9 } }
}

describe("suggestions", () => {
  it.live("are right more often than the commonest value, and as often as they promise", () =>
    Effect.gen(function*() {
      const { check, compliance } = yield* start({ simulator })
      const result = yield* check({ policy, withResources: true })
      const { backtest = [], resources } = yield* compliance.suggest({ policy, backtest: true })
      assert.deepStrictEqual(backtest.map(({ tag }) => tag), ["Owner", "Environment", "CostCenter"])
      for (const { calibrationError, commonest, hitRate, tag, tried } of backtest) {
        assert.isAbove(tried, 500, tag)
        assert.isAtMost(calibrationError, 0.1, tag)
        assert.isAbove(hitRate, Math.min(0.7, 2 * commonest), tag)
      }
      const wanting = result.resources.filter(({ arn }) =>
        result.violations.some((violation) => violation.arn === arn && violation.rule !== "naming_rule")
      )
      assert.sameMembers(resources.map(({ arn }) => arn), wanting.map(({ arn }) => arn))
    }).pipe(Effect.scoped), 60_000)

  it.live("for some ARNs are those of all, and an ARN that is not there is said to be missing", () =>
    Effect.gen(function*() {
      const { compliance } = yield* start({ simulator: { estate: { ...simulator.estate, resources: 300 } } })
      const all = yield* compliance.suggest({ policy })
      const [first] = all.resources
      const none = "arn:aws:sqs:us-east-1:111122223333:not-there"
      const some = yield* compliance.suggest({ policy, arns: [first!.arn, none] })
      assert.deepStrictEqual(some.resources, [first!])
      assert.deepStrictEqual(some.notFound, [none])
      assert.isUndefined(some.backtest)
    }).pipe(Effect.scoped))
})

describe("who made what", () => {
  const place = { accountId: "111122223333", region: "eu-west-1", type: "sqs:queue" } as const
  const setUp = Effect.gen(function*() {
    const bench = yield* start({ simulator: { estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 0 } } })
    const { estate } = bench.simulator
    const byAnn = { role: "AWSReservedSSO_Admin_0123456789abcdef", session: "ann@example.com" }
    const byBob = { role: "AWSReservedSSO_Admin_0123456789abcdef", session: "bob@example.com" }
    const tagged = (owner: string, by: typeof byAnn) =>
      Array.from({ length: 6 }, () => estate.create(place, { Owner: owner, Environment: "test", CostCenter: "CC-0001" }, by))
    tagged("team-a", byAnn)
    tagged("team-b", byBob)
    const queue = estate.create(place, {}, byBob)
    bench.simulator.advance(20 * 60_000)
    const suggest = (creators: boolean) =>
      Effect.map(bench.compliance.suggest({ policy, types: ["sqs:queue"], arns: [queue.arn], creators }), (result) => ({
        notes: result.notes,
        owner: result.resources[0]!.suggestions.find(({ tag }) => tag === "Owner")!.candidates
      }))
    return { ...bench, suggest }
  })

  it.live("is evidence where CloudTrail is asked, and nobody is asked by default", () =>
    Effect.gen(function*() {
      const { simulator, suggest } = yield* setUp
      const without = yield* suggest(false)
      assert.isFalse(without.owner.flatMap(({ evidence }) => evidence).some(({ source }) => source === "creator"))
      assert.isFalse(simulator.calls().some(({ operation }) => operation === "LookupEvents"))
      const { notes, owner } = yield* suggest(true)
      assert.isUndefined(notes)
      assert.strictEqual(owner[0]!.value, "team-b")
      const creator = owner[0]!.evidence.find(({ source }) => source === "creator")!
      assert.deepStrictEqual([creator.agreeing, creator.of], [6, 6])
      assert.include(creator.text, "bob@example.com")
      // One page in the one Region that has any.
      assert.strictEqual(simulator.calls().find(({ operation }) => operation === "LookupEvents")!.calls, 1)
    }).pipe(Effect.scoped))

  it.live("is missing, and said to be, where CloudTrail refuses", () =>
    Effect.gen(function*() {
      const { simulator, suggest } = yield* setUp
      simulator.rule({ match: { service: "cloudtrail", operation: "LookupEvents" }, fault: { type: "deny" } })
      const { notes = [], owner } = yield* suggest(true)
      assert.strictEqual(notes.length, 1)
      assert.match(notes[0]!, /CloudTrail cannot be asked who made what: .*LookupEvents.*\(eu-west-1 of account 111122223333\)/u)
      assert.isFalse(owner.flatMap(({ evidence }) => evidence).some(({ source }) => source === "creator"))
    }).pipe(Effect.scoped))
})
