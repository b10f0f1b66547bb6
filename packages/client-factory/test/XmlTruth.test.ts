/** XML answers against what was written into them, in all the ways in which XML can say it: also those that the SDK reads wrong. */
import { DescribeInstances$, DescribeVolumes$, EC2Client } from "@aws-sdk/client-ec2"
import { GetAccountAuthorizationDetails$, IAMClient } from "@aws-sdk/client-iam"
import { DescribeDBInstances$, RDSClient } from "@aws-sdk/client-rds"
import { ListHostedZones$, ListTagsForResource$, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketTagging$, ListBuckets$, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { NormalizedSchema } from "@smithy/core/schema"
import * as fc from "fast-check"
import * as XmlAnswer from "../src/XmlAnswer.ts"

type OperationSchema = readonly [kind: 9, namespace: string, name: string, traits: unknown, input: unknown, output: unknown]
type ClientClass = new(config: object) => { readonly config: object }

interface Protocol {
  readonly deserializeResponse: (operation: object, context: object, response: object) => Promise<Record<string, unknown>>
}

const config = { region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }

const readerOf = (Client: ClientClass, schema: unknown, ours: boolean, window?: number) => {
  const [, namespace, name, traits, input, output] = schema as OperationSchema
  const client = new Client(config)
  if (ours) XmlAnswer.install(client, window)
  const { protocol } = client.config as { readonly protocol: Protocol }
  return (body: string | Uint8Array) =>
    protocol.deserializeResponse({ namespace, name, traits, input, output }, client.config, {
      statusCode: 200,
      headers: {},
      body: typeof body === "string" ? Buffer.from(body) : body
    }).then(({ $metadata: _, ...answer }) => answer)
}

const protocols = {
  "EC2's query": [[EC2Client, DescribeInstances$], [EC2Client, DescribeVolumes$]],
  "query": [[RDSClient, DescribeDBInstances$], [IAMClient, GetAccountAuthorizationDetails$]],
  "REST": [[Route53Client, ListHostedZones$], [Route53Client, ListTagsForResource$], [S3Client, ListBuckets$], [S3Client, GetBucketTagging$]]
} as const

/** How a document is written: the white space between elements, and how a character may stand there. */
interface Style {
  readonly gap: string
  readonly char: "plain" | "decimal" | "hexadecimal" | "cdata" | "comments"
}

/** An element's content in any style, and what it means. */
interface Sample {
  readonly xml: (style: Style) => string
  readonly truth: unknown
}

const named = (char: string): string =>
  ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;" })[char] ?? char

const textIn = (text: string, { char: style }: Style): string => {
  const chars = [...text]
  switch (style) {
    case "plain":
      return chars.map(named).join("")
    case "decimal":
      return chars.map((char) => `&#${char.codePointAt(0)};`).join("")
    case "hexadecimal":
      return chars.map((char) => `&#x${char.codePointAt(0)!.toString(16)};`).join("")
    case "cdata":
      return `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`
    case "comments":
      return chars.map((char) => `${named(char)}<!-- </x> > & -->`).join("")
  }
}

const element = (name: string, { xml }: Sample, style: Style): string => {
  const content = xml(style)
  return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`
}

const withGaps = (elements: ReadonlyArray<string>, { gap }: Style): string =>
  elements.length === 0 ? "" : gap + elements.map((element) => element + gap).join("")

/** No control characters, which XML has no way to write, and no line breaks alone, which are the printer's. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 10 }).map((text) => text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "")),
  fc.constantFrom("__proto__", "a & b < c > d", "😀🏴󠁧󠁢󠁥󠁮󠁧󠁿", "&amp;lt;", "x".repeat(3000), "tab\tbed", "two\nlines")
)

const sampleOf = (shape: NormalizedSchema, depth: number, isRoot = false): fc.Arbitrary<Sample> => {
  if (shape.isStructSchema()) {
    const members = depth <= 0 ? [] : [...shape.structIterator()].filter(([, member]) => !member.getMergedTraits().xmlFlattened)
    return fc.shuffledSubarray(members, { maxLength: Math.min(7, members.length) }).chain((some) =>
      fc.tuple(fc.tuple(...some.map(([, member]) => sampleOf(member, depth - 1))), fc.boolean()).map(([samples, isNew]) => ({
        xml: (style) =>
          withGaps([
            // Alone in the root it would be another answer.
            ...(isNew && !(isRoot && some.length === 0) ? ["<newElement a='>'><item><item/></item></newElement>"] : []),
            ...samples.map((sample, index) => element(some[index]![1].getMemberTraits().xmlName ?? some[index]![0], sample, style))
          ], style),
        truth: Object.fromEntries(samples.map(({ truth }, index) => [some[index]![0], truth]))
      }))
    )
  }
  if (shape.isListSchema()) {
    const item = shape.getValueSchema().getMergedTraits().xmlName ?? "member"
    return fc.array(sampleOf(shape.getValueSchema(), depth - 1), { maxLength: 3 }).map((samples) => ({
      xml: (style) => withGaps(samples.map((sample) => element(item, sample, style)), style),
      truth: samples.map(({ truth }) => truth)
    }))
  }
  if (shape.isTimestampSchema()) {
    return fc.date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => ({ xml: () => date.toISOString(), truth: date }))
  }
  if (shape.isNumericSchema()) return fc.integer().map((value) => ({ xml: () => String(value), truth: value }))
  if (shape.isBooleanSchema()) return fc.boolean().map((value) => ({ xml: () => String(value), truth: value }))
  return anyText.map((text) => ({ xml: (style) => textIn(text, style), truth: text }))
}

const documentOf = (protocol: keyof typeof protocols, schema: unknown) => {
  const [, , name, , , output] = schema as OperationSchema
  const shape = NormalizedSchema.of(output as never)
  const root = protocol === "REST" ? shape.getMergedTraits().xmlName ?? shape.getName()! : `${name}Response`
  return sampleOf(shape, 7, true).map(({ truth, xml }) => ({
    truth,
    xml: (style: Style) => {
      const body = xml(style)
      const inner = protocol === "query" ? `<${name}Result>${body}</${name}Result>` : body
      return `<?xml version="1.0"?>\n<!-- <${root}> -->\n<${root} xmlns="http://example.com/">${inner}</${root}>\n`
    }
  }))
}

const numRuns = process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100

describe("XmlAnswer against the truth", () => {
  describe.each(Object.keys(protocols) as ReadonlyArray<keyof typeof protocols>)("%s", (protocol) => {
    for (const [Client, schema] of protocols[protocol]) {
      const name = (schema as unknown as OperationSchema)[2]
      const [fast, stock] = [readerOf(Client, schema, true), readerOf(Client, schema, false)]

      it(`reads ${name} as it was meant, however it is written`, async () => {
        await fc.assert(fc.asyncProperty(
          documentOf(protocol, schema),
          fc.record({
            gap: fc.constantFrom("", " ", "\n", "\n    ", "\r\n\t", "  \t "),
            char: fc.constantFrom("plain", "decimal", "hexadecimal", "cdata", "comments")
          }),
          async ({ truth, xml }, style) => {
            assert.deepStrictEqual(await fast(xml(style)), truth)
          }
        ), { numRuns })
      })

      // A window ends before a tag wherever there is one: between them these cut every document in every possible way.
      const windowed = [1, 7, 40, 300].map((window) => readerOf(Client, schema, true, window))

      it(`reads ${name} as it was meant, however few bytes at a time`, async () => {
        await fc.assert(fc.asyncProperty(
          documentOf(protocol, schema),
          fc.constantFrom(...windowed),
          fc.record({
            gap: fc.constantFrom("", "\n    ", "\r\n\t"),
            char: fc.constantFrom("plain", "decimal", "cdata", "comments")
          }),
          async ({ truth, xml }, read, style) => {
            assert.deepStrictEqual(await read(xml(style)), truth)
          }
        ), { numRuns })
      })

      it(`reads ${name} as the SDK does, where that reads it right`, async () => {
        await fc.assert(fc.asyncProperty(documentOf(protocol, schema), async ({ xml }) => {
          const text = xml({ gap: "\n  ", char: "plain" })
          assert.deepStrictEqual(await fast(text), await stock(text))
        }), { numRuns })
      })
    }
  })

  const buckets = readerOf(S3Client, ListBuckets$, true)

  it.each([
    ["the answer of another operation", "<ListBucketResult/>"],
    ["a web page", "<!DOCTYPE html><html><body/></html>"],
    ["what is no XML", "ok"],
    ["an end tag", "</ListAllMyBucketsResult>"],
    ["a document cut off", "<ListAllMyBucketsResult><Buckets>"],
    ["a bomb of entities", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListAllMyBucketsResult/>"]
  ])("%s is no list of buckets", async (_, xml) => {
    assert.match(await buckets(xml).then(() => "read", String), /^MalformedXml/u)
  })

  const volumes = readerOf(EC2Client, DescribeVolumes$, true)
  const databases = readerOf(RDSClient, DescribeDBInstances$, true)

  it.each([
    [buckets, "<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>", "SlowDown: Reduce your rate"],
    [volumes, "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>later</Message></Error></Errors><RequestID>r</RequestID></Response>", "RequestLimitExceeded: later"],
    [databases, "<ErrorResponse xmlns='http://x/'><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>", "Throttling: Throttling"]
  ])("an error with the status of success is that error", async (read, xml, error) => {
    assert.include(await read(xml).then(() => "read", String), error)
  })

  it.each([
    "<e:DescribeVolumesResponse xmlns:e='http://x/'><e:requestId>r</e:requestId><e:volumeSet/></e:DescribeVolumesResponse>",
    "<Response><Oops/></Response>"
  ])("what holds nothing that was asked for is no empty list: %s", async (xml) => {
    assert.match(await volumes(xml).then(() => "read", String), /^MalformedXml: the answer holds nothing that was asked for/u)
  })

  it("an answer with nothing but its request's id is empty", async () => {
    assert.deepStrictEqual(await volumes("<DescribeVolumesResponse><requestId>r</requestId></DescribeVolumesResponse>"), {})
  })

  it("tags with spaces, attributes, comments and markup that windows cut are read as they stand", async () => {
    const xml = "<?xml version='1.0'?><ListAllMyBucketsResult  a='<' b=\"x>y\"><Buckets ><!-- < <a> --><Bucket\n>" +
      "<Name>a<![CDATA[<b>]]>c<i>no</i></Name ></Bucket  ><a<b>c</a<b></Buckets></ListAllMyBucketsResult>"
    const truth = await buckets(xml)
    assert.deepStrictEqual(truth, { Buckets: [{ Name: "a<b>c" }] })
    for (let window = 1; window <= xml.length; window++) {
      assert.deepStrictEqual(await readerOf(S3Client, ListBuckets$, true, window)(xml), truth, `${window} bytes at a time`)
    }
  })

  it("a comment of megabytes costs no more in small windows", async () => {
    const xml = `<ListAllMyBucketsResult><!-- ${"< ".repeat(2 ** 20)}--><Buckets/></ListAllMyBucketsResult>`
    assert.deepStrictEqual(await readerOf(S3Client, ListBuckets$, true, 64)(xml), { Buckets: [] })
  })

  it("what is no UTF-8 is malformed", async () => {
    const body = Buffer.concat([Buffer.from("<ListAllMyBucketsResult>"), Buffer.from([0xc3]), Buffer.from("</ListAllMyBucketsResult>")])
    assert.match(await buckets(body).then(() => "read", String), /no UTF-8/u)
  })
})
