/**
 * The bytes on the wire against documents written by hand after the examples
 * of AWS's API references: no SDK takes part.
 */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Simulator } from "../src/index.ts"

const account = "111122223333"

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const call = (
  simulator: Simulator["Service"],
  service: string,
  request: {
    readonly method?: string
    readonly path?: string
    readonly form?: string
    readonly target?: string
    readonly json?: unknown
    readonly xml?: string
    readonly key?: string
  }
): Effect.Effect<Reply> =>
  Effect.promise(async () => {
    const key = request.key ?? simulator.credentials().accessKeyId
    const body = request.form ?? request.xml ?? (request.json === undefined ? undefined : JSON.stringify(request.json))
    const response = await fetch(`${simulator.url}${request.path ?? "/"}`, {
      method: request.method ?? "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261101/us-east-1/${service}/aws4_request, ` +
          `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
        ...(request.form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }),
        ...(request.target === undefined ? {} : { "x-amz-target": request.target })
      },
      redirect: "manual",
      ...(body === undefined ? {} : { body })
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"

/** A document with `…` for what is not fixed, as a pattern. */
const like = (document: string): RegExp => {
  const escaped = document.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")
  return new RegExp(`^${escaped.replaceAll("REQUEST-ID", uuid).replaceAll("…", "[^<>\"]*")}$`, "u")
}

layer(Simulator.layer({
  estate: {
    seed: 11,
    regions: ["us-east-1", "eu-west-1"],
    counts: {
      "ec2:elastic-ip": { "us-east-1": 1 },
      "sns:topic": { "us-east-1": 2 },
      "sqs:queue": { "us-east-1": 1 },
      "lambda:function": { "us-east-1": 1 },
      "s3:bucket": { "us-east-1": 1, "eu-west-1": 1 },
      "route53:hosted-zone": { global: 1 },
      "dynamodb:table": { "us-east-1": 1 }
    },
    tags: { untagged: 0 },
    ghosts: 0
  }
}))("on the wire", (it) => {
  it.effect("EC2: DescribeRegions, four spaces to the level, <item>, the namespace with its slash", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const form = "Action=DescribeRegions&Version=2016-11-15&RegionName.1=us-east-1"
      const reply = yield* call(simulator, "ec2", { form })
      assert.strictEqual(reply.status, 200)
      assert.strictEqual(reply.headers.get("content-type"), "text/xml;charset=UTF-8")
      assert.match(reply.headers.get("x-amzn-requestid") ?? "", new RegExp(uuid, "u"))
      assert.match(
        reply.text,
        like(`<?xml version="1.0" encoding="UTF-8"?>
<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>REQUEST-ID</requestId>
    <regionInfo>
        <item>
            <regionName>us-east-1</regionName>
            <regionEndpoint>ec2.us-east-1.amazonaws.com</regionEndpoint>
            <optInStatus>opt-in-not-required</optInStatus>
        </item>
    </regionInfo>
</DescribeRegionsResponse>`)
      )
    }))

  it.effect("EC2: DescribeAddresses with tags and escapes; an empty list is one empty element", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [address] = simulator.estate.resources({ type: "ec2:elastic-ip" })
      simulator.estate.tag(address!.arn, { "a&b": "<x> \"y\" 'z' \u001b😀" })
      const reply = yield* call(simulator, "ec2", { form: "Action=DescribeAddresses&Version=2016-11-15" })
      assert.match(
        reply.text,
        like(`<?xml version="1.0" encoding="UTF-8"?>
<DescribeAddressesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>REQUEST-ID</requestId>
    <addressesSet>
        <item>
            <allocationId>${address!.id}</allocationId>
            <publicIp>…</publicIp>
            <domain>vpc</domain>
            <publicIpv4Pool>amazon</publicIpv4Pool>
            <networkBorderGroup>us-east-1</networkBorderGroup>
            <tagSet>
                <item>
                    <key>a&amp;b</key>
                    <value>&lt;x&gt; &quot;y&quot; &apos;z&apos; &#x1B;😀</value>
                </item>
            </tagSet>
        </item>
    </addressesSet>
</DescribeAddressesResponse>`)
      )
      const none = yield* call(simulator, "ec2", { form: "Action=DescribeVolumes&Version=2016-11-15&MaxResults=5" })
      assert.include(none.text, "\n    <volumeSet/>\n")
    }))

  it.effect("EC2: an error", () =>
    Effect.gen(function*() {
      const reply = yield* call(yield* Simulator, "ec2", {
        form: "Action=DescribeRegions&Version=2016-11-15",
        key: "AKIAIOSFODNN7EXAMPLE"
      })
      assert.strictEqual(reply.status, 401)
      assert.match(
        reply.text,
        like(
          `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>AuthFailure</Code><Message>` +
            `AWS was not able to validate the provided access credentials</Message></Error></Errors>` +
            `<RequestID>REQUEST-ID</RequestID></Response>`
        )
      )
    }))

  it.effect("query: ListTopics with <member>, Result and ResponseMetadata", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [a, b] = simulator.estate.resources({ type: "sns:topic" })
      const reply = yield* call(simulator, "sns", { form: "Action=ListTopics&Version=2010-03-31" })
      assert.strictEqual(reply.headers.get("content-type"), "text/xml")
      assert.match(
        reply.text,
        like(`<ListTopicsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <ListTopicsResult>
    <Topics>
      <member>
        <TopicArn>${a!.arn}</TopicArn>
      </member>
      <member>
        <TopicArn>${b!.arn}</TopicArn>
      </member>
    </Topics>
  </ListTopicsResult>
  <ResponseMetadata>
    <RequestId>REQUEST-ID</RequestId>
  </ResponseMetadata>
</ListTopicsResponse>
`)
      )
    }))

  it.effect("query: an error", () =>
    Effect.gen(function*() {
      const reply = yield* call(yield* Simulator, "sns", {
        form: `Action=ListTagsForResource&Version=2010-03-31&ResourceArn=arn:aws:sns:us-east-1:${account}:none`
      })
      assert.strictEqual(reply.status, 404)
      assert.match(
        reply.text,
        like(`<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error>
    <Type>Sender</Type>
    <Code>ResourceNotFound</Code>
    <Message>Resource does not exist</Message>
  </Error>
  <RequestId>REQUEST-ID</RequestId>
</ErrorResponse>
`)
      )
    }))

  it.effect("query: lists in a request are numbered below member", () =>
    Effect.gen(function*() {
      const reply = yield* call(yield* Simulator, "iam", {
        form: "Action=GetAccountAuthorizationDetails&Version=2010-05-08&Filter.member.1=User"
      })
      assert.include(reply.text, "<RoleDetailList/>")
      assert.include(reply.text, "<IsTruncated>false</IsTruncated>")
    }))

  it.effect("JSON 1.1: the tagging API", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [table] = simulator.estate.resources({ type: "dynamodb:table" })
      simulator.estate.tag(table!.arn, { Owner: "a" })
      const target = "ResourceGroupsTaggingAPI_20170126.GetResources"
      const reply = yield* call(simulator, "tagging", { target, json: { ResourceTypeFilters: ["dynamodb:table"] } })
      assert.strictEqual(reply.headers.get("content-type"), "application/x-amz-json-1.1")
      assert.strictEqual(
        reply.text,
        `{"PaginationToken":"","ResourceTagMappingList":[{"ResourceARN":"${table!.arn}",` +
          `"Tags":[{"Key":"Owner","Value":"a"}]}]}`
      )
      const wrong = yield* call(simulator, "tagging", { target, json: { ResourcesPerPage: 101 } })
      assert.strictEqual(wrong.status, 400)
      assert.strictEqual(
        wrong.text,
        `{"__type":"com.amazonaws.resourcegroupstaggingapi#InvalidParameterException",` +
          `"Message":"ResourcesPerPage must be between 1 and 100"}`
      )
    }))

  it.effect("JSON 1.0: times are seconds since 1970; SQS names the query error in a header", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [table] = simulator.estate.resources({ type: "dynamodb:table" })
      const described = yield* call(simulator, "dynamodb", {
        target: "DynamoDB_20120810.DescribeTable",
        json: { TableName: table!.name }
      })
      assert.strictEqual(described.headers.get("content-type"), "application/x-amz-json-1.0")
      assert.strictEqual(JSON.parse(described.text).Table.CreationDateTime, table!.createdAt.getTime() / 1000)
      const missing = yield* call(simulator, "sqs", {
        target: "AmazonSQS.ListQueueTags",
        json: { QueueUrl: `https://sqs.us-east-1.amazonaws.com/${account}/none` }
      })
      assert.strictEqual(missing.status, 400)
      assert.strictEqual(missing.headers.get("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender")
      assert.strictEqual(
        missing.text,
        `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`
      )
    }))

  it.effect("REST-JSON: Lambda's paths, and errors named in a header", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [one] = simulator.estate.resources({ type: "lambda:function" })
      const list = yield* call(simulator, "lambda", { method: "GET", path: "/2015-03-31/functions/?MaxItems=10" })
      assert.strictEqual(list.headers.get("content-type"), "application/json")
      assert.strictEqual(JSON.parse(list.text).Functions[0].FunctionArn, one!.arn)
      const path = `/2017-03-31/tags/${encodeURIComponent(one!.arn)}`
      const tags = yield* call(simulator, "lambda", { method: "GET", path })
      assert.deepStrictEqual(JSON.parse(tags.text), { Tags: one!.tags })
      const missing = yield* call(simulator, "lambda", { method: "GET", path: "/2015-03-31/functions/none" })
      assert.strictEqual(missing.status, 404)
      assert.strictEqual(missing.headers.get("x-amzn-errortype"), "ResourceNotFoundException")
      assert.deepStrictEqual(JSON.parse(missing.text), {
        Type: "User",
        Message: `Function not found: arn:aws:lambda:us-east-1:${account}:function:none`
      })
    }))

  it.effect("REST-XML: S3 in one line, its own error document, the location alone in the root", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [here, there] = simulator.estate.resources({ type: "s3:bucket" })
      const list = yield* call(simulator, "s3", { method: "GET", path: "/?max-buckets=1&bucket-region=us-east-1" })
      assert.strictEqual(list.headers.get("content-type"), "application/xml")
      assert.isString(list.headers.get("x-amz-request-id"))
      assert.match(
        list.text,
        like(
          `<?xml version="1.0" encoding="UTF-8"?>\n` +
            `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
            `<Owner><ID>…</ID></Owner><Buckets><Bucket><Name>${here!.name}</Name>` +
            `<CreationDate>${here!.createdAt.toISOString()}</CreationDate><BucketRegion>us-east-1</BucketRegion>` +
            `</Bucket></Buckets></ListAllMyBucketsResult>`
        )
      )
      const location = yield* call(simulator, "s3", { method: "GET", path: `/${there!.name}?location` })
      assert.strictEqual(
        location.text,
        `<?xml version="1.0" encoding="UTF-8"?>\n` +
          `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>`
      )
      simulator.estate.tag(here!.arn, { a: "b" })
      const tags = yield* call(simulator, "s3", { method: "GET", path: `/${here!.name}?tagging` })
      assert.strictEqual(
        tags.text,
        `<?xml version="1.0" encoding="UTF-8"?>\n<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
          `<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`
      )
      simulator.estate.tag(here!.arn, {})
      const none = yield* call(simulator, "s3", { method: "GET", path: `/${here!.name}?tagging` })
      assert.strictEqual(none.status, 404)
      assert.match(
        none.text,
        like(
          `<?xml version="1.0" encoding="UTF-8"?>\n` +
            `<Error><Code>NoSuchTagSet</Code><Message>The TagSet does not exist</Message>` +
            `<BucketName>${here!.name}</BucketName><RequestId>REQUEST-ID</RequestId><HostId>…</HostId></Error>`
        )
      )
      const redirect = yield* call(simulator, "s3", { method: "GET", path: `/${there!.name}?tagging` })
      assert.strictEqual(redirect.status, 301)
      assert.strictEqual(redirect.headers.get("x-amz-bucket-region"), "eu-west-1")
    }))

  it.effect("REST-XML: Route 53, list items named for what they are, an XML request body", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const [zone] = simulator.estate.resources({ type: "route53:hosted-zone" })
      simulator.estate.tag(zone!.arn, { Owner: "a" })
      const list = yield* call(simulator, "route53", { method: "GET", path: "/2013-04-01/hostedzone?maxitems=1" })
      assert.match(
        list.text,
        like(
          `<?xml version="1.0" encoding="UTF-8"?>\n` +
            `<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones><HostedZone>` +
            `<Id>/hostedzone/${zone!.id}</Id><Name>${zone!.name}.</Name><CallerReference>…</CallerReference>` +
            `<Config><Comment/><PrivateZone>…</PrivateZone></Config>` +
            `<ResourceRecordSetCount>…</ResourceRecordSetCount></HostedZone></HostedZones>` +
            `<IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListHostedZonesResponse>`
        )
      )
      const tags = yield* call(simulator, "route53", {
        path: "/2013-04-01/tags/hostedzone",
        xml: `<?xml version="1.0" encoding="UTF-8"?><ListTagsForResourcesRequest ` +
          `xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceIds><ResourceId>${zone!.id}</ResourceId>` +
          `</ResourceIds></ListTagsForResourcesRequest>`
      })
      assert.strictEqual(
        tags.text,
        `<?xml version="1.0" encoding="UTF-8"?>\n` +
          `<ListTagsForResourcesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceTagSets>` +
          `<ResourceTagSet><ResourceType>hostedzone</ResourceType><ResourceId>${zone!.id}</ResourceId>` +
          `<Tags><Tag><Key>Owner</Key><Value>a</Value></Tag></Tags></ResourceTagSet></ResourceTagSets>` +
          `</ListTagsForResourcesResponse>`
      )
      const missing = yield* call(simulator, "route53", { method: "GET", path: "/2013-04-01/tags/hostedzone/Z0" })
      assert.strictEqual(missing.status, 404)
      assert.include(missing.text, `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`)
      assert.include(missing.text, `<Code>NoSuchHostedZone</Code>`)
    }))

  it.effect("account: POST /listRegions", () =>
    Effect.gen(function*() {
      const reply = yield* call(yield* Simulator, "account", { path: "/listRegions", json: { MaxResults: 50 } })
      assert.strictEqual(
        reply.text,
        `{"Regions":[{"RegionName":"us-east-1","RegionOptStatus":"ENABLED_BY_DEFAULT"},` +
          `{"RegionName":"eu-west-1","RegionOptStatus":"ENABLED_BY_DEFAULT"}]}`
      )
    }))

  it.effect("an unsigned request, an unknown service, an unknown action, a body that is no JSON", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const unsigned = yield* Effect.promise(() => fetch(simulator.url))
      assert.strictEqual(unsigned.status, 403)
      assert.strictEqual((yield* call(simulator, "nothing", { form: "" })).status, 404)
      const action = yield* call(simulator, "ec2", { form: "Action=RunInstances&Version=2016-11-15" })
      assert.include(action.text, "<Code>InvalidAction</Code>")
      const broken = yield* call(simulator, "sqs", { target: "AmazonSQS.ListQueues", xml: "{" })
      assert.strictEqual(broken.status, 400)
      assert.include(broken.text, "SerializationException")
    }))
})
