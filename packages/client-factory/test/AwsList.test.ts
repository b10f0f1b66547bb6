import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as fc from "fast-check"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Aws } from "../src/index.ts"
import { accountOf, callsOf, connected, inFlight, unpaced, until } from "./Connection.ts"

const topics = Aws.list(SNSClient, ListTopicsCommand, {}, ({ Topics }) => Topics)
const volumes = Aws.list(EC2Client, DescribeVolumesCommand, { MaxResults: 1000 }, ({ Volumes }) => Volumes)
const tables = Aws.list(DynamoDBClient, ListTablesCommand, { Limit: 100 }, ({ TableNames }) => TableNames, [
  "ExclusiveStartTableName",
  "LastEvaluatedTableName"
])

const sizes = fc.oneof(fc.constant(1), fc.constant(2), fc.integer({ min: 3, max: 60 }))

const simulatorOf = (seed: number, count: number, pageSize: number, pages: "full" | "ragged") =>
  Simulator.make({
    estate: {
      seed,
      regions: ["us-east-1"],
      counts: {
        "sns:topic": { "us-east-1": count },
        "ec2:volume": { "us-east-1": count },
        "dynamodb:table": { "us-east-1": count }
      }
    },
    pageSize,
    pages
  })

describe("Aws.list", () => {
  it("Property 17: whatever the pages, it yields every item once, and asks for every page once", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(25), sizes, (seed, count, pageSize) =>
        Effect.gen(function*() {
          const simulator = yield* simulatorOf(seed, count, pageSize, "full")
          const truth = (type: "sns:topic" | "dynamodb:table") => [...simulator.estate.resources({ type })]
          yield* Effect.gen(function*() {
            const found = yield* Stream.runCollect(topics)
            assert.sameMembers(found.flat().map(({ TopicArn }) => TopicArn), truth("sns:topic").map(({ arn }) => arn))
            assert.strictEqual(callsOf(simulator).calls, Math.max(1, Math.ceil(count / pageSize)))
            const names = yield* Stream.runCollect(tables)
            assert.sameMembers(names.flat(), truth("dynamodb:table").map(({ name }) => name))
          }).pipe(Effect.provide(connected(simulator, { pacer: unpaced })))
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it("Property 17: an empty page with a token is no end", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(120), (seed, count) =>
        Effect.gen(function*() {
          const simulator = yield* simulatorOf(seed, count, 1000, "ragged")
          const found = yield* Stream.runCollect(volumes).pipe(Effect.provide(connected(simulator, { pacer: unpaced })))
          assert.sameMembers(
            found.flat().map(({ VolumeId }) => VolumeId),
            [...simulator.estate.resources({ type: "ec2:volume" })].map(({ id }) => id)
          )
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: 100 }
    ))

  it.live("asks for no more pages than are wanted, but the next one", () =>
    Effect.gen(function*() {
      const simulator = yield* simulatorOf(1, 50, 1, "full")
      const found = yield* Stream.runCollect(Stream.take(topics, 3)).pipe(
        Effect.provide(connected(simulator, { pacer: unpaced }))
      )
      assert.strictEqual(found.length, 3)
      yield* until(() => inFlight(simulator) === 0)
      assert.isAtMost(callsOf(simulator).calls, 6)
    }))

  it.live("an error on a later page does not take the earlier ones back", () =>
    Effect.gen(function*() {
      const simulator = yield* simulatorOf(1, 10, 2, "full")
      simulator.rule({ match: { nth: 4 }, fault: { type: "deny" } })
      const seen: Array<unknown> = []
      const error = yield* Stream.runForEach(topics, (page) => Effect.sync(() => seen.push(...page))).pipe(
        Effect.flip,
        Effect.provide(connected(simulator, { pacer: unpaced }))
      )
      assert.strictEqual(error.reason._tag, "AccessDenied")
      assert.strictEqual(seen.length, 6)
    }))

  it.live("a page that fails is repeated by itself, not from the first one on", () =>
    Effect.gen(function*() {
      const simulator = yield* simulatorOf(1, 10, 2, "full")
      simulator.rule({ match: { nth: [3, 5] }, fault: { type: "reset" } })
      const found = yield* Stream.runCollect(topics).pipe(Effect.provide(connected(simulator, { pacer: unpaced })))
      assert.strictEqual(found.flat().length, 10)
      assert.strictEqual(callsOf(simulator).calls, 5 + 2)
    }))

  it.live("interrupted between pages, it asks for none any more", () =>
    Effect.gen(function*() {
      const simulator = yield* simulatorOf(1, 50, 1, "full")
      simulator.rule({ match: { nth: 5 }, fault: { type: "hang" } })
      const fiber = yield* Stream.runDrain(topics).pipe(
        Effect.provide(connected(simulator, { pacer: unpaced })),
        Effect.forkChild
      )
      yield* until(() => callsOf(simulator).calls === 5)
      yield* Fiber.interrupt(fiber)
      yield* until(() => inFlight(simulator) === 0)
      assert.strictEqual(callsOf(simulator).calls, 0)
    }))

  it.live("an answer with the token that was asked with is a failure, not an endless list", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      let asked = 0
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer((_, response) => {
            asked++
            response.end(
              "<ListTopicsResponse><ListTopicsResult><Topics/><NextToken>same</NextToken></ListTopicsResult>" +
                "</ListTopicsResponse>"
            )
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) =>
          Effect.sync(() => {
            server.closeAllConnections()
            server.close()
          })
      )
      const { port } = server.address() as AddressInfo
      const error = yield* Stream.runDrain(topics).pipe(
        Effect.flip,
        Effect.provide(connected({ ...simulator, url: `http://127.0.0.1:${port}` }, { account: accountOf(simulator) }))
      )
      assert.deepInclude(error.reason, { _tag: "Unexpected", code: "RepeatedPageToken" })
      assert.strictEqual(error.operation, "sns:ListTopics")
      assert.strictEqual(asked, 2)
    }))
})
