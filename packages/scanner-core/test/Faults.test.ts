import { type Fault, type Rule, Simulator } from "@cadastre/aws-simulator"
import { cellKey } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import * as fc from "fast-check"
import { estates, pages } from "./Estates.ts"
import { calls, engine, hurried, scan, shown, truth } from "./Survey.ts"

const fault = fc.constantFrom<Fault>(
  { type: "deny" },
  { type: "deny", by: "scp" },
  { type: "throttle" },
  { type: "throttle" },
  { type: "status", status: 500 },
  { type: "status", status: 503 },
  { type: "reset" },
  { type: "reset", when: "body" },
  { type: "truncate" },
  { type: "malformed" },
  { type: "html" },
  { type: "expired" },
  { type: "disabled-region" },
  { type: "slow", milliseconds: 2 }
)

/** What is asked of STS and of EC2 about Regions stays whole: without it there is no plan. */
const match = fc.record({
  call: fc.constantFrom(
    { service: "sns" },
    { service: "sns", operation: "ListTopics" },
    { service: "sqs" },
    { service: "dynamodb" },
    { service: "ec2", operation: "DescribeVolumes" },
    { service: "s3" },
    { service: "iam" },
    { service: "tagging" }
  ),
  region: fc.option(fc.constantFrom("us-east-1", "us-west-2", "eu-west-1", "eu-north-1"), { nil: undefined }),
  when: fc.oneof(
    fc.constant({}),
    fc.integer({ min: 1, max: 5 }).map((nth) => ({ nth })),
    fc.double({ min: 0.1, max: 0.9, noNaN: true }).map((probability) => ({ probability }))
  )
}).map(({ call, region, when }) => ({ ...call, ...when, ...(region === undefined ? {} : { region }) }))

const rules: fc.Arbitrary<ReadonlyArray<Rule>> = fc.array(fc.record({ match, fault }), { maxLength: 5 })

describe("Scan under faults", () => {
  it("Property 14: every cell of the scope has exactly one outcome", () =>
    fc.assert(
      fc.asyncProperty(estates, pages, rules, fc.option(fc.nat(40)), ({ estate }, paging, faults, stopAt) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ estate, ...paging, rules: faults })
          const stop = yield* Deferred.make<void>()
          let seen = 0
          const { cells, events, plan } = yield* scan({}, {
            stop: Deferred.await(stop),
            each: () =>
              Effect.suspend(() => seen++ === stopAt ? Effect.asVoid(Deferred.done(stop, Exit.void)) : Effect.void)
          }).pipe(Effect.provide(engine(simulator)), hurried)
          assert.sameMembers(cells.map(cellKey), plan.cells.map(cellKey))
          assert.strictEqual(new Set(plan.cells.map(cellKey)).size, plan.cells.length)
          assert.strictEqual(events[0]?._tag, "ScanStarted")
          assert.strictEqual(events.filter(({ _tag }) => _tag === "ScanStarted").length, 1)
          const ended = new Set<string>()
          let progress = 0
          for (const event of events) {
            if (event._tag === "CellEnded") ended.add(cellKey(event.result))
            if (event._tag === "ResourcesFound") assert.isFalse(ended.has(cellKey(event.cell)), "found after its end")
            if (event._tag === "Progress") assert.strictEqual(event.cellsEnded, ++progress)
          }
          assert.strictEqual(progress, plan.cells.length)
          for (const { outcome, reason } of cells) assert.strictEqual(outcome === "scanned", reason === undefined)
          if (stopAt === null) assert.isFalse(cells.some(({ outcome }) => outcome === "skipped"))
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 120 }
    ))

  it("Property 15: whatever goes wrong, what is reported for scanned cells is the truth", () => {
    const outcomes = new Map<string, number>()
    return fc.assert(
      fc.asyncProperty(
        estates,
        pages,
        rules,
        fc.option(match, { nil: undefined, freq: 6 }),
        fc.option(fc.constantFrom("sns", "sqs", "dynamodb"), { nil: undefined }),
        ({ estate }, paging, faults, hang, vanishing) =>
          Effect.gen(function*() {
            const simulator = yield* Simulator.make({ estate, ...paging, rules: faults })
            if (hang !== undefined) simulator.rule({ match: hang, fault: { type: "hang" } })
            if (vanishing !== undefined) {
              // Half of what the service lists is gone when it is asked for.
              simulator.rule({ match: { service: vanishing, probability: 0.5 }, fault: { type: "vanish" } })
              simulator.rule({ match: { service: "tagging" }, fault: { type: "deny" } })
            }
            const { cells, coverage, inCell } = yield* scan().pipe(
              Effect.provide(engine(simulator, undefined, {
                AWS_CALL_TIMEOUT_SECONDS: "5",
                REGION_SCAN_TIMEOUT_SECONDS: "10"
              })),
              hurried
            )
            for (const { outcome, region, resources, type, unknownTags } of cells) {
              outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
              const found = inCell(region, type)
              const real = truth(simulator, region, type)
              const all = new Map(real.map((one) => [one.arn, one]))
              // Nothing is made up, nothing is found twice, and tags are right or known to be unknown.
              assert.strictEqual(new Set(found.map(({ arn }) => arn)).size, found.length)
              for (const one of found) {
                const known = all.get(one.arn)
                if (known === undefined) return assert.fail(`${one.arn} does not exist`)
                if (one.tags !== null) assert.strictEqual(shown(one), shown(known))
              }
              assert.strictEqual(resources, found.length)
              assert.strictEqual(unknownTags, found.filter(({ tags }) => tags === null).length)
              if (outcome !== "scanned") continue
              if (vanishing !== undefined && type.startsWith(vanishing)) continue
              assert.sameMembers(found.map(({ arn }) => arn), real.map(({ arn }) => arn))
            }
            const whole = cells.every(({ outcome, unknownTags }) => outcome === "scanned" && unknownTags === 0)
            assert.strictEqual(coverage.complete, whole)
            // Every call is counted, those of the plan apart.
            const counted = cells.reduce((sum, cell) => sum + cell.calls, 0)
            const planning = calls(simulator, "sts") + calls(simulator, "ec2", "DescribeRegions")
            assert.isAtLeast(counted + planning, calls(simulator))
            // A call that was given up may never have left.
            const isQuick = cells.every(({ outcome }) => outcome !== "timed-out")
            if (hang === undefined && isQuick) assert.strictEqual(counted + planning, calls(simulator))
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 150 }
    ).then(() => {
      // The faults did something, and not everything.
      for (const outcome of ["scanned", "denied", "throttled", "failed", "timed-out"]) {
        assert.isAbove(outcomes.get(outcome) ?? 0, 0, outcome)
      }
    })
  })
})
