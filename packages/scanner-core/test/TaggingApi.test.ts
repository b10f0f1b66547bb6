/** Answers of the tagging API that say nothing: whoever takes one for "never tagged" makes up violations. */
import { Aws, AwsClients, AwsSettings, CurrentAccount, CurrentRegion, Pacer } from "@cadastre/client-factory"
import { AccountId, RegionId, type Resource, ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Stream } from "effect"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as TaggingApi from "../src/TaggingApi.ts"

const accountId = AccountId.make("111122223333")
const region = RegionId.make("us-east-1")
const arnOf = (name: string) => `arn:aws:sns:us-east-1:${accountId}:${name}`

const resources = ["tagged", "plain"].map((id): Resource => ({
  arn: arnOf(id),
  id,
  type: ResourceType.ResourceType.make("sns:topic"),
  service: "Amazon SNS",
  accountId,
  region,
  tags: {},
  attributes: {},
  sources: ["service-api"],
  observedAt: "2026-01-01T00:00:00.000Z"
}))

/** What becomes of the resources' tags when the tagging API answers so. */
const filled = (
  answer: string | ((asked: ReadonlyArray<string>) => string),
  one: Parameters<typeof TaggingApi.fill>[1] = () => Effect.die(new Error("nobody asks one by one"))
) =>
  Effect.gen(function*() {
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () =>
            response.end(
              typeof answer === "string" ? answer : answer(JSON.parse(Buffer.concat(chunks).toString()).ResourceARNList)
            ))
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
    )
    const tags: Array<Resource["tags"]> = []
    const end = yield* TaggingApi.fill(Stream.make(resources), one).pipe(
      Stream.runForEach((page) => Effect.sync(() => void tags.push(...page.map((one) => one.tags)))),
      Effect.result,
      Effect.provide(
        Aws.Aws.layerNoDeps.pipe(
          Layer.provide([AwsClients.layer, Pacer.layerOff]),
          Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_MAX_RETRIES: "0" })))
        )
      ),
      Effect.provideService(CurrentAccount, {
        id: accountId,
        partition: "aws",
        arn: `arn:aws:iam::${accountId}:user/u`,
        credentials: () => Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" })
      }),
      Effect.provideService(CurrentRegion, region)
    )
    return { tags, error: end._tag === "Failure" ? end.failure : undefined }
  }).pipe(Effect.scoped)

describe("TaggingApi.fill", () => {
  it.live("what the API does not know was never tagged, and what was not asked for is left out", () =>
    Effect.gen(function*() {
      const { error, tags } = yield* filled(JSON.stringify({
        PaginationToken: "",
        ResourceTagMappingList: [
          { ResourceARN: arnOf("stranger"), Tags: [{ Key: "Owner", Value: "nobody" }] },
          { ResourceARN: arnOf("tagged"), Tags: [{ Key: "Owner", Value: "me" }] }
        ]
      }))
      assert.isUndefined(error)
      assert.deepStrictEqual(tags, [{ Owner: "me" }, {}])
    }))

  const sayNothing: ReadonlyArray<readonly [answer: string, message: string]> = [
    ["{}", "the answer has no list"],
    ["{\"PaginationToken\":\"\"}", "the answer has no list"],
    ["{\"ResourceTagMappingList\":null}", "the answer has no list"],
    ["{\"ResourceTagMappingList\":[{\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}]}", "what has no ARN"],
    ["{\"ResourceTagMappingList\":[null]}", "nothing where there should be an item"],
    ["{\"resourceTagMappingList\":[]}", "nothing that was asked for"],
    ["{\"message\":\"Internal server error\"}", "Internal server error"],
    ["{\"__type\":\"InternalServiceException\",\"message\":\"try later\"}", "try later"]
  ]

  it.live.each(sayNothing)("tags are unknown after %s", ([answer, message]) =>
    Effect.gen(function*() {
      const { error, tags } = yield* filled(answer)
      assert.deepStrictEqual(tags, [null, null])
      assert.strictEqual(error?.outcome, "failed")
      assert.include(error?.message, message)
    }))

  // AWS answers a list of ARNs at once; stand-ins there are that answer it, as all else, by pages.
  it.live("an answer with further pages says nothing of what is on them", () =>
    Effect.gen(function*() {
      const page = (arns: ReadonlyArray<string>) =>
        JSON.stringify({
          PaginationToken: arns.length > 1 ? "more" : "",
          ResourceTagMappingList: arns.slice(0, 1).map((ResourceARN) => ({ ResourceARN, Tags: [{ Key: "Owner", Value: "me" }] }))
        })
      const paged = yield* filled(page)
      assert.isUndefined(paged.error)
      assert.deepStrictEqual(paged.tags, [{ Owner: "me" }, { Owner: "me" }])

      const others = { PaginationToken: "more", ResourceTagMappingList: [{ ResourceARN: arnOf("stranger"), Tags: [] }] }
      const unpaged = yield* filled(JSON.stringify(others), () => Effect.succeed([{ Key: "Owner", Value: "you" }]))
      assert.isUndefined(unpaged.error)
      assert.deepStrictEqual(unpaged.tags, [{ Owner: "you" }, { Owner: "you" }])
    }))
})
