import {
  CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput
} from "@aws-sdk/client-cloudtrail"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Simulator, type SimulatorOptions } from "../src/index.ts"

const accounts = ["111122223333", "444455556666"]
const regions = ["us-east-1", "eu-west-1"]
const minute = 60_000

const start = (options: SimulatorOptions = {}) =>
  Simulator.make({
    estate: {
      accounts,
      regions,
      counts: {
        "ec2:volume": { "us-east-1": 5, "eu-west-1": 5 },
        "s3:bucket": { "us-east-1": 2, "eu-west-1": 2 },
        "iam:role": { global: 3 }
      }
    },
    ...options
  })

const lookUp = (
  simulator: Simulator["Service"],
  region: string,
  input: LookupEventsCommandInput = {},
  account = accounts[0]
) =>
  Effect.tryPromise({
    try: () =>
      new CloudTrailClient({
        endpoint: simulator.url,
        region,
        credentials: simulator.credentials(account),
        maxAttempts: 1
      }).send(new LookupEventsCommand(input)),
    catch: (error) => ({ name: error instanceof Error ? error.name : "" })
  })

const shown = ({ EventName, EventSource, ReadOnly }: Event) => `${EventSource} ${EventName} ${ReadOnly}`

describe("CloudTrail", () => {
  it.live("logs what was changed, where each service logs it, in its own account, minutes later, newest first", () =>
    Effect.gen(function*() {
      const simulator = yield* start()
      const { estate } = simulator
      const place = { accountId: accounts[0]!, region: "eu-west-1" }
      const volume = estate.create({ ...place, type: "ec2:volume" })
      simulator.advance(minute)
      estate.delete(volume.arn)
      simulator.advance(minute)
      const bucket = estate.create({ ...place, type: "s3:bucket" })
      simulator.advance(minute)
      estate.delete(bucket.arn)
      estate.create({ accountId: accounts[0]!, region: "global", type: "iam:role" })
      estate.create({ ...place, accountId: accounts[1]!, type: "ec2:volume" })
      assert.isEmpty((yield* lookUp(simulator, "eu-west-1")).Events)
      simulator.advance(15 * minute)
      const inIreland = (yield* lookUp(simulator, "eu-west-1")).Events ?? []
      assert.deepStrictEqual(inIreland.map(shown), [
        "s3.amazonaws.com DeleteBucket false",
        "ec2.amazonaws.com DeleteVolume false",
        "ec2.amazonaws.com CreateVolume false"
      ])
      assert.deepStrictEqual(inIreland[2]?.Resources, [{ ResourceType: "AWS::EC2::Volume", ResourceName: volume.id }])
      const record = JSON.parse(inIreland[2]?.CloudTrailEvent ?? "") as Readonly<Record<string, unknown>>
      assert.strictEqual(record["eventName"], "CreateVolume")
      assert.strictEqual(record["recipientAccountId"], accounts[0])
      assert.closeTo(inIreland[1]!.EventTime!.getTime() - inIreland[2]!.EventTime!.getTime(), minute, 1000)
      // Where buckets are asked for, and where roles are.
      assert.sameMembers(((yield* lookUp(simulator, "us-east-1")).Events ?? []).map(shown), [
        "s3.amazonaws.com CreateBucket false",
        "iam.amazonaws.com CreateRole false"
      ])
      const others = (yield* lookUp(simulator, "eu-west-1", {}, accounts[1])).Events ?? []
      assert.deepStrictEqual(others.map(shown), ["ec2.amazonaws.com CreateVolume false"])
    }).pipe(Effect.scoped))

  it.live("pages, filters and refuses as AWS does", () =>
    Effect.gen(function*() {
      const simulator = yield* start()
      const { estate } = simulator
      const [volume] = [...estate.resources({ accountId: accounts[0]!, region: "eu-west-1", type: "ec2:volume" })]
      const begun = Date.now()
      for (let turn = 0; turn < 120; turn++) estate.tag(volume!.arn, { Turn: String(turn) })
      simulator.advance(30 * minute)
      estate.delete(volume!.arn)
      simulator.advance(15 * minute)

      const sizes: Array<number> = []
      const seen = new Set<string>()
      let token: string | undefined
      do {
        const page = yield* lookUp(simulator, "eu-west-1", token === undefined ? {} : { NextToken: token })
        sizes.push(page.Events?.length ?? 0)
        for (const { EventId = "" } of page.Events ?? []) seen.add(EventId)
        token = page.NextToken
      } while (token !== undefined)
      assert.deepStrictEqual(sizes, [50, 50, 21])
      assert.strictEqual(seen.size, 121)

      const names = (AttributeKey: "EventName" | "EventSource" | "ReadOnly" | "ResourceType", AttributeValue: string) =>
        Effect.map(
          lookUp(simulator, "eu-west-1", { LookupAttributes: [{ AttributeKey, AttributeValue }] }),
          ({ Events = [] }) => new Set(Events.map(({ EventName }) => EventName))
        )
      assert.deepStrictEqual(yield* names("EventName", "DeleteVolume"), new Set(["DeleteVolume"]))
      assert.deepStrictEqual(yield* names("EventSource", "tagging.amazonaws.com"), new Set(["TagResources"]))
      assert.deepStrictEqual(yield* names("ResourceType", "AWS::EC2::Volume"), new Set(["CreateTags", "DeleteVolume"]))
      assert.deepStrictEqual(yield* names("ReadOnly", "true"), new Set([]))
      const early = yield* lookUp(simulator, "eu-west-1", { EndTime: new Date(begun + 10 * minute), MaxResults: 50 })
      assert.isFalse((early.Events ?? []).some(({ EventName }) => EventName === "DeleteVolume"))
      const late = yield* lookUp(simulator, "eu-west-1", { StartTime: new Date(begun + 10 * minute) })
      assert.deepStrictEqual(late.Events?.map(({ EventName }) => EventName), ["DeleteVolume"])

      const refused = (input: LookupEventsCommandInput) =>
        Effect.map(Effect.flip(lookUp(simulator, "eu-west-1", input)), ({ name }) => name)
      assert.strictEqual(yield* refused({ MaxResults: 51 }), "InvalidMaxResultsException")
      assert.strictEqual(yield* refused({ NextToken: "mine" }), "InvalidNextTokenException")
      assert.strictEqual(yield* refused({ StartTime: new Date(2), EndTime: new Date(1) }), "InvalidTimeRangeException")
      const one = { AttributeKey: "ReadOnly", AttributeValue: "false" } as const
      assert.strictEqual(yield* refused({ LookupAttributes: [one, one] }), "InvalidLookupAttributesException")
      // A token belongs to the request that it came from.
      const { NextToken } = yield* lookUp(simulator, "eu-west-1")
      assert.strictEqual(yield* refused({ NextToken, LookupAttributes: [one] }), "InvalidNextTokenException")
    }).pipe(Effect.scoped))

  it.live("answers twice a second and forgets after 90 days", () =>
    Effect.gen(function*() {
      const simulator = yield* start({ throttling: "aws" })
      simulator.estate.create({ accountId: accounts[0]!, region: "us-east-1", type: "ec2:volume" })
      simulator.advance(15 * minute)
      assert.strictEqual((yield* lookUp(simulator, "us-east-1")).Events?.length, 1)
      yield* lookUp(simulator, "us-east-1")
      assert.strictEqual((yield* Effect.flip(lookUp(simulator, "us-east-1"))).name, "ThrottlingException")
      yield* lookUp(simulator, "eu-west-1")
      simulator.advance(90 * 24 * 60 * minute)
      assert.isEmpty((yield* lookUp(simulator, "us-east-1")).Events)
    }).pipe(Effect.scoped))
})
