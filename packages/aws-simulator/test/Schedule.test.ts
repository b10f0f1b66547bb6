import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { type FaultEntry, Schedule, Simulator, type Subject } from "../src/index.ts"

const accounts = ["111122223333", "222233334444"]
const regions = ["us-east-1", "eu-west-1"]
const many = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "sa-east-1", "eu-north-1"]
const estate = { accounts, regions, counts: { "sns:topic": 40, "sqs:queue": 40, "dynamodb:table": 20 } } as const

/** Kinds that neither wait nor carry megabytes. */
const quick = Schedule.defaultKinds.filter((kind) => kind !== "nesting")

const options = fc.record({
  intensity: fc.double({ min: 0, max: 1, noNaN: true }),
  kinds: fc.subarray([...quick], { minLength: 1 })
})

const subject = fc.record({
  accountId: fc.constantFrom(...accounts, "333344445555"),
  region: fc.constantFrom(...regions, "ap-south-1"),
  service: fc.constantFrom("ec2", "sns", "tagging"),
  operation: fc.constantFrom("DescribeInstances", "ListTopics", "GetResources")
})

const clients = (simulator: Simulator["Service"], account: string, region: string) => {
  const to = { endpoint: simulator.url, region, credentials: simulator.credentials(account), maxAttempts: 1 }
  const sns = new SNSClient(to)
  const sqs = new SQSClient(to)
  const dynamodb = new DynamoDBClient(to)
  return [
    () => sns.send(new ListTopicsCommand({})),
    () => sqs.send(new ListQueuesCommand({ MaxResults: 10 })),
    () => dynamodb.send(new ListTablesCommand({ Limit: 10 }))
  ]
}

const nameOf = ({ accountId, operation, region, service }: Subject, call: number) =>
  `${accountId}/${region}/${service}/${operation}#${call}`

/** Three calls of each operation in each place, the places in some order; the faults by call. */
const run = (schedule: Schedule.Schedule, order: ReadonlyArray<number>) =>
  Effect.scoped(Effect.flatMap(Simulator.make({ estate, schedule }), (simulator) =>
    Effect.promise(async () => {
      const places = accounts.flatMap((account) => regions.flatMap((region) => clients(simulator, account, region)))
      await Promise.all(order.map(async (at) => {
        for (let call = 0; call < 3; call++) await places[at % places.length]!().catch(() => {})
      }))
      return new Map(Map.groupBy(simulator.faults(), (entry) => nameOf(entry, entry.call)))
    })))

const effects = (faults: ReadonlyMap<string, ReadonlyArray<FaultEntry>>) =>
  [...faults].map(([call, entries]) => [call, entries.map(({ effect, fault }) => [fault, effect])] as const)
    .toSorted(([a], [b]) => a < b ? -1 : 1)

describe("Schedule", () => {
  it("is plain data, the same for the same seed, and reads back from what it prints", () => {
    fc.assert(fc.property(fc.integer(), options, (seed, given) => {
      const schedule = Schedule.make(seed, given)
      assert.deepStrictEqual(Schedule.make(seed, given), schedule)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(schedule)), schedule)
      assert.deepStrictEqual(Schedule.parse(Schedule.print(schedule)), schedule)
      assert.notInclude(Schedule.print(schedule), "\n")
      const fewer = { ...schedule, rules: schedule.rules.slice(1) }
      assert.deepStrictEqual(Schedule.parse(Schedule.print(fewer)), fewer)
      const sum = schedule.rules.reduce((all, { match }) => all + (match?.probability ?? 0), 0)
      assert.isAtMost(sum, given.intensity + 1e-9)
    }), { numRuns: 100 })
  })

  it("a seed and an intensity are enough; what is neither is refused", () => {
    assert.deepStrictEqual(Schedule.parse("7:0.5"), Schedule.make(7, { intensity: 0.5 }))
    assert.deepStrictEqual(Schedule.parse(" -7 "), Schedule.make(-7))
    for (const wrong of ["", "a", "1:2", "1:x", "{", "{\"seed\":1.5}", "{\"seed\":1,\"kind\":[]}"]) {
      assert.throws(() => Schedule.parse(wrong), Schedule.ScheduleError)
    }
    assert.throws(() => Schedule.decode({ seed: 1, rules: [{ fault: { type: "nonsense" } }] }), /nonsense|type/u)
  })

  it("only what is possible in a place happens there, and nothing is possible at intensity 0", () => {
    fc.assert(fc.property(fc.integer(), options, subject, fc.integer({ min: 1, max: 60 }), (seed, given, one, call) => {
      const schedule = Schedule.make(seed, given)
      const possible = Schedule.possible(schedule, one)
      for (const fault of Schedule.faultsOf(schedule, one, call)) assert.include(possible, fault)
      assert.deepStrictEqual(Schedule.possible(Schedule.make(seed, { ...given, intensity: 0 }), one), [])
      const { operation: _, ...place } = one
      const ofService = Schedule.possible(schedule, place)
      for (const fault of possible) assert.include(ofService, fault)
      const single = Schedule.make(seed, { ...given, operations: ["Nothing*"] })
      assert.deepStrictEqual(Schedule.possible(single, one), [])
      assert.strictEqual(Schedule.possible(single, place).length, ofService.length)
      const elsewhere = Schedule.make(seed, { ...given, accounts: ["999999999999"] })
      assert.deepStrictEqual(Schedule.possible(elsewhere, one), [])
    }), { numRuns: 100 })
  })

  it("passing faults befall the share of calls that is asked, lasting ones whole places", () => {
    const schedule = Schedule.make(5, { intensity: 0.3, kinds: ["throttle", "reset", "empty"] })
    const one = { accountId: accounts[0]!, region: "us-east-1", service: "sns", operation: "ListTopics" }
    const calls = Array.from({ length: 5000 }, (_, at) => Schedule.faultsOf(schedule, one, at + 1).length)
    const share = calls.reduce((sum, count) => sum + count, 0) / calls.length
    assert.closeTo(share, 0.3, 0.03)
    const lasting = Schedule.make(5, { intensity: 1, kinds: ["denied", "expired"] })
    const places = Array.from({ length: 1000 }, (_, at) => ({ ...one, region: `region-${at}` }))
    const hit = places.filter((place) => Schedule.possible(lasting, place).length > 0)
    // Two independent shares that make up a half.
    assert.isAbove(hit.length, 350)
    assert.isBelow(hit.length, 550)
    for (const place of hit) {
      for (const call of [1, 2, 77]) {
        assert.deepStrictEqual(Schedule.faultsOf(lasting, place, call), Schedule.possible(lasting, place))
      }
    }
  })

  it("storms are windows of calls", () => {
    const schedule = Schedule.make(3, { intensity: 1, kinds: ["throttle-storm"] })
    const places = Array.from({ length: 100 }, (_, at) => at)
      .map((at) => ({ accountId: accounts[0]!, region: `r-${at}`, service: "ec2", operation: "DescribeVolumes" }))
    const struck = places.filter((place) => Schedule.possible(schedule, place).length > 0)
    assert.isAbove(struck.length, 20)
    for (const place of struck) {
      const numbers = Array.from({ length: 60 }, (_, at) => at + 1)
        .filter((call) => Schedule.faultsOf(schedule, place, call).length > 0)
      assert.isAtLeast(numbers.length, 3)
      assert.strictEqual(numbers.at(-1)! - numbers[0]!, numbers.length - 1)
    }
  })

  it("the same call meets the same faults, however calls interleave; the log is what the schedule foretells", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        options,
        fc.shuffledSubarray(Array.from({ length: 12 }, (_, at) => at), { minLength: 12, maxLength: 12 }),
        async (seed, given, order) => {
          const schedule = Schedule.make(seed, given)
          const first = await Effect.runPromise(run(schedule, order.toSorted((a, b) => a - b)))
          const second = await Effect.runPromise(run(schedule, order))
          assert.deepStrictEqual(effects(second), effects(first), Schedule.print(schedule))
          for (const entries of first.values()) {
            const foretold = Schedule.faultsOf(schedule, entries[0]!, entries[0]!.call)
            // A session that has expired is refused after the call that it fell on, too.
            const others = entries.filter(({ fault }) => fault.type !== "expired" || fault.until === undefined)
            for (const { fault } of others) assert.deepInclude(foretold, fault, Schedule.print(schedule))
          }
        }
      ),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 50 }
    ), 60_000)

  it.live("a log pinned is a schedule that does the same again", () =>
    Effect.gen(function*() {
      const order = Array.from({ length: 12 }, (_, at) => at)
      const kinds = ["throttle", "reset-in-body", "denied", "short-page", "malformed"] as const
      const first = yield* run(Schedule.make(11, { intensity: 0.6, kinds }), order)
      const entries = [...first.values()].flat()
      assert.isAbove(entries.length, 5)
      const again = yield* run(Schedule.pinned(entries), order.toReversed())
      assert.deepStrictEqual(effects(again), effects(first))
    }))

  /** Calls that every kind can befall: several pages, tags beyond ASCII, values of an enumeration, one by one. */
  const tour = async function*(simulator: Simulator["Service"], region: string, abortSignal: AbortSignal) {
    const to = { endpoint: simulator.url, region, credentials: simulator.credentials(), maxAttempts: 1 }
    const lambda = new LambdaClient(to)
    const tagging = new ResourceGroupsTaggingAPIClient(to)
    const attempt = <A>(call: Promise<A>) => call.catch(() => undefined)
    for (const { arn } of simulator.estate.resources({ type: "lambda:function", region })) {
      yield await attempt(lambda.send(new ListTagsCommand({ Resource: arn }), { abortSignal }))
    }
    yield await attempt(new EC2Client(to).send(new DescribeInstancesCommand({ MaxResults: 5 }), { abortSignal }))
    for (let PaginationToken: string | undefined, pages = 0; pages < 12; pages++) {
      const input = { PaginationToken, ResourcesPerPage: 3 }
      const page = await attempt(tagging.send(new GetResourcesCommand(input), { abortSignal }))
      PaginationToken = page?.PaginationToken ?? PaginationToken
      yield page
    }
  }

  it.live.each([...Schedule.faultKinds])("%s can happen", (kind) =>
    Effect.scoped(Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { regions: many, counts: { "lambda:function": 60, "ec2:instance": 30 } },
        schedule: Schedule.make(1, { intensity: 1, kinds: [kind] })
      })
      for (const { arn } of simulator.estate.resources()) simulator.estate.tag(arn, { "größe": "naïve" })
      yield* Effect.promise(async () => {
        const abort = new AbortController()
        const seen = async () => {
          while (simulator.faults().length === 0 && !abort.signal.aborted) {
            await new Promise<void>((resolve) => setImmediate(resolve))
          }
          abort.abort()
        }
        const watching = seen()
        for (const region of many) {
          for await (const _ of tour(simulator, region, abort.signal)) if (abort.signal.aborted) break
          if (abort.signal.aborted) break
        }
        abort.abort()
        await watching
      })
      const { match, fault } = simulator.schedule()!.rules[0]!
      assert.strictEqual(match?.per, "operation")
      assert.deepStrictEqual(simulator.faults()[0]?.fault, fault)
    })))
})
