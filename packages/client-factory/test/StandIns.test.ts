/** Answers as stand-ins and proxies give them, which the simulator does not: none of them may pass for something else. */
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { AccountId, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Stream } from "effect"
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Aws, AwsClients, CallMeter, CurrentAccount, CurrentRegion, Deadline, makeCallCounts } from "../src/index.ts"
import { environment, hurried, jitter, unpaced } from "./Connection.ts"

/** A server that answers each request as `answer` does, which is told its body and how many came before. */
const serving = (answer: (response: ServerResponse, body: string, nth: number) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let asked = 0
      const server = createServer((request, response) => {
        let body = ""
        request.setEncoding("utf8").on("data", (part: string) => {
          body += part
        }).on("end", () => answer(response, body, asked++))
      })
      await once(server.listen(0, "127.0.0.1"), "listening")
      return server
    }),
    (server) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, "close")
      })
  ).pipe(Effect.map((server) =>
    Layer.mergeAll(
      Aws.Aws.layerNoDeps.pipe(
        Layer.provide([AwsClients.layer, unpaced]),
        Layer.provide(environment(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
      ),
      Layer.succeed(CurrentAccount, {
        id: AccountId.make("111122223333"),
        partition: "aws",
        arn: "arn:aws:iam::111122223333:user/u",
        credentials: () => Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" })
      }),
      Layer.succeed(CurrentRegion, RegionId.make("us-east-1"))
    )
  ))

const tables = Aws.send(DynamoDBClient, new ListTablesCommand({}))
const topics = Aws.send(SNSClient, new ListTopicsCommand({}))
const topicTags = Aws.send(SNSClient, new ListTagsForResourceCommand({ ResourceArn: "arn:aws:sns:us-east-1:111122223333:t" }))

/** Twice: the SDK's way, and the short one that is learnt from it. */
const twice = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.all([Effect.result(call), Effect.result(call)])

describe("stand-ins", () => {
  const refused = JSON.stringify({ __type: "ThrottlingException", message: "Rate exceeded" })

  const answers: ReadonlyArray<readonly [headers: Readonly<Record<string, string>>, leastMs: number]> = [
    [{ "retry-after": "7" }, 7000],
    [{ "x-amz-retry-after": "7000" }, 7000],
    [{ "retry-after": "in 7 s" }, 6000],
    [{ "retry-after": "Fri, 20 Nov 2020 10:00:07 GMT" }, 0],
    [{ "retry-after": "soon" }, 0]
  ]

  it.live.each(answers)("a call is not made again before the answer says: %s", ([headers, leastMs]) =>
    Effect.gen(function*() {
      const dates = headers["retry-after"] !== "in 7 s" ? {} : {
        "retry-after": new Date(Date.now() + 7000).toUTCString(),
        "date": new Date().toUTCString()
      }
      const layer = yield* serving((response, _, nth) => nth === 0
        ? response.writeHead(429, { ...headers, ...dates }).end(refused)
        : response.end("{\"TableNames\":[]}"))
      yield* Effect.gen(function*() {
        const before = yield* Clock.currentTimeMillis
        assert.deepStrictEqual((yield* tables).TableNames, [])
        const took = (yield* Clock.currentTimeMillis) - before
        assert.isAtLeast(took, leastMs)
        // The clock goes fifty times as fast as the machine.
        if (leastMs === 0) assert.isBelow(took, 7000 * 3)
      }).pipe(jitter(0), Effect.provide(layer), hurried)
    }))

  it.live("what asks for more time than there is, is not asked again, and was throttled", () =>
    Effect.gen(function*() {
      const layer = yield* serving((response) => response.writeHead(429, { "retry-after": "30" }).end(refused))
      const meter = makeCallCounts()
      const deadline = (yield* Clock.currentTimeMillis) + 20_000
      const error = yield* Effect.flip(tables).pipe(
        Effect.provideService(CallMeter, meter),
        Effect.provideService(Deadline, deadline),
        Effect.provide(layer)
      )
      assert.strictEqual(error.outcome, "throttled")
      assert.strictEqual(meter.calls, 1)
    }))

  it.live("an error with the status of success is repeated if it may pass, and is no empty list", () =>
    Effect.gen(function*() {
      const layer = yield* serving((response, _, nth) => response.end(nth === 2 ? "{\"TableNames\":[\"t\"]}" : refused))
      assert.deepStrictEqual((yield* tables.pipe(jitter(0), Effect.provide(layer))).TableNames, ["t"])
      const denied = yield* serving((response) =>
        response.end("<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>"))
      for (const result of yield* Effect.provide(twice(topics), denied)) {
        assert.strictEqual(result._tag === "Failure" ? result.failure.outcome : "scanned", "denied")
      }
    }))

  it.live.each(["", "<html><body>404 Not Found</body></html>", "{}"])("a 404 that names nothing is nothing that is gone: %s", (body) =>
    Effect.gen(function*() {
      const layer = yield* serving((response) => response.writeHead(404).end(body))
      for (const result of yield* Effect.provide(twice(topicTags), layer)) {
        if (result._tag === "Success") return assert.fail("it has tags")
        assert.strictEqual(result.failure.reason._tag, "Unexpected")
        assert.include(result.failure.message, "HTTP 404")
      }
    }))

  it.live("a 404 that says what was not found is what is gone", () =>
    Effect.gen(function*() {
      const layer = yield* serving((response) =>
        response.writeHead(404).end("<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>"))
      for (const result of yield* Effect.provide(twice(topicTags), layer)) {
        assert.strictEqual(result._tag === "Failure" ? result.failure.reason._tag : "read", "NotFound")
      }
    }))

  it.live("an error of megabytes is not read", () =>
    Effect.gen(function*() {
      const layer = yield* serving((response) =>
        response.writeHead(400).end(JSON.stringify({ __type: "ValidationException", message: "x".repeat(2 ** 21) })))
      for (const result of yield* Effect.provide(twice(tables), layer)) {
        assert.include(result._tag === "Failure" ? result.failure.message : "read", "the answer is larger than 1 MiB")
      }
    }))

  it.live.each([1, 2, 3, 7, 20])("a list that goes in a circle of %d pages ends", (pages) =>
    Effect.gen(function*() {
      let asked = 0
      const layer = yield* serving((response, body) => {
        asked++
        const { NextToken = "0" } = JSON.parse(body) as { readonly NextToken?: string }
        response.end(JSON.stringify({ QueueUrls: [`q${NextToken}`], NextToken: `${Number(NextToken) % pages + 1}` }))
      })
      const found = new Set<string>()
      const error = yield* Aws.list(SQSClient, ListQueuesCommand, { MaxResults: 1000 }, ({ QueueUrls }) => QueueUrls).pipe(
        Stream.runForEach((urls) => Effect.sync(() => urls.forEach((url) => found.add(url)))),
        Effect.flip,
        Effect.provide(layer)
      )
      assert.strictEqual(error.reason._tag === "Unexpected" ? error.reason.code : "", "RepeatedPageToken")
      // The page that leads back is not taken any more.
      assert.isAtLeast(found.size, pages)
      assert.isAtMost(found.size, pages + 1)
      assert.isAtMost(asked, 4 * (pages + 1))
    }))

  it.live("many pages without a circle are read to the end", () =>
    Effect.gen(function*() {
      const layer = yield* serving((response, body) => {
        const { NextToken = "0" } = JSON.parse(body) as { readonly NextToken?: string }
        const next = Number(NextToken) + 1
        response.end(JSON.stringify({ QueueUrls: next % 3 === 0 ? [`q${next}`] : undefined, NextToken: next < 200 ? `${next}` : "" }))
      })
      const urls = yield* Aws.list(SQSClient, ListQueuesCommand, { MaxResults: 1000 }, ({ QueueUrls }) => QueueUrls).pipe(
        Stream.runCollect,
        Effect.provide(layer)
      )
      assert.strictEqual(urls.flat().length, 66)
    }))
})
