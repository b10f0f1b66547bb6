import { AutoScalingClient, DescribeAutoScalingGroups$ } from "@aws-sdk/client-auto-scaling"
import { DescribeInstances$, DescribeRegions$, DescribeVolumes$, EC2Client } from "@aws-sdk/client-ec2"
import { GetAccountAuthorizationDetails$, IAMClient } from "@aws-sdk/client-iam"
import { DescribeDBInstances$, RDSClient } from "@aws-sdk/client-rds"
import { ListBuckets$, S3Client } from "@aws-sdk/client-s3"
import { ListTopics$, SNSClient } from "@aws-sdk/client-sns"
import { assert, describe, it } from "@effect/vitest"
import { NormalizedSchema } from "@smithy/core/schema"
import * as fc from "fast-check"
import * as XmlAnswer from "../src/XmlAnswer.ts"

interface Reader {
  readonly read: (shape: NormalizedSchema, bytes: Uint8Array, result?: string) => unknown
}

const config = { region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }
const readerOf = (client: { readonly config: { readonly protocol?: unknown } }): Reader =>
  (client.config.protocol as { readonly deserializer: Reader }).deserializer

/** The SDK's own reader of a client, and ours. */
const readersOf = (Client: new(config: object) => { readonly config: { readonly protocol?: unknown } }) => {
  const stock = new Client(config)
  const fast = new Client(config)
  XmlAnswer.install(fast)
  return { stock: readerOf(stock), fast: readerOf(fast) }
}

type OperationSchema = readonly [kind: 9, namespace: string, name: string, traits: unknown, input: () => unknown, output: unknown]

const operations = [
  { client: EC2Client, schema: DescribeInstances$, nested: false },
  { client: EC2Client, schema: DescribeVolumes$, nested: false },
  { client: EC2Client, schema: DescribeRegions$, nested: false },
  { client: RDSClient, schema: DescribeDBInstances$, nested: true },
  { client: AutoScalingClient, schema: DescribeAutoScalingGroups$, nested: true },
  { client: IAMClient, schema: GetAccountAuthorizationDetails$, nested: true },
  { client: SNSClient, schema: ListTopics$, nested: true }
].map(({ client, nested, schema }) => {
  const [, , name, , , output] = schema as unknown as OperationSchema
  return {
    name,
    nested,
    shape: NormalizedSchema.of(output as never),
    ...readersOf(client)
  }
})

const utf8 = new TextEncoder()

/** Text as it stands in a document: escaped in one of the ways that XML has, with anything that Unicode has. */
const escaped = fc.array(fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }).map((text) =>
    [...text].filter((char) => char.codePointAt(0)! >= 32 || char === "\t").join("")
      .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/[\ud800-\udfff]/gu, "")
  ),
  fc.constantFrom("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#65;", "&#x2603;", "<![CDATA[a < b & c]]>", "<!-- a > b -->", "\r\n", "&unknown;", "😀"),
  fc.constant("__proto__")
), { maxLength: 3 }).map((parts) => parts.join(""))

/** White space that AWS prints between elements. */
const gap = fc.constantFrom("", "\n", "\n    ", "\r\n\t")

const unknownElement = fc.constantFrom(
  "<somethingNew>1</somethingNew>",
  "<somethingNew/>",
  "<somethingNew a=\"x > y\" b='\"'><item><item>deep</item></item></somethingNew>",
  "<!-- nothing -->",
  "<?target data?>"
)

const elementOf = (name: string, content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(content, fc.boolean()).map(([content, short]) => content === "" && short ? `<${name}/>` : `<${name}>${content}</${name}>`)

const inside = (parts: ReadonlyArray<fc.Arbitrary<string>>): fc.Arbitrary<string> =>
  fc.tuple(gap, fc.tuple(...parts.map((part) => fc.tuple(part, gap)))).map(([first, parts]) =>
    parts.every(([part]) => part === "") ? "" : first + parts.map(([part, gap]) => part + (part === "" ? "" : gap)).join(""))

/** A document's element for a shape, as AWS might send it; members come and go. */
const xmlOf = (shape: NormalizedSchema, depth: number): fc.Arbitrary<string> => {
  if (shape.isStructSchema()) {
    const members = depth <= 0 ? [] : [...shape.structIterator()]
    const some = fc.subarray(members, { maxLength: Math.min(7, members.length) })
    return some.chain((members) =>
      inside([
        ...members.map(([name, member]) => {
          const key = member.getMemberTraits().xmlName ?? name
          const isFlat = member.isListSchema() && Boolean(member.getMergedTraits().xmlFlattened)
          return isFlat
            ? fc.array(elementOf(key, xmlOf(member.getValueSchema(), depth - 1)), { minLength: 1, maxLength: 2 }).map((items) => items.join(""))
            : elementOf(key, xmlOf(member, depth - 1))
        }),
        fc.option(unknownElement, { nil: "", freq: 3 })
      ])
    )
  }
  if (shape.isListSchema()) {
    const item = shape.getValueSchema().getMergedTraits().xmlName ?? "member"
    return fc.integer({ min: 0, max: 3 }).chain((length) =>
      inside(Array.from({ length }, () => elementOf(item, xmlOf(shape.getValueSchema(), depth - 1)))))
  }
  if (shape.isMapSchema()) {
    return fc.array(fc.constantFrom("a", "b", "__proto__"), { maxLength: 2 }).map((keys) =>
      [...new Set(keys)].map((key) => `<entry><key>${key}</key><value>1</value></entry>`).join(""))
  }
  if (shape.isTimestampSchema()) return fc.oneof(
    fc.constantFrom("2026-01-09T09:36:02+01:00", "2024-02-29T23:59:59Z", "2026-01-31T00:00:00.000001Z"),
    fc.tuple(fc.date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }), fc.boolean())
      .map(([date, short]) => short ? `${date.toISOString().slice(0, 19)}Z` : date.toISOString())
  )
  if (shape.isNumericSchema()) return fc.integer().map(String)
  if (shape.isBooleanSchema()) return fc.constantFrom("true", "false", "True")
  return shape.isStringSchema() ? escaped : fc.constant("")
}

const operationOf = (name: string) => operations.find((operation) => operation.name === name)!

const documents = operations.map(({ name, nested, shape }) => {
  const body = xmlOf(shape, 6)
  return fc.tuple(nested ? elementOf(`${name}Result`, body.filter((text) => text !== "")) : body, gap).map(([body, gap]) => ({
    name,
    xml: `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response xmlns="http://example.amazonaws.com/doc/">${gap}${body}${gap}<requestId>r</requestId></${name}Response>\n`
  }))
})

describe("XmlAnswer", () => {
  it("reads every document as the SDK's own reader does", () => {
    fc.assert(fc.property(fc.oneof(...documents), ({ name, xml }) => {
      const { fast, nested, shape, stock } = operationOf(name)
      const key = nested ? `${name}Result` : undefined
      const bytes = utf8.encode(xml)
      const truth = stock.read(shape, bytes, key) ?? {}
      if (!nested && Object.keys(truth).length === 0 && xml.includes("<somethingNew")) {
        // Nothing but what nobody asked for: the SDK takes it for an empty answer.
        assert.throws(() => fast.read(shape, bytes, key), "nothing that was asked for, but <somethingNew>")
      } else assert.deepStrictEqual(fast.read(shape, bytes, key), truth)
    }), { numRuns: 2000 })
  })

  const [instances] = operations
  const read = (xml: string) => instances!.fast.read(instances!.shape, utf8.encode(xml))
  const page = (inner: string) => `<DescribeInstancesResponse><reservationSet><item><ownerId>${inner}</ownerId></item></reservationSet></DescribeInstancesResponse>`
  const ownerOf = (answer: unknown) => (answer as { readonly Reservations: ReadonlyArray<{ readonly OwnerId: string }> }).Reservations[0]!.OwnerId

  it("reads characters beyond U+FFFF from numeric entities", () => {
    assert.strictEqual(ownerOf(read(page("&#x1F600;&#128512;"))), "😀😀")
  })

  it("keeps a single space, and reads a line break between tags as nothing", () => {
    assert.strictEqual(ownerOf(read(page(" "))), " ")
    assert.strictEqual(ownerOf(read(page("\n  "))), "")
  })

  it.each([
    ["an HTML page", "<html><body>Sign in</body></html>", /not a response/u],
    ["a document type with entities", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><DescribeInstancesResponse/>", /document type/u],
    ["no XML at all", "gateway timeout", /no XML/u],
    ["an element that ends as another", "<DescribeInstancesResponse><reservationSet></item></DescribeInstancesResponse>", /ends as/u],
    ["a text that ends as another", "<DescribeInstancesResponse><reservationSet><item><ownerId>1</item>", /ends as/u],
    ["a cut-off element", "<DescribeInstancesResponse><reservationSet><item><owner", /ends in the middle/u],
    ["a cut-off document", "<DescribeInstancesResponse><reservationSet><item></item>", /ends in the middle/u],
    ["a cut-off text", "<DescribeInstancesResponse><reservationSet><item><ownerId>12", /ends in the middle/u]
  ])("%s is malformed, not empty", (_, xml, says) => {
    assert.throws(() => read(xml), says)
  })

  it("an answer of a query service without its result is malformed, not empty", () => {
    const { fast, shape } = operationOf("DescribeDBInstances")
    assert.throws(() => fast.read(shape, utf8.encode("<DescribeDBInstancesResponse/>"), "DescribeDBInstancesResult"), /lacks its/u)
  })

  it("a web page is no list of buckets", () => {
    const read = (xml: string) => {
      const client = new S3Client(config)
      XmlAnswer.install(client)
      return readerOf(client).read(NormalizedSchema.of((ListBuckets$ as unknown as OperationSchema)[5] as never), utf8.encode(xml))
    }
    assert.throws(() => read("<!DOCTYPE html>\n<html><body>Sign in</body></html>"), /web page/u)
    assert.deepStrictEqual(read("<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>"), {
      Buckets: [{ Name: "b" }]
    })
  })

  it("any cut of a document is malformed", () => {
    fc.assert(fc.property(documents[0]!, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ xml }, share) => {
      const end = xml.lastIndexOf("</")
      assert.throws(() => read(xml.slice(0, Math.floor(end * share))))
    }))
  })

  it("unknown elements nested a hundred thousand deep neither crash nor slow it", () => {
    const deep = "<x>".repeat(100_000) + "</x>".repeat(100_000)
    assert.strictEqual(ownerOf(read(page("1").replace("<ownerId>", `${deep}<ownerId>`))), "1")
  })

  it("an empty list is a list", () => {
    const { fast, shape } = operationOf("ListTopics")
    assert.deepStrictEqual(
      fast.read(shape, utf8.encode("<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult></ListTopicsResponse>"), "ListTopicsResult"),
      { Topics: [] }
    )
  })
})
