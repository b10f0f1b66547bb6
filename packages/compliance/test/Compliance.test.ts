import type { Rule } from "@cadastre/aws-simulator"
import { type ComplianceResult, MultiRegionScanError, ResultCache } from "@cadastre/compliance"
import { policyHash, type TagPolicy } from "@cadastre/policy"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, Logger, Path } from "effect"
import * as fc from "fast-check"
import { estate, policy, scanCalls, start, turn, until, withoutTimes } from "./Bench.ts"
import * as GroundTruth from "./GroundTruth.ts"

const deny = (service: string): Rule => ({ match: { service }, fault: { type: "deny" } })

/** The violations that count against a resource, as `ARN tag`. */
const errorsOf = ({ violations }: ComplianceResult) =>
  violations
    .filter(({ severity }) => severity === "error")
    .map(({ arn, tag }) => `${arn} ${tag}`)
    .toSorted()

const figuresOf = ({
  complianceScore,
  compliantResources,
  notApplicable,
  notApplicableByReason,
  resourcesFound,
  totalResources
}: ComplianceResult) => ({
  complianceScore,
  totalResources,
  compliantResources,
  notApplicable,
  notApplicableByReason,
  resourcesFound
})

/** Something of everything that is not scored: default groups, AWS's own roles, terminated instances. */
const mixed = {
  "ec2:instance": { "us-east-1": 60 },
  "ec2:security-group": { "us-east-1": 4, "eu-west-1": 3 },
  "iam:role": { global: 12 }
}

describe("Compliance.check", () => {
  it.live("equals the ground truth: score, counts, violations, breakdowns", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const truth = [...simulator.estate.resources()]
      const result = yield* check({ policy, withResources: true })

      assert.deepStrictEqual(figuresOf(result), GroundTruth.figuresOf(truth))
      assert.deepStrictEqual(errorsOf(result), truth.flatMap(GroundTruth.errorsOf).toSorted())
      assert.deepStrictEqual(
        result.resources.map(({ arn }) => arn),
        truth.map(({ arn }) => arn).toSorted()
      )
      assert.strictEqual(result.unknownTags, 0)
      for (const [groups, keyOf] of [
        [result.byRegion, (r: (typeof truth)[number]) => r.region],
        [result.byType, (r: (typeof truth)[number]) => r.type],
        [result.byAccount, (r: (typeof truth)[number]) => r.accountId]
      ] as const) {
        const expected = Map.groupBy(truth, keyOf)
        for (const [key, resources] of expected) {
          assert.strictEqual(groups[key]?.totalResources, resources.filter(GroundTruth.isScored).length, key)
          assert.strictEqual(groups[key]?.compliantResources, GroundTruth.figuresOf(resources).compliantResources, key)
        }
        assert.isTrue(
          Object.entries(groups).every(([key, { resourcesFound }]) => expected.has(key) || resourcesFound === 0)
        )
      }
      assert.deepStrictEqual(result.accountIds, simulator.estate.accounts)
      assert.deepStrictEqual(result.scope.accountIds, simulator.estate.accounts)
      assert.strictEqual(result.policyHash, policyHash(policy))
      assert.isTrue(result.coverage.complete)
      assert.deepStrictEqual(result.scoreBounds, { lowest: result.complianceScore!, highest: result.complianceScore! })
      assert.deepStrictEqual(result.regionMetadata, {
        totalRegions: 3,
        successfulRegions: result.scope.regions,
        incompleteRegions: [],
        failedRegions: [],
        skippedRegions: []
      })
      assert.isFalse(result.fromCache)
      assert.isFalse(result.storedInHistory)
    })
  )

  it.live("what is free, default or AWS's own counts when it is asked for; what is gone never does", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({
        simulator: { estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 0, counts: mixed } }
      })
      const truth = [...simulator.estate.resources()]
      const of = (result: ComplianceResult): Readonly<Record<string, number>> => ({ ...result.notApplicableByReason, scored: result.totalResources })
      const count = (isSo: (one: (typeof truth)[number]) => boolean) => truth.filter(isSo).length
      const [free, byDefault, awsCreated, deleted] = [
        count(({ mark, type }) => mark === undefined && type !== "ec2:instance"),
        count(({ mark }) => mark === "default"),
        count(({ mark }) => mark === "aws-created"),
        count(({ mark }) => mark === "deleted")
      ]
      const instances = count(({ mark, type }) => mark === undefined && type === "ec2:instance")
      for (const some of [free, byDefault, awsCreated, deleted, instances]) assert.isAbove(some, 0)
      const types = Object.keys(mixed)

      const plain = yield* check({ policy, types })
      assert.deepStrictEqual(of(plain), { free, default: byDefault, "aws-created": awsCreated, deleted, scored: instances })
      assert.isTrue(plain.violations.every(({ resourceType }) => resourceType === "ec2:instance"))

      const withFree = yield* check({ policy, types, include: ["free"] })
      assert.deepStrictEqual(of(withFree), {
        default: byDefault, "aws-created": awsCreated, deleted, scored: instances + free
      })
      // A default security group is free as well: both reasons have to be lifted.
      const withDefault = yield* check({ policy, types, include: ["default"] })
      assert.strictEqual(withDefault.notApplicableByReason.free, free + byDefault)
      const withAll = yield* check({ policy, types, include: ["aws-created", "default", "free"] })
      assert.deepStrictEqual(of(withAll), { deleted, scored: truth.length - deleted })
      assert.strictEqual(withAll.resourcesFound, plain.resourcesFound)
    })
  )

  it.live("a free type that the policy names counts; one that it only does not leave out does not", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({
        simulator: { estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 0, counts: mixed } }
      })
      const truth = [...simulator.estate.resources()].filter(({ mark }) => mark === undefined)
      const scoredOf = (applies_to: ReadonlyArray<string>) =>
        Effect.map(check({ policy: { required_tags: [{ name: "Owner", applies_to }] }, types: Object.keys(mixed) }),
          ({ byType }) => Object.entries(byType).flatMap(([type, { totalResources }]) => totalResources > 0 ? [type] : []))
      assert.isAbove(truth.length, 0)
      assert.deepStrictEqual(yield* scoredOf([]), ["ec2:instance"])
      assert.deepStrictEqual(yield* scoredOf(["*"]), ["ec2:instance"])
      assert.deepStrictEqual(yield* scoredOf(["*", "iam:role"]), ["ec2:instance"])
      assert.deepStrictEqual(yield* scoredOf(["ec2:instance", "iam:role"]), ["ec2:instance", "iam:role"])
      assert.deepStrictEqual(yield* scoredOf(["IAM:*", "vpc:security_group"]), ["ec2:security-group", "iam:role"])
    })
  )

  it.live("bounds: what is free and was not seen cannot change the score", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      simulator.rule({ match: { service: "iam" }, fault: { type: "deny" } })
      const result = yield* check({ policy, types: ["ec2:instance", "iam:role"] })
      assert.isFalse(result.coverage.complete)
      assert.deepStrictEqual(result.scoreBounds, { lowest: result.complianceScore!, highest: result.complianceScore! })
    })
  )

  it.live("a scope is what is asked for: types and Regions make the denominator", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const result = yield* check({ policy, types: ["ec2:*", "s3:bucket"], regions: ["eu-*"] })
      const truth = [...simulator.estate.resources()].filter(
        ({ region, type }) => region.startsWith("eu-") && (type.startsWith("ec2:") || type === "s3:bucket")
      )
      assert.deepStrictEqual(figuresOf(result), GroundTruth.figuresOf(truth))
      assert.deepStrictEqual<ReadonlyArray<string>>(result.regionMetadata.skippedRegions, ["us-east-1"])
      assert.strictEqual(result.regionMetadata.totalRegions, 2)
    })
  )

  it.live("severity filters what is listed: no count, score or denominator", () =>
    Effect.gen(function*() {
      const { check } = yield* start()
      const all = yield* check({ policy })
      const errors = yield* check({ policy, severity: "errors_only" })
      const warnings = yield* check({ policy, severity: "warnings_only" })
      assert.isAbove(errors.violations.length, 0)
      assert.isAbove(warnings.violations.length, 0)
      assert.deepStrictEqual(
        errors.violations,
        all.violations.filter(({ severity }) => severity === "error")
      )
      assert.deepStrictEqual(
        warnings.violations,
        all.violations.filter(({ severity }) => severity === "warning")
      )
      const rest = ({ violations: _, ...others }: ComplianceResult) =>
        withoutTimes({ ...others, coverage: { ...others.coverage, table: [] } })
      assert.strictEqual(rest(errors), rest(all))
      assert.strictEqual(rest(warnings), rest(all))
    })
  )

  it.live("multi-Region off: the default Region alone, totalRegions 1", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({ settings: { MULTI_REGION_ENABLED: "false" } })
      const result = yield* check({ policy, types: ["ec2:instance", "sns:topic"] })
      assert.deepStrictEqual(result.regionMetadata, {
        totalRegions: 1,
        successfulRegions: result.scope.regions,
        incompleteRegions: [],
        failedRegions: [],
        skippedRegions: []
      })
      assert.deepStrictEqual<ReadonlyArray<string>>(result.scope.regions, ["us-east-1"])
      assert.deepStrictEqual([...new Set(simulator.calls().map(({ region }) => region))], ["us-east-1"])
    })
  )

  it.live("unknown tags are neither compliant nor violations; the result is not complete", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({
        simulator: { estate: { ...estate, counts: { "sns:topic": { "us-east-1": 8 } }, resources: 0 } }
      })
      simulator.rule(deny("tagging"))
      simulator.rule({
        match: { service: "sns", operation: "ListTagsForResource", nth: [1, 2, 3] },
        fault: { type: "deny" }
      })
      const result = yield* check({ policy, types: ["sns:topic"], withResources: true })
      const unknown = result.resources.filter(({ tags }) => tags === null)
      const known = [...simulator.estate.resources()].filter(({ arn }) =>
        unknown.every((resource) => resource.arn !== arn)
      )
      assert.strictEqual(unknown.length, 3)
      assert.strictEqual(result.unknownTags, 3)
      assert.strictEqual(result.coverage.unknownTags, 3)
      assert.deepStrictEqual(figuresOf(result), { ...GroundTruth.figuresOf(known), resourcesFound: 8 })
      assert.isTrue(result.violations.every(({ arn }) => unknown.every((resource) => resource.arn !== arn)))
      assert.isFalse(result.coverage.complete)
      // The three may all comply, or none of them.
      const { compliantResources } = result
      assert.deepStrictEqual(result.scoreBounds, {
        lowest: compliantResources / 8,
        highest: (compliantResources + 3) / 8
      })
      assert.isFalse((yield* check({ policy, types: ["sns:topic"], withResources: true })).fromCache)
    })
  )

  it.live("what is seen of an estate with denials is the truth of the cells that were seen", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      for (const service of ["sqs", "iam"]) simulator.rule(deny(service))
      simulator.rule({
        match: { service: "ec2", operation: "DescribeVolumes", region: "eu-west-1" },
        fault: { type: "deny", by: "scp" }
      })
      const result = yield* check({ policy })
      const seen = [...simulator.estate.resources()].filter(
        ({ region, type }) =>
          !["sqs:queue", "iam:role"].includes(type) && !(type === "ec2:volume" && region === "eu-west-1")
      )
      assert.deepStrictEqual(figuresOf(result), GroundTruth.figuresOf(seen))
      assert.deepStrictEqual(errorsOf(result), seen.flatMap(GroundTruth.errorsOf).toSorted())
      // Queues in three Regions; roles, users and policies; volumes in one.
      assert.strictEqual(result.coverage.cells.denied, 3 + 3 + 1)
      assert.deepStrictEqual(result.regionMetadata.incompleteRegions, result.scope.regions)
      assert.notProperty(result, "scoreBounds")
      assert.deepStrictEqual(result.accountIds, simulator.estate.accounts)
    })
  )
})

describe("when every Region fails", () => {
  it.live("it is a MultiRegionScanError with the partial result, and nothing is cached", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const lift = simulator.rule({
        match: { service: "ec2", operation: "DescribeInstances" },
        fault: { type: "deny", by: "scp" }
      })
      const error = yield* Effect.flip(check({ policy, types: ["ec2:instance"] }))
      assert.instanceOf(error, MultiRegionScanError)
      const { failedRegions, partialResult } = error
      assert.deepStrictEqual<ReadonlyArray<string>>(failedRegions, ["eu-central-1", "eu-west-1", "us-east-1"])
      assert.notProperty(partialResult, "complianceScore")
      assert.strictEqual(partialResult.coverage.cells.denied, 3)
      assert.deepStrictEqual(partialResult.accountIds, simulator.estate.accounts)
      assert.isTrue(partialResult.coverage.table.every(({ reason }) => reason?.error === "AccessDenied"))
      for (const part of ["3 Regions", "eu-central-1", "AccessDenied", "service control policy"])
        assert.include(error.message, part)
      lift()
      const result = yield* check({ policy, types: ["ec2:instance"] })
      assert.isFalse(result.fromCache)
      assert.isTrue(result.coverage.complete)
    })
  )

  it.live("one Region that answers is a result", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      for (const region of ["eu-west-1", "eu-central-1"]) simulator.rule({ match: { region }, fault: { type: "deny" } })
      const result = yield* check({ policy, types: ["ec2:instance"] })
      assert.deepStrictEqual<ReadonlyArray<string>>(result.regionMetadata.failedRegions, ["eu-central-1", "eu-west-1"])
      assert.deepStrictEqual<ReadonlyArray<string>>(result.regionMetadata.successfulRegions, ["us-east-1"])
    })
  )
})

describe("the cache", () => {
  it.live("a complete result is kept: the second check makes no call to scan; forceRefresh does", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const first = yield* check({ policy })
      const calls = scanCalls(simulator)
      assert.isAbove(calls, 0)
      // The same request, written differently.
      const second = yield* check({
        policy: { ...policy, description: "no matter" },
        types: ["all"],
        severity: "all",
        seed: 3
      })
      assert.strictEqual(scanCalls(simulator), calls)
      assert.isTrue(second.fromCache)
      assert.strictEqual(withoutTimes({ ...second, fromCache: false }), withoutTimes(first))
      const third = yield* check({ policy, forceRefresh: true })
      assert.isFalse(third.fromCache)
      assert.strictEqual(scanCalls(simulator), 2 * calls)
      assert.strictEqual(withoutTimes(third), withoutTimes(first))
    })
  )

  it.live("forceRefresh sees what has changed, and later checks see it too", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const before = yield* check({ policy, types: ["sqs:queue"] })
      const wrong = [...simulator.estate.resources({ type: "sqs:queue" })].find(
        (queue) => !GroundTruth.isCompliant(queue)
      )!
      simulator.estate.tag(wrong.arn, { Owner: "a", Environment: "test", CostCenter: "CC-1000" })
      assert.strictEqual((yield* check({ policy, types: ["sqs:queue"] })).compliantResources, before.compliantResources)
      const after = yield* check({ policy, types: ["sqs:queue"], forceRefresh: true })
      assert.strictEqual(after.compliantResources, before.compliantResources + 1)
      const cached = yield* check({ policy, types: ["sqs:queue"] })
      assert.isTrue(cached.fromCache)
      assert.strictEqual(cached.compliantResources, after.compliantResources)
    })
  )

  it.live("only complete results are kept: while a service is denied, each check scans", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const lift = simulator.rule(deny("sqs"))
      const denied = yield* check({ policy })
      assert.isFalse(denied.coverage.complete)
      const calls = scanCalls(simulator)
      assert.isFalse((yield* check({ policy })).fromCache)
      assert.strictEqual(scanCalls(simulator), 2 * calls)
      lift()
      const whole = yield* check({ policy })
      assert.isFalse(whole.fromCache)
      assert.isTrue(whole.coverage.complete)
      assert.isAbove(whole.totalResources, denied.totalResources)
      assert.isTrue((yield* check({ policy })).fromCache)
    })
  )

  it.live("another request is another entry: types, Regions, policy, severity, resources", () =>
    Effect.gen(function*() {
      const { check } = yield* start()
      const other: TagPolicy = { required_tags: [{ name: "Team" }] }
      const requests = [
        { policy, types: ["sns:topic"] },
        { policy, types: ["sqs:queue"] },
        { policy, types: ["sns:topic"], regions: ["eu-west-1"] },
        { policy: other, types: ["sns:topic"] },
        { policy, types: ["sns:topic"], severity: "errors_only" },
        { policy, types: ["sns:topic"], withResources: true }
      ] as const
      for (const request of requests) assert.isFalse((yield* check(request)).fromCache)
      for (const request of requests) assert.isTrue((yield* check(request)).fromCache)
    })
  )
})

describe("single flight", () => {
  it.live("identical checks at the same time share one scan", () =>
    Effect.gen(function*() {
      const alone = yield* start()
      yield* alone.check({ policy })
      const { check, simulator } = yield* start()
      const results = yield* Effect.all(
        Array.from({ length: 8 }, () => check({ policy })),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(scanCalls(simulator), scanCalls(alone.simulator))
      for (const result of results) assert.strictEqual(withoutTimes(result), withoutTimes(results[0]))
    })
  )

  it.live("a failure is shared too, and is not remembered", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const lift = simulator.rule({ match: { operation: "ListTopics" }, fault: { type: "deny" } })
      const request = { policy, types: ["sns:topic"] }
      const exits = yield* Effect.all(
        [1, 2, 3].map(() => Effect.exit(check(request))),
        { concurrency: "unbounded" }
      )
      assert.isTrue(exits.every(Exit.isFailure))
      assert.strictEqual(scanCalls(simulator), 3)
      lift()
      assert.isTrue((yield* check(request)).coverage.complete)
    })
  )

  it.live("the first is interrupted: the other still gets its result, of the same scan", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start()
      const request = { policy, types: ["ec2:*"] }
      yield* check(request)
      const calls = scanCalls(simulator)
      simulator.reset()
      const gate = yield* Deferred.make<void>()
      let begun = false
      const first = yield* Effect.forkChild(
        check(
          { ...request, forceRefresh: true },
          {
            onEvent: () =>
              Effect.suspend(() => {
                begun = true
                return Deferred.await(gate)
              })
          }
        )
      )
      yield* until(() => begun)
      const second = yield* Effect.forkChild(check({ ...request, forceRefresh: true }))
      for (let n = 0; n < 20; n++) yield* turn
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      const result = yield* Fiber.join(second)
      assert.isTrue(result.coverage.complete)
      assert.strictEqual(scanCalls(simulator), calls)
    })
  )

  it.live("all are interrupted: the calls stop", () =>
    Effect.gen(function*() {
      const counts = { "sns:topic": { "us-east-1": 3 }, "ec2:instance": { "us-east-1": 400 } }
      const { check, simulator } = yield* start({
        simulator: {
          estate: { ...estate, resources: 0, counts },
          pageSize: ({ service }) => (service === "ec2" ? 2 : 100),
          latency: 2
        }
      })
      const request = { policy, types: ["ec2:instance"] }
      const fibers = yield* Effect.all([1, 2].map(() => Effect.forkChild(check(request))))
      yield* until(() => scanCalls(simulator, "DescribeInstances") >= 5)
      yield* Effect.forEach(fibers, Fiber.interrupt)
      // Time enough for the request that was on its way, and for many more if they went on.
      yield* check({ policy, types: ["sns:topic"] })
      const before = scanCalls(simulator, "DescribeInstances")
      yield* check({ policy, types: ["sns:topic"], forceRefresh: true })
      assert.strictEqual(scanCalls(simulator, "DescribeInstances"), before)
      assert.isBelow(before, 100)
      assert.isFalse((yield* check(request)).fromCache)
    })
  )
})

describe("stop", () => {
  it.live("gives what there is: incomplete, and not kept", () =>
    Effect.gen(function*() {
      const { check, simulator } = yield* start({ simulator: { estate, latency: { milliseconds: 1, jitter: 30 } } })
      const stop = yield* Deferred.make<void>()
      const result = yield* check(
        { policy },
        {
          stop: Deferred.await(stop),
          onEvent: (event) =>
            event._tag === "CellEnded" ? Effect.asVoid(Deferred.succeed(stop, undefined)) : Effect.void
        }
      )
      const { cells, complete, table } = result.coverage
      assert.isAbove(cells.skipped, 0)
      assert.isAbove(cells.scanned, 0)
      assert.isFalse(complete)
      assert.isTrue(
        table.filter(({ outcome }) => outcome === "skipped").every(({ reason }) => reason?.error === "Interrupted")
      )
      const seen = new Set(
        table.filter(({ outcome }) => outcome === "scanned").map(({ region, type }) => `${region} ${type}`)
      )
      const truth = [...simulator.estate.resources()].filter(({ region, type }) =>
        seen.has(`${type === "s3:bucket" ? "global" : region} ${type}`)
      )
      assert.deepStrictEqual(figuresOf(result), GroundTruth.figuresOf(truth))
      const again = yield* check({ policy })
      assert.isFalse(again.fromCache)
      assert.isTrue(again.coverage.complete)
    })
  )

  it.live("stops nobody but the one who asked for it", () =>
    Effect.gen(function*() {
      const { check } = yield* start({ simulator: { estate, latency: { milliseconds: 1, jitter: 30 } } })
      const stop = yield* Deferred.make<void>()
      let begun = false
      const stopped = yield* Effect.forkChild(
        check(
          { policy },
          {
            stop: Deferred.await(stop),
            onEvent: () =>
              Effect.sync(() => {
                begun = true
              })
          }
        )
      )
      yield* until(() => begun)
      const other = yield* Effect.forkChild(check({ policy }))
      for (let n = 0; n < 20; n++) yield* turn
      yield* Deferred.succeed(stop, undefined)
      assert.isFalse((yield* Fiber.join(stopped)).coverage.complete)
      assert.isTrue((yield* Fiber.join(other)).coverage.complete)
    })
  )
})

describe("Property 24: determinism", () => {
  it.live(
    "same estate, same request, whatever the order of arrival: byte-identical JSON apart from times",
    () =>
      Effect.gen(function*() {
        const counts = {
          "ec2:instance": 25,
          "s3:bucket": 12,
          "sns:topic": 9,
          "sqs:queue": 7,
          "lambda:function": 8,
          "iam:role": 5,
          "rds:db": 4
        }
        const small = { seed: 11, regions: ["us-east-1", "eu-west-1"], counts, tags: { hostile: 0.3 } }
        const { check } = yield* start({
          simulator: { estate: small, seed: 5, latency: { milliseconds: 0, jitter: 6 }, pageSize: 7 }
        })
        const request = fc.record({
          types: fc.subarray(Object.keys(counts), { minLength: 1 }),
          regions: fc.constantFrom(["all"], ["us-east-1"], ["eu-*"]),
          severity: fc.constantFrom("all" as const, "errors_only" as const, "warnings_only" as const),
          withResources: fc.boolean()
        })
        const services = yield* Effect.context()
        const run = Effect.runPromiseWith(services)
        const orders = new Set<string>()
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(request, fc.nat(), fc.nat(), async (request, one, other) => {
              const once = (seed: number) => {
                const order: Array<string> = []
                const onEvent = (event: {
                  readonly _tag: string
                  readonly result?: { readonly type: string; readonly region: string }
                }) =>
                  Effect.sync(() => {
                    if (event.result !== undefined) order.push(`${event.result.region} ${event.result.type}`)
                  })
                return run(
                  Effect.map(check({ ...request, policy, seed, forceRefresh: true }, { onEvent }), (result) => {
                    orders.add(order.join())
                    return withoutTimes(result)
                  })
                )
              }
              assert.strictEqual(await once(other), await once(one))
            }),
            { numRuns: 100, seed: 24 }
          )
        )
        assert.isAbove(orders.size, 50)
      }),
    20_000
  )

  it.live("two simulators with other seeds of jitter, all types: the same bytes", () =>
    Effect.gen(function*() {
      const once = Effect.fnUntraced(function*(seed: number) {
        const { check } = yield* start({ simulator: { estate, seed, latency: { milliseconds: 1, jitter: 20 } } })
        return withoutTimes(yield* check({ policy, withResources: true, seed }))
      })
      assert.strictEqual(yield* once(1), yield* once(2))
    })
  )
})

describe("secrets", () => {
  const secrets = { secretAccessKey: "PLANTED/secret+key/0123456789abcdefghij", sessionToken: "PLANTED-session-token" }
  const files = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

  it.live("none in a result, an error, a log line or a cache file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "cadastre-test-" })
      const logged: Array<string> = []
      const logger = Logger.make(
        ({ cause, message }) => void logged.push(`${JSON.stringify(message)} ${String(cause)}`)
      )
      const work = Effect.gen(function*() {
        const cache = ResultCache.layerFiles(path.join(directory, "cache")).pipe(Layer.provide(files), Layer.orDie)
        const { check, simulator } = yield* start({
          cache,
          credentials: { accessKeyId: "AKIA111122223333SIM1", ...secrets }
        })
        const outputs: Array<string> = [JSON.stringify(yield* check({ policy, withResources: true }))]
        for (const fault of ["deny", "html", "malformed", "reset", "bad-signature", "expired"] as const) {
          const lift = simulator.rule({ match: { service: "sns", operation: "ListTopics" }, fault: { type: fault } })
          const exit = yield* Effect.exit(check({ policy, types: ["sns:topic"], forceRefresh: true }))
          assert.isTrue(Exit.isFailure(exit), fault)
          outputs.push(JSON.stringify(exit), String(Exit.isFailure(exit) ? exit.cause : ""))
          lift()
        }
        const lift = simulator.rule({
          match: { service: "ec2", operation: "DescribeRegions" },
          fault: { type: "deny" }
        })
        yield* check({ policy, types: ["sns:topic"] })
        lift()
        return outputs
      })
      const outputs = yield* Effect.provide(work, Logger.layer([logger]))
      const stored = yield* Effect.forEach(yield* fs.readDirectory(path.join(directory, "cache")), (name) =>
        fs.readFileString(path.join(directory, "cache", name))
      )
      assert.isAbove(stored.length, 0)
      for (const text of [...outputs, ...stored, ...logged]) {
        assert.notInclude(text, "PLANTED")
        assert.notInclude(text, "AKIA111122223333SIM1")
      }
    }).pipe(Effect.provide(files))
  )

  it.live("none in the error when the credentials are refused", () =>
    Effect.gen(function*() {
      const { check } = yield* start({ credentials: { accessKeyId: "AKIAPLANTEDPLANTED00", ...secrets } })
      const error = yield* Effect.flip(check({ policy }))
      assert.strictEqual(error._tag, "AwsError")
      for (const text of [error.message, JSON.stringify(error), String((error as Error).stack)])
        assert.notInclude(text, "PLANTED")
    })
  )
})
