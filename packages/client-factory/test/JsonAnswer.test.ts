import { DescribeTable$, DynamoDBClient, ListTables$, ListTagsOfResource$ } from "@aws-sdk/client-dynamodb"
import { LambdaClient, ListFunctions$, ListTags$ } from "@aws-sdk/client-lambda"
import { GetResources$, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListQueues$, ListQueueTags$, SQSClient } from "@aws-sdk/client-sqs"
import { assert, describe, it } from "@effect/vitest"
import { NormalizedSchema } from "@smithy/core/schema"
import * as fc from "fast-check"
import * as JsonAnswer from "../src/JsonAnswer.ts"

type OperationSchema = readonly [kind: 9, namespace: string, name: string, traits: unknown, input: unknown, output: unknown]
type ClientClass = new(config: object) => { readonly config: object }

interface Protocol {
  readonly deserializeResponse: (operation: object, context: object, response: object) => Promise<Record<string, unknown>>
}

const config = { region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }

/** Reads answers of an operation, as the SDK does it and as we do. */
const readerOf = (Client: ClientClass, schema: unknown, ours: boolean) => {
  const [, namespace, name, traits, input, output] = schema as OperationSchema
  const client = new Client(config)
  if (ours) JsonAnswer.install(client)
  const { protocol } = client.config as { readonly protocol: Protocol }
  return (body: string | Uint8Array) =>
    protocol.deserializeResponse({ namespace, name, traits, input, output }, client.config, {
      statusCode: 200,
      headers: { "x-amzn-requestid": "r" },
      body: typeof body === "string" ? Buffer.from(body) : body
    })
}

const protocols = {
  "JSON 1.0": [[DynamoDBClient, ListTables$], [DynamoDBClient, ListTagsOfResource$], [DynamoDBClient, DescribeTable$], [SQSClient, ListQueues$], [SQSClient, ListQueueTags$]],
  "JSON 1.1": [[ResourceGroupsTaggingAPIClient, GetResources$]],
  "REST JSON": [[LambdaClient, ListFunctions$], [LambdaClient, ListTags$]]
} as const

/** A value as an answer has it, and what it means. */
interface Sample {
  readonly wire: unknown
  readonly truth: unknown
}

const tagName = fc.oneof(fc.constantFrom("Name", "__proto__", "constructor", "toString", "1", ""), fc.string({ unit: "binary", maxLength: 8 }))

/** Members come and go, in any order; some are null; some are unknown. */
const sampleOf = (shape: NormalizedSchema, jsonNames: boolean, depth: number): fc.Arbitrary<Sample> => {
  if (shape.isStructSchema()) {
    const members = depth <= 0 ? [] : [...shape.structIterator()]
    return fc.shuffledSubarray(members, { maxLength: Math.min(8, members.length) }).chain((some) =>
      fc.tuple(
        fc.tuple(...some.map(([, member]) => fc.option(sampleOf(member, jsonNames, depth - 1), { freq: 8 }))),
        fc.option(fc.tuple(fc.constantFrom("NewMember", "__proto__", "hasOwnProperty"), fc.jsonValue({ maxDepth: 2 })), { freq: 2 })
      ).map(([samples, unknown]): Sample => {
        // A union holds exactly one member, which no null and nothing unknown stands beside.
        const kept = shape.isUnionSchema() ? samples.slice(0, 1).filter((sample) => sample !== null) : samples
        const wire: Array<[string, unknown]> = kept.map((sample, index) => {
          const [name, member] = some[index]!
          return [jsonNames ? member.getMergedTraits().jsonName ?? name : name, sample?.wire ?? null]
        })
        if (unknown !== null && !shape.isUnionSchema()) wire.splice(wire.length >> 1, 0, unknown)
        return {
          wire: Object.fromEntries(wire),
          truth: Object.fromEntries(kept.flatMap((sample, index) => sample === null ? [] : [[some[index]![0], sample.truth]]))
        }
      })
    )
  }
  if (shape.isListSchema()) {
    return fc.array(sampleOf(shape.getValueSchema(), jsonNames, depth - 1), { maxLength: 3 }).map((samples) => ({
      wire: samples.map(({ wire }) => wire),
      truth: samples.map(({ truth }) => truth)
    }))
  }
  if (shape.isMapSchema()) {
    return fc.uniqueArray(fc.tuple(tagName, sampleOf(shape.getValueSchema(), jsonNames, depth - 1)), { maxLength: 3, selector: ([key]) => key })
      .map((entries) => ({
        wire: Object.fromEntries(entries.map(([key, { wire }]) => [key, wire])),
        truth: Object.fromEntries(entries.map(([key, { truth }]) => [key, truth]))
      }))
  }
  if (shape.isTimestampSchema()) {
    return fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => ({ wire: seconds, truth: new Date(seconds * 1000) }))
  }
  if (shape.isBlobSchema()) {
    return fc.uint8Array({ maxLength: 8 }).map((bytes) => ({ wire: Buffer.from(bytes).toString("base64"), truth: [...bytes] }))
  }
  if (shape.isBooleanSchema()) return fc.boolean().map((value) => ({ wire: value, truth: value }))
  if (shape.isNumericSchema()) {
    return fc.oneof(
      fc.integer().map((value) => ({ wire: value, truth: value })),
      fc.constant({ wire: "Infinity", truth: Number.POSITIVE_INFINITY })
    )
  }
  return fc.string({ unit: "binary", maxLength: 12 }).map((value) => ({ wire: value, truth: value }))
}

/** The same text with every character written as an escape, or with white space between all there is. */
const written = (value: unknown, style: "plain" | "escaped" | "spaced"): string => {
  const text = JSON.stringify(value, undefined, style === "spaced" ? " \t" : undefined)
  return style === "escaped"
    ? text.replace(/[^\x20-\x7e]/gu, (char) => char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""))
    : text
}

const plain = ({ $metadata: _, ...output }: Record<string, unknown>): unknown =>
  JSON.parse(JSON.stringify(output, (_, value: unknown) => value === Number.POSITIVE_INFINITY ? "Infinity" : value instanceof Uint8Array ? [...value] : value))

const numRuns = process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100

describe("JsonAnswer", () => {
  describe.each(Object.keys(protocols) as ReadonlyArray<keyof typeof protocols>)("%s", (protocol) => {
    for (const [Client, schema] of protocols[protocol]) {
      const name = (schema as unknown as OperationSchema)[2]
      it(`reads ${name} as it was meant, and as the SDK's own reader does`, async () => {
        const shape = NormalizedSchema.of((schema as unknown as OperationSchema)[5] as never)
        const [fast, stock] = [readerOf(Client, schema, true), readerOf(Client, schema, false)]
        await fc.assert(fc.asyncProperty(
          sampleOf(shape, protocol === "REST JSON", 7),
          fc.constantFrom("plain" as const, "escaped" as const, "spaced" as const),
          async ({ truth, wire }, style) => {
            const text = written(wire, style)
            const answer = await fast(text)
            assert.deepStrictEqual(answer, await stock(text))
            assert.deepStrictEqual(plain(answer), plain(truth as Record<string, unknown>))
            assert.strictEqual(Object.getPrototypeOf(answer), Object.prototype)
          }
        ), { numRuns })
      })
    }
  })

  const tags = readerOf(ResourceGroupsTaggingAPIClient, GetResources$, true)

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["a text", "\"ok\""],
    ["a web page", "<html></html>"],
    ["an answer cut off", "{\"ResourceTagMappingList\":["],
    ["an object for a list", "{\"ResourceTagMappingList\":{}}"],
    ["a text for a list", "{\"ResourceTagMappingList\":\"none\"}"],
    ["a list for an object", "{\"ResourceTagMappingList\":[[]]}"],
    ["nothing for an object", "{\"ResourceTagMappingList\":[null]}"],
    ["an object for a text", "{\"PaginationToken\":{}}"],
    ["a number that no double holds for a text", "{\"PaginationToken\":12345678901234567890}"],
    ["members in another case", "{\"resourceTagMappingList\":[]}"],
    ["a second document", "{}{}"]
  ])("%s is malformed, not empty", async (_, body) => {
    const outcome = await tags(body).then(() => "read", (error: unknown) => error instanceof Error ? error.name : "")
    assert.oneOf(outcome, ["SyntaxError", "MalformedJson"])
  })

  it.each([
    ["{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", "ThrottlingException: Rate exceeded"],
    ["{\"__type\":\"com.amazon.coral#AccessDeniedException:http://x/\",\"Message\":\"no\"}", "AccessDeniedException: no"],
    ["{\"message\":\"Internal server error\"}", "UnnamedError: Internal server error"],
    ["{\"code\":\"InternalFailure\"}", "InternalFailure: InternalFailure"],
    ["{\"status\":503,\"title\":\"Service Unavailable\"}", "UnnamedError: Service Unavailable"],
    ["{\"errors\":[{}]}", "MalformedJson: the answer holds nothing that was asked for, but errors"]
  ])("an error with the status of success is that error: %s", async (body, error) => {
    assert.include(await tags(body).then(() => "read", String), error)
  })

  it("an answer with nothing but what is new is empty, as one with nothing at all", async () => {
    assert.deepStrictEqual(plain(await tags("{\"FutureMember\":{\"message\":1}}")), {})
    assert.deepStrictEqual(plain(await tags("{}")), {})
  })

  it("an answer without what it must have is malformed", async () => {
    // As ListStateMachines and ListAgents declare their answers: of two members the first is required.
    const output = [3, "com.amazonaws.x", "ListThingsOutput", 0, ["things", "nextToken"], [64, 0], 1]
    const things = readerOf(LambdaClient, [9, "com.amazonaws.x", "ListThings", { http: ["GET", "/", 200] }, "unit", output], true)
    for (const body of ["{}", "{\"FutureMember\":[]}"]) {
      assert.include(await things(body).then(() => "read", String), "without things, which it must have")
    }
    assert.deepStrictEqual(plain(await things("{\"things\":[]}")), { things: [] })
  })

  it("numbers and booleans for texts, texts for numbers, and dates in another format are what they say", async () => {
    const answer = await tags("\ufeff" + JSON.stringify({
      PaginationToken: 5,
      ResourceTagMappingList: [{ ResourceARN: 12, Tags: [{ Key: true, Value: 1.5 }] }]
    }))
    assert.deepStrictEqual(plain(answer), {
      PaginationToken: "5",
      ResourceTagMappingList: [{ ResourceARN: "12", Tags: [{ Key: "true", Value: "1.5" }] }]
    })
    assert.deepStrictEqual(plain(await readerOf(LambdaClient, ListTags$, true)("{\"Tags\":{\"a\":1,\"b\":null,\"c\":\"d\"}}")), {
      Tags: { a: "1", b: "", c: "d" }
    })
    const table = readerOf(DynamoDBClient, DescribeTable$, true)
    for (const date of [1_700_000_000, "1700000000", "2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00", "Tue, 14 Nov 2023 22:13:20 GMT"]) {
      const { Table } = await table(JSON.stringify({ Table: { ItemCount: "7", CreationDateTime: date } })) as
        { readonly Table: { readonly ItemCount: number; readonly CreationDateTime: Date } }
      assert.strictEqual(Table.CreationDateTime.toISOString(), "2023-11-14T22:13:20.000Z")
      assert.strictEqual(Table.ItemCount, 7)
    }
    assert.notStrictEqual(await table("{\"Table\":{\"CreationDateTime\":\"soon\"}}").then(() => "read", String), "read")
  })

  it("what is no UTF-8 is malformed", async () => {
    const outcome = await tags(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])).then(() => "read", String)
    assert.include(outcome, "MalformedJson: the answer is no UTF-8")
  })

  it("brackets without end are refused before they take memory", async () => {
    for (const bomb of ["[".repeat(2 ** 21), "{\"a\":".repeat(2 ** 19), `{"x":"${"[".repeat(2 ** 20)}","y":${"[".repeat(1000)}`]) {
      assert.include(await tags(bomb).then(() => "read", String), "nested more than 500 levels deep")
    }
    const deepText = `{"PaginationToken":"${"[{\\\"".repeat(2 ** 19)}"}`
    assert.strictEqual((await tags(deepText)).PaginationToken, "[{\"".repeat(2 ** 19))
  })
})
