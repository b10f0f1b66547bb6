/** The declared operations that no listing of `Listings.ts` calls, and that there are no others. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Estate, Simulator } from "../src/index.ts"
import { declarations } from "../src/types/catalog.ts"
import { declaredTypes } from "../src/types/names.ts"
import { type Asking, listings, sendOf } from "./Listings.ts"

type Type = (typeof declaredTypes)[number]
type One = Estate.EstateResource

const account = "111122223333"
const region = "us-east-1"

/** A command, what it is asked about a resource, and where it tells of that resource. */
type Asked = readonly [
  type: Type,
  command: string,
  input: (one: One) => object,
  path: string,
  says: (one: One) => unknown
]

const tagged = (one: One) => one.tags
const named = (one: One) => one.name

const others: ReadonlyArray<Asked> = [
  ["apigateway:restapi", "GetTags", ({ arn }) => ({ resourceArn: arn }), "tags", tagged],
  ["apigatewayv2:api", "GetTags", ({ arn }) => ({ ResourceArn: arn }), "Tags", tagged],
  ["batch:job-queue", "ListTagsForResource", ({ arn }) => ({ resourceArn: arn }), "tags", tagged],
  ["bedrock:agent", "GetAgent", ({ id }) => ({ agentId: id }), "agent.agentArn", ({ arn }) => arn],
  ["cloudformation:stack", "ListStacks", () => ({}), "StackSummaries.0.StackId", ({ arn }) => arn],
  ["cloudtrail:trail", "ListTrails", () => ({}), "Trails.0.TrailARN", ({ arn }) => arn],
  ["cognito-identity:identitypool", "ListTagsForResource", ({ arn }) => ({ ResourceArn: arn }), "Tags", tagged],
  ["cognito-idp:userpool", "ListTagsForResource", ({ arn }) => ({ ResourceArn: arn }), "Tags", tagged],
  ["ecs:task-definition", "ListTagsForResource", ({ arn }) => ({ resourceArn: arn }), "tags", tagged],
  ["efs:file-system", "ListTagsForResource", ({ id }) => ({ ResourceId: id }), "Tags", tagged],
  [
    "firehose:delivery-stream",
    "DescribeDeliveryStream",
    ({ name }) => ({ DeliveryStreamName: name }),
    "DeliveryStreamDescription.DeliveryStreamARN",
    ({ arn }) => arn
  ],
  ["fsx:file-system", "ListTagsForResource", ({ arn }) => ({ ResourceARN: arn }), "Tags", tagged],
  ["glue:job", "ListJobs", () => ({}), "JobNames.0", named],
  ["kafka:cluster", "ListTagsForResource", ({ arn }) => ({ ResourceArn: arn }), "Tags", tagged],
  ["kinesis:stream", "ListTagsForStream", ({ name }) => ({ StreamName: name }), "Tags", tagged],
  ["kms:key", "DescribeKey", ({ arn }) => ({ KeyId: arn }), "KeyMetadata.KeyId", ({ id }) => id]
]

const at = (page: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], page)

/** Tags as they are, from a list or a map. */
const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? Object.fromEntries(
      (value as ReadonlyArray<Record<string, string>>).map((tag) => [
        tag["Key"] ?? tag["key"],
        tag["Value"] ?? tag["value"] ?? ""
      ])
    )
    : value

describe("declared operations", () => {
  it.live("each is called through the SDK's client, and answers of the very resource", () =>
    Effect.scoped(Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 2, regions: [region], counts: Object.fromEntries(declaredTypes.map((type) => [type, 4])) }
      })
      const to = { endpoint: simulator.url, region, credentials: simulator.credentials(account), maxAttempts: 1 }
      yield* Effect.promise(async () => {
        for (const type of declaredTypes) {
          const listing = listings[type]
          const send = await sendOf(listing.client, to)
          const ask: Asking = { send, account, region, size: undefined, page: () => {} }
          const [first] = await listing.list(ask)
          await listing.tags?.(first, ask)
        }
        for (const [type, command, input, path, says] of others) {
          const send = await sendOf(listings[type].client, to)
          const [one] = [...simulator.estate.resources({ type })]
          const answer: unknown = await send(command, input(one!))
          assert.deepStrictEqual(plain(at(answer, path)), says(one!), `${type} ${command}`)
        }
      })
      yield* Effect.promise(async () => {
        const send = await sendOf("elastic-load-balancing-v2", to)
        assert.strictEqual(await send("DescribeListeners", {}).catch((error: Error) => error.name), "ValidationError")
        const [one] = [...simulator.estate.resources({ type: "elasticloadbalancing:listener" })]
        const { Listeners } = await send("DescribeListeners", { ListenerArns: [one!.arn] })
        assert.strictEqual(Listeners.length, 1)
      })
      const called = new Set(simulator.calls().map(({ operation, service }) => `${service}:${operation}`))
      const declared = declarations.flatMap(({ operations, service }) =>
        Object.keys(operations).map((operation) => `${service.signingName}:${operation}`)
      )
      assert.isAbove(declared.length, 120)
      assert.deepStrictEqual(declared.filter((one) => !called.has(one)), [])
    })))
})
