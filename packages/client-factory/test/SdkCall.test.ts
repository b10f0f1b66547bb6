/** The short way against the SDK's own: the same requests, the same answers, the same errors. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling"
import { DynamoDBClient, ListTablesCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListHostedZonesCommand, ListTagsForResourceCommand, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, describe, it } from "@effect/vitest"
import { HttpResponse } from "@smithy/core/protocols"
import type { HttpRequest } from "@smithy/types"
import type { ClientClass, SdkClient } from "../src/index.ts"
import * as SdkCall from "../src/SdkCall.ts"

const odd = "a b/ü=&😀+%20~*'()!"

interface Call {
  readonly client: ClientClass
  readonly command: () => Parameters<typeof SdkCall.send>[1]
  /** Whether the short way may be taken. */
  readonly short?: false
}

const calls: Readonly<Record<string, Call>> = {
  "ec2:DescribeInstances": { client: EC2Client, command: () => new DescribeInstancesCommand({ MaxResults: 1000, NextToken: odd }) },
  "ec2:DescribeVolumes": {
    client: EC2Client,
    command: () => new DescribeVolumesCommand({ Filters: [{ Name: "tag:Name", Values: [odd, ""] }], VolumeIds: ["vol-1"] })
  },
  "sts:GetCallerIdentity": { client: STSClient, command: () => new GetCallerIdentityCommand({}) },
  "rds:DescribeDBInstances": { client: RDSClient, command: () => new DescribeDBInstancesCommand({ MaxRecords: 100, Marker: odd }) },
  "iam:GetAccountAuthorizationDetails": {
    client: IAMClient,
    command: () => new GetAccountAuthorizationDetailsCommand({ Filter: ["Role"], MaxItems: 1000 })
  },
  "sns:ListTopics": { client: SNSClient, command: () => new ListTopicsCommand({ NextToken: odd }) },
  "autoscaling:DescribeAutoScalingGroups": {
    client: AutoScalingClient,
    command: () => new DescribeAutoScalingGroupsCommand({ MaxRecords: 100 })
  },
  "dynamodb:ListTables": { client: DynamoDBClient, command: () => new ListTablesCommand({ Limit: 100, ExclusiveStartTableName: odd }) },
  // The endpoint may have the account of the named table in it.
  "dynamodb:ListTagsOfResource": {
    client: DynamoDBClient,
    command: () => new ListTagsOfResourceCommand({ ResourceArn: "arn:aws:dynamodb:us-east-1:111122223333:table/x" }),
    short: false
  },
  "tag:GetResources": {
    client: ResourceGroupsTaggingAPIClient,
    command: () => new GetResourcesCommand({ ResourceARNList: [`arn:aws:sns:us-east-1:111122223333:${odd}`, "arn:aws:s3:::b"] })
  },
  "sqs:ListQueues": { client: SQSClient, command: () => new ListQueuesCommand({ MaxResults: 1000, NextToken: odd }) },
  // Goes to the host that the queue's address names.
  "sqs:ListQueueTags": {
    client: SQSClient,
    command: () => new ListQueueTagsCommand({ QueueUrl: "https://sqs.us-east-1.amazonaws.com/111122223333/q" }),
    short: false
  },
  "lambda:ListFunctions": { client: LambdaClient, command: () => new ListFunctionsCommand({ MaxItems: 50, Marker: odd }) },
  "lambda:ListTags": {
    client: LambdaClient,
    command: () => new ListTagsCommand({ Resource: `arn:aws:lambda:us-east-1:111122223333:function:${odd}` })
  },
  // Some operations of Route 53 take ids with and without their prefix, S3 has a host for each bucket: middlewares of their own.
  "route53:ListHostedZones": {
    client: Route53Client,
    command: () => new ListHostedZonesCommand({ MaxItems: 100, Marker: odd }),
    short: false
  },
  "route53:ListTagsForResource": {
    client: Route53Client,
    command: () => new ListTagsForResourceCommand({ ResourceType: "hostedzone", ResourceId: "/hostedzone/Z1" })
  },
  "s3:ListBuckets": { client: S3Client, command: () => new ListBucketsCommand({ MaxBuckets: 10 }), short: false },
  "s3:GetBucketTagging": { client: S3Client, command: () => new GetBucketTaggingCommand({ Bucket: "bucket" }), short: false }
}

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/+=", sessionToken: "session//token==" }

interface Options {
  readonly region?: string
  readonly endpoint?: string
  readonly useFipsEndpoint?: boolean
  readonly useDualstackEndpoint?: boolean
}

/** A client whose requests end here, answered as `answer` says. */
const recording = ({ client: Client }: Call, answer: () => { readonly status: number; readonly body: string }, options: Options = {}) => {
  const requests: Array<HttpRequest> = []
  const client = new Client({
    region: "us-east-1",
    credentials: Object.assign(() => Promise.resolve(credentials), { memoized: true }),
    maxAttempts: 1,
    logger: {},
    userAgentAppId: "cadastre",
    ...options,
    requestHandler: {
      handle: (request: HttpRequest) => {
        requests.push(request)
        const { body, status } = answer()
        return Promise.resolve({
          response: new HttpResponse({
            statusCode: status,
            headers: { "x-amzn-requestid": "r-1", date: new Date().toUTCString() },
            body: Buffer.from(body)
          })
        })
      },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({})
    }
  })
  return { client, requests }
}

const send = ({ command }: Call, client: SdkClient) =>
  SdkCall.send(client, command(), new AbortController().signal).then(
    (output) => ({ output }),
    (error: Error & { readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string } }) => ({
      name: error.name,
      message: error.message.split("\n")[0],
      status: error.$metadata?.httpStatusCode,
      requestId: error.$metadata?.requestId
    })
  )

const bytesOf = (body: unknown): string =>
  body === undefined ? "" : typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array)

/** What the SDK alone sends, to count its retries and to say who it is. */
const ofTheSdk = /^(?:amz-sdk-|x-amz-user-agent$|authorization$|x-amz-date$)/u

const seen = ({ body, headers, hostname, method, path, port, protocol, query }: HttpRequest) => ({
  method,
  url: `${protocol}//${hostname}:${port ?? ""}${path}`,
  query,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheSdk.test(name))),
  body: bytesOf(body)
})

const failed = () => ({ status: 400, body: "{}" })

const isShort = ({ headers }: HttpRequest): boolean => !("amz-sdk-invocation-id" in headers)

interface Signing {
  readonly signer: () => Promise<{
    readonly sign: (request: HttpRequest, options: { readonly signingDate: Date; readonly signingRegion: string }) => Promise<HttpRequest>
  }>
}

/** What the SDK's own signer says of a request as it was sent. */
const signatureOf = async (client: SdkClient, request: HttpRequest): Promise<string | undefined> => {
  const { authorization, "x-amz-date": date = "", ...headers } = request.headers
  const [, region = ""] = /Credential=[^/]+\/\d+\/([^/]+)\//u.exec(authorization ?? "") ?? []
  const signer = await (client.config as unknown as Signing).signer()
  const signingDate = new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z"))
  const { headers: signed } = await signer.sign(
    Object.assign(Object.create(Object.getPrototypeOf(request)), request, { headers }),
    { signingDate, signingRegion: region }
  )
  return signed.authorization
}

const endpoints: Readonly<Record<string, Options>> = {
  "AWS's own endpoint": {},
  "another partition": { region: "cn-north-1" },
  "FIPS": { useFipsEndpoint: true },
  "an endpoint with a path": { endpoint: "http://127.0.0.1:4566/base/path" }
}

describe("SdkCall", () => {
  describe.each(Object.keys(endpoints))("%s", (endpoint) => {
    it.each(Object.keys(calls))("%s is sent as the SDK sends it, and signed as the SDK's signer does", async (name) => {
      const call = calls[name]!
      const { client, requests } = recording(call, failed, endpoints[endpoint])
      await send(call, client)
      await send(call, client)
      const [stock, ours] = requests
      assert.isDefined(stock, "the SDK has sent one")
      assert.deepStrictEqual(seen(ours!), seen(stock))
      assert.isFalse(isShort(stock))
      assert.strictEqual(isShort(ours!), call.short !== false)
      assert.include(ours!.headers["user-agent"], "app/cadastre")
      if (isShort(ours!)) assert.strictEqual(ours!.headers.authorization, await signatureOf(client, ours!))
    })
  })

  const answers = {
    "a success": [
      ["ec2:DescribeVolumes", 200, "<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId></item></volumeSet></DescribeVolumesResponse>"],
      ["sns:ListTopics", 200, "<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>t</TopicArn></member></Topics></ListTopicsResult></ListTopicsResponse>"],
      ["dynamodb:ListTables", 200, "{\"TableNames\":[\"a\"],\"LastEvaluatedTableName\":\"a\"}"],
      ["lambda:ListFunctions", 200, "{\"Functions\":[{\"FunctionName\":\"f\"}],\"NextMarker\":\"m\"}"]
    ],
    "an error": [
      ["ec2:DescribeVolumes", 403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r-2</RequestID></Response>"],
      ["sns:ListTopics", 400, "<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error><RequestId>r-2</RequestId></ErrorResponse>"],
      ["dynamodb:ListTables", 400, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\",\"message\":\"slow\"}"],
      ["lambda:ListFunctions", 429, "{\"Type\":\"User\",\"message\":\"slow\"}"],
      ["tag:GetResources", 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"old\"}"]
    ],
    "what is no answer": [
      ["dynamodb:ListTables", 200, "<html>"],
      ["lambda:ListFunctions", 502, "Bad Gateway"],
      ["ec2:DescribeVolumes", 503, "<html><body>Service Unavailable</body></html>"]
    ]
  } as const

  describe.each(Object.keys(answers) as ReadonlyArray<keyof typeof answers>)("%s", (kind) => {
    it.each(answers[kind].map(([name, status, body]) => ({ name, status, body })))(
      "of $name with status $status is read as the SDK reads it",
      async ({ body, name, status }) => {
        const call = calls[name]!
        const { client, requests } = recording(call, () => ({ status, body }))
        const [stock, ours] = [await send(call, client), await send(call, client)]
        assert.deepStrictEqual(withoutAttempts(ours), withoutAttempts(stock))
        assert.isTrue(isShort(requests[1]!))
      }
    )
  })

  it("learns from an answer's date how wrong the clock is, as the SDK does", async () => {
    const call = calls["dynamodb:ListTables"]!
    const { client, requests } = recording(call, failed)
    await send(call, client)
    const config = client.config as unknown as { systemClockOffset: number }
    config.systemClockOffset = 3_600_000
    await send(call, client)
    const [, ours] = requests
    const date = ours!.headers["x-amz-date"]!
    const expected = new Date(Date.now() + 3_600_000).toISOString().replace(/[:-]/gu, "").slice(0, 11)
    assert.strictEqual(date.slice(0, 11), expected)
    // The answer's date was this machine's own.
    assert.isBelow(Math.abs(config.systemClockOffset), 60_000)
  })
})

/** The SDK alone counts its attempts, of which there is one. */
const withoutAttempts = (result: Awaited<ReturnType<typeof send>>): unknown =>
  JSON.parse(JSON.stringify(result, (key, value: unknown) => key === "attempts" || key === "totalRetryDelay" ? undefined : value))
