import { EC2Client } from "@aws-sdk/client-ec2"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Simulator } from "@cadastre/aws-simulator"
import { AccountId, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Aws, AwsClients, AwsSettings, type ClientClass, CurrentAccount, CurrentRegion } from "../src/index.ts"
import { accountOf, callsOf, environment } from "./Connection.ts"

const classes: ReadonlyArray<ClientClass> = [SNSClient, SQSClient, EC2Client]

const keys = () => Promise.resolve({ accessKeyId: "AKIA", secretAccessKey: "secret" })

/** Sets variables of the environment for as long as the scope lives. */
const setVariables = (variables: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
      Object.assign(process.env, variables)
      return before
    }),
    (before) =>
      Effect.sync(() => {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
        }
      })
  )

describe("AwsClients", () => {
  const key = fc.record({
    id: fc.constantFrom("111122223333", "444455556666", "777788889999"),
    region: fc.constantFrom("us-east-1", "eu-west-1", "eu-west-2"),
    service: fc.nat(classes.length - 1)
  })

  it("Property 2: the same client object for the same (account, Region, service)", () =>
    fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 2, maxLength: 40 }), (wanted) =>
        Effect.gen(function*() {
          const clients = yield* AwsClients
          const made = new Map<string, unknown>()
          for (const { id, region, service } of wanted) {
            const name = `${id}/${region}/${service}`
            // Accounts are told apart by their id, not by the object that describes them.
            const client = yield* clients.get(classes[service]!, { id: AccountId.make(id), credentials: keys }, RegionId.make(region))
            assert.isTrue(client instanceof classes[service]!)
            if (made.has(name)) assert.strictEqual(client, made.get(name))
            made.set(name, client)
          }
          assert.strictEqual(new Set(made.values()).size, made.size)
        }).pipe(Effect.provide(AwsClients.layer), Effect.runPromise)),
      { numRuns: 100 }
    ))

  it.effect("lets go of clients that nobody uses, and keeps those that somebody does", () =>
    Effect.gen(function*() {
      const clients = yield* AwsClients
      const account = { id: AccountId.make("111122223333"), credentials: keys }
      const get = (region: string) => clients.get(SNSClient, account, RegionId.make(region))
      const used = yield* get("us-east-1")
      const idle = yield* get("eu-west-1")
      for (let minutes = 0; minutes < 20; minutes += 5) {
        yield* TestClock.adjust("5 minutes")
        assert.strictEqual(yield* get("us-east-1"), used)
      }
      assert.notStrictEqual(yield* get("eu-west-1"), idle)
    }).pipe(Effect.provide(AwsClients.layer)))

  it.live("AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> work as AwsSettings.endpointUrl does", () =>
    Effect.gen(function*() {
      const counts = { "sns:topic": { "us-east-1": 3 }, "sqs:queue": { "us-east-1": 2 } }
      const general = yield* Simulator.make({ estate: { counts } })
      const own = yield* Simulator.make({ estate: { counts } })
      yield* setVariables({ AWS_ENDPOINT_URL: general.url, AWS_ENDPOINT_URL_SNS: own.url })
      const ask = Effect.gen(function*() {
        const topics = yield* Aws.send(SNSClient, new ListTopicsCommand({}))
        const queues = yield* Aws.send(SQSClient, new ListQueuesCommand({ MaxResults: 1000 }))
        assert.strictEqual(topics.Topics?.length, 3)
        assert.strictEqual(queues.QueueUrls?.length, 2)
        // The address of a queue names AWS's own host.
        yield* Aws.send(SQSClient, new ListQueueTagsCommand({ QueueUrl: queues.QueueUrls?.[0] }))
      }).pipe(
        Effect.provideService(CurrentAccount, accountOf(general)),
        Effect.provideService(CurrentRegion, "us-east-1" as CurrentRegion["Service"])
      )
      yield* Effect.provide(
        ask,
        Aws.Aws.layer.pipe(
          Layer.provide([Layer.succeed(AwsSettings, {}), ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))])
        )
      )
      assert.deepStrictEqual(general.calls().map(({ operation }) => operation), ["ListQueues", "ListQueueTags"])
      assert.deepStrictEqual(own.calls().map(({ operation }) => operation), ["ListTopics"])
      // What the program says goes before what the environment says.
      yield* Effect.provide(ask, Layer.provide(Aws.Aws.layer, environment(own.url)))
      assert.strictEqual(callsOf(general).calls, 2)
      assert.strictEqual(callsOf(own).calls, 4)
    }))
})
