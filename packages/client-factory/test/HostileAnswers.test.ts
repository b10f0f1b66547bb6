/** Answers that no service of AWS gives: whoever gives them, none of them may pass for a list, or take the process down. */
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { AccountId, type AwsError, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { maxAnswerBytes } from "../src/AnswerCollector.ts"
import { Aws, AwsClients, CurrentAccount, CurrentRegion } from "../src/index.ts"
import { environment, unpaced } from "./Connection.ts"

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** A server that answers everything as `answer` does. */
const serving = (answer: Answer) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer((request, response) => {
        response.on("error", () => {})
        request.resume().on("end", () => answer(response, request))
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
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

const layerFor = (url: string) =>
  Layer.mergeAll(
    Aws.Aws.layerNoDeps.pipe(
      Layer.provide([AwsClients.layer, unpaced]),
      Layer.provide(environment(url, { AWS_MAX_RETRIES: "0" }))
    ),
    Layer.succeed(CurrentAccount, {
      id: AccountId.make("111122223333"),
      partition: "aws",
      arn: "arn:aws:iam::111122223333:user/u",
      credentials: () => Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" })
    }),
    Layer.succeed(CurrentRegion, RegionId.make("us-east-1"))
  )

const probes = {
  "EC2's query": Aws.send(EC2Client, new DescribeVolumesCommand({ MaxResults: 100 })),
  "query": Aws.send(SNSClient, new ListTopicsCommand({})),
  "JSON": Aws.send(DynamoDBClient, new ListTablesCommand({})),
  "REST JSON": Aws.send(LambdaClient, new ListFunctionsCommand({})),
  "S3": Aws.send(S3Client, new ListBucketsCommand({ MaxBuckets: 100 }))
}
const protocols = Object.keys(probes) as ReadonlyArray<keyof typeof probes>

/** The same call twice: by the SDK's own way, and by ours, which is learnt from the first. */
const errorsOf = (answer: Answer, protocol: keyof typeof probes) =>
  Effect.gen(function*() {
    const url = yield* serving(answer)
    const error = Effect.flip(
      Effect.asVoid<unknown, AwsError, Aws.Aws | CurrentAccount | CurrentRegion>(probes[protocol])
    )
    return yield* Effect.all([error, error]).pipe(Effect.provide(layerFor(url)))
  }).pipe(Effect.scoped)

const writes = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer => (response) =>
  response.writeHead(200, { "content-length": String(Buffer.byteLength(body)), ...headers }).end(body)

interface Hostile {
  readonly answer: Answer
  readonly code?: string
  readonly tag?: "Network"
  readonly only?: ReadonlyArray<keyof typeof probes>
}

const xmls = ["EC2's query", "query", "S3"] as const
const jsons = ["JSON", "REST JSON"] as const

const hostile: Readonly<Record<string, Hostile>> = {
  "nothing at all": { answer: writes(""), code: "EmptyAnswer" },
  "a body that claims more than is read": {
    answer: (response) => response.writeHead(200, { "content-length": String(maxAnswerBytes + 1) }).write("<"),
    code: "AnswerTooLarge"
  },
  "a compressed body": { answer: writes(gzipSync("{}"), { "content-encoding": "gzip" }), code: "EncodedAnswer" },
  "a web page": { answer: writes("<!DOCTYPE html><html><body>Sign in</body></html>", { "content-type": "text/html" }) },
  "null": { answer: writes("null"), only: jsons, code: "MalformedJson" },
  "a list": { answer: writes("[]"), only: jsons, code: "MalformedJson" },
  "brackets without end": { answer: writes("[".repeat(4 * 2 ** 20)), only: jsons, code: "MalformedJson" },
  "JSON that is no UTF-8": { answer: writes(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), only: jsons, code: "MalformedJson" },
  "XML that is no UTF-8": { answer: writes(Buffer.from([0x3c, 0x61, 0xff, 0x3e])), only: xmls, code: "MalformedXml" },
  "an XML bomb": {
    answer: writes("<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>"),
    only: xmls,
    code: "MalformedXml"
  },
  "elements without end": { answer: writes("<a>".repeat(2 ** 20)), only: xmls, code: "MalformedXml" },
  "a body that is cut off": {
    answer: (response) => response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy()),
    tag: "Network"
  },
  "chunks that are cut off": { answer: (response) => response.writeHead(200).write("{", () => response.destroy()), tag: "Network" },
  "no answer": { answer: (response) => response.destroy(), tag: "Network" }
}

describe("hostile answers", () => {
  describe.each(Object.keys(hostile))("%s", (name) => {
    const { answer, code, only = protocols, tag = "Unexpected" } = hostile[name]!
    for (const protocol of only) {
      it.effect(`is an error of ${protocol}`, () =>
        Effect.gen(function*() {
          for (const { isRetryable, outcome, reason } of yield* errorsOf(answer, protocol)) {
            assert.strictEqual(reason._tag, tag, reason.message)
            assert.strictEqual(outcome, "failed")
            assert.strictEqual(isRetryable, tag === "Network")
            if (code !== undefined && reason._tag === "Unexpected") {
              assert.strictEqual(reason.code, code)
              assert.strictEqual(reason.status, 200)
            }
          }
        }))
    }
  })

  it.effect("a body without end is read no further than the limit", () =>
    Effect.gen(function*() {
      let written = 0
      const chunk = Buffer.alloc(2 ** 20, " ")
      const answer: Answer = (response) => {
        response.writeHead(200)
        const more = (): void => {
          if (response.destroyed) return
          written += chunk.length
          response.write(chunk, more)
        }
        more()
      }
      const errors = yield* errorsOf(answer, "JSON")
      for (const { reason } of errors) {
        assert.isTrue(reason._tag === "Unexpected" && reason.code === "AnswerTooLarge", reason.message)
        assert.include(reason.message, "64 MiB")
      }
      // What the two calls have read, and what was on its way.
      assert.isBelow(written, 2 * maxAnswerBytes + 32 * 2 ** 20)
    }))

  it.effect("many large answers at once all come in, however little of them is held", () =>
    Effect.gen(function*() {
      // No two places are the same: what came for another answer, or twice, would show.
      const names = Array.from({ length: 4000 }, (_, index) => `${index}`.repeat(250).slice(0, 1000))
      const body = JSON.stringify({ TableNames: names })
      const url = yield* serving(writes(body))
      const answers = yield* Effect.all(Array.from({ length: 40 }, () => probes.JSON), { concurrency: "unbounded" }).pipe(
        Effect.provide(layerFor(url))
      )
      for (const { TableNames } of answers) assert.deepStrictEqual(TableNames, names)
    }).pipe(Effect.scoped))

  it.effect("an error's body is bounded too, and its status counts", () =>
    Effect.gen(function*() {
      const answer: Answer = (response) =>
        response.writeHead(503, { "content-length": String(maxAnswerBytes * 2) }).write("{")
      for (const { isRetryable, reason } of yield* errorsOf(answer, "JSON")) {
        assert.isTrue(reason._tag === "Unexpected" && reason.code === "AnswerTooLarge" && reason.status === 503)
        assert.isTrue(isRetryable)
      }
    }))
})
