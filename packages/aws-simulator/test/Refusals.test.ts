import { AccountClient, ListRegionsCommand } from "@aws-sdk/client-account"
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling"
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs"
import { GetAccountAuthorizationDetailsCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam"
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListHostedZonesCommand, ListTagsForResourcesCommand, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Fault, Simulator } from "../src/index.ts"
import type { Connection } from "./Reader.ts"

/** A refusal as a caller meets it. */
interface Refusal {
  readonly name: string
  readonly message: string
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** One call of each service whose errors have a form of their own. */
const probes: Readonly<Record<string, (to: Connection) => Promise<unknown>>> = {
  ec2: (to) => new EC2Client({ ...to }).send(new DescribeInstancesCommand({ MaxResults: 5 })),
  rds: (to) => new RDSClient({ ...to }).send(new DescribeDBInstancesCommand({})),
  autoscaling: (to) => new AutoScalingClient({ ...to }).send(new DescribeAutoScalingGroupsCommand({})),
  sns: (to) => new SNSClient({ ...to }).send(new ListTopicsCommand({})),
  sts: (to) => new STSClient({ ...to }).send(new AssumeRoleCommand({
    RoleArn: "arn:aws:iam::111122223333:role/Audit",
    RoleSessionName: "survey"
  })),
  iam: (to) => new IAMClient({ ...to }).send(new ListRolesCommand({})),
  route53: (to) => new Route53Client({ ...to }).send(new ListHostedZonesCommand({})),
  tagging: (to) => new ResourceGroupsTaggingAPIClient({ ...to }).send(new GetResourcesCommand({})),
  dynamodb: (to) => new DynamoDBClient({ ...to }).send(new ListTablesCommand({})),
  ecs: (to) => new ECSClient({ ...to }).send(new ListClustersCommand({})),
  sqs: (to) => new SQSClient({ ...to }).send(new ListQueuesCommand({})),
  lambda: (to) => new LambdaClient({ ...to }).send(new ListFunctionsCommand({})),
  account: (to) => new AccountClient({ ...to }).send(new ListRegionsCommand({})),
  s3: (to) => new S3Client({ ...to }).send(new ListBucketsCommand({ MaxBuckets: 10 }))
}

const connect = (simulator: Simulator["Service"], region = "us-east-1"): Connection => ({
  endpoint: simulator.url,
  region,
  credentials: simulator.credentials(),
  maxAttempts: 1
})

const refused = (promise: Promise<unknown>): Promise<Refusal> =>
  promise.then(() => assert.fail("it was allowed"), (error: Refusal) => error)

const rows: ReadonlyArray<readonly [fault: Fault, expected: Readonly<Record<string, readonly [string, number]>>]> = [
  [{ type: "throttle" }, {
    ec2: ["RequestLimitExceeded", 503],
    rds: ["Throttling", 400],
    autoscaling: ["Throttling", 400],
    sns: ["Throttling", 400],
    sts: ["Throttling", 400],
    iam: ["Throttling", 400],
    route53: ["Throttling", 400],
    tagging: ["ThrottledException", 400],
    dynamodb: ["ThrottlingException", 400],
    ecs: ["ThrottlingException", 400],
    sqs: ["RequestThrottled", 403],
    lambda: ["TooManyRequestsException", 429],
    account: ["TooManyRequestsException", 429],
    s3: ["SlowDown", 503]
  }],
  [{ type: "deny" }, {
    ec2: ["UnauthorizedOperation", 403],
    rds: ["AccessDenied", 403],
    autoscaling: ["AccessDenied", 403],
    sns: ["AuthorizationErrorException", 403],
    sts: ["AccessDenied", 403],
    iam: ["AccessDenied", 403],
    route53: ["AccessDenied", 403],
    tagging: ["AccessDeniedException", 400],
    dynamodb: ["AccessDeniedException", 400],
    ecs: ["AccessDeniedException", 400],
    sqs: ["AccessDenied", 403],
    lambda: ["AccessDeniedException", 403],
    account: ["AccessDeniedException", 403],
    s3: ["AccessDenied", 403]
  }],
  [{ type: "invalid-credentials" }, {
    ec2: ["AuthFailure", 401],
    rds: ["InvalidClientTokenId", 403],
    sns: ["InvalidClientTokenId", 403],
    sts: ["InvalidClientTokenId", 403],
    iam: ["InvalidClientTokenId", 403],
    route53: ["InvalidClientTokenId", 403],
    tagging: ["UnrecognizedClientException", 400],
    dynamodb: ["UnrecognizedClientException", 400],
    sqs: ["InvalidClientTokenId", 403],
    lambda: ["UnrecognizedClientException", 403],
    s3: ["InvalidAccessKeyId", 403]
  }],
  [{ type: "expired" }, {
    ec2: ["RequestExpired", 400],
    rds: ["ExpiredToken", 403],
    sts: ["ExpiredToken", 403],
    route53: ["ExpiredToken", 403],
    tagging: ["ExpiredTokenException", 400],
    sqs: ["ExpiredToken", 403],
    lambda: ["ExpiredTokenException", 403],
    s3: ["ExpiredToken", 400]
  }],
  [{ type: "bad-signature" }, {
    ec2: ["AuthFailure", 401],
    rds: ["SignatureDoesNotMatch", 403],
    tagging: ["InvalidSignatureException", 400],
    lambda: ["InvalidSignatureException", 403],
    s3: ["SignatureDoesNotMatch", 403]
  }],
  [{ type: "status", status: 500 }, {
    ec2: ["InternalError", 500],
    rds: ["InternalFailure", 500],
    tagging: ["InternalServiceException", 500],
    dynamodb: ["InternalServerError", 500],
    sqs: ["InternalFailure", 500],
    lambda: ["ServiceException", 500],
    s3: ["InternalError", 500]
  }],
  [{ type: "status", status: 503 }, {
    ec2: ["Unavailable", 503],
    rds: ["ServiceUnavailable", 503],
    tagging: ["ServiceUnavailableException", 503],
    s3: ["ServiceUnavailable", 503]
  }]
]

layer(Simulator.layer({ estate: { resources: 50 } }))("faults by rule", (it) => {
  const named = rows.map(([fault, expected]) => ({ title: Object.values(fault).join(" "), fault, expected }))

  it.effect.each(named)("$title: every family has its own word", ({ expected, fault }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const remove = yield* Effect.acquireRelease(Effect.sync(() => simulator.rule({ fault })), Effect.sync)
      for (const [service, [name, status]] of Object.entries(expected)) {
        const error = yield* Effect.promise(() => refused(probes[service]!(connect(simulator))))
        assert.deepStrictEqual([service, error.name, error.$metadata.httpStatusCode], [service, name, status])
        assert.isString(error.$metadata.requestId)
      }
      remove()
      for (const service of Object.keys(expected)) {
        yield* Effect.promise(() => probes[service]!(connect(simulator)))
      }
    }))

  it.effect("an SCP's denial says so", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.acquireRelease(
        Effect.sync(() => simulator.rule({ fault: { type: "deny", by: "scp" } })),
        Effect.sync
      )
      for (const [service, probe] of Object.entries(probes)) {
        const error = yield* Effect.promise(() => refused(probe(connect(simulator))))
        assert.match(error.message, /with an explicit deny in a service control policy$/u, service)
        assert.match(error.message, /User: arn:aws:iam::111122223333:user\/simulated is not authorized to perform: /u)
      }
    }))

  it.effect("a Region that is not enabled looks like a wrong key", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const to = connect(simulator, "me-south-1")
      const name = (service: string) => Effect.promise(() => refused(probes[service]!(to)).then((error) => error.name))
      assert.strictEqual(yield* name("ec2"), "AuthFailure")
      assert.strictEqual(yield* name("sns"), "InvalidClientTokenId")
      assert.strictEqual(yield* name("tagging"), "UnrecognizedClientException")
      assert.strictEqual(yield* name("s3"), "InvalidAccessKeyId")
      // Global services are asked at us-east-1, wherever the client is.
      yield* Effect.promise(() => probes["iam"]!(to))
    }))

  it.effect("unknown keys are refused, and a session after its end", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const to = connect(simulator)
      const stranger = { ...to, credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" } }
      assert.strictEqual((yield* Effect.promise(() => refused(probes["ec2"]!(stranger)))).name, "AuthFailure")
      const { Credentials } = yield* Effect.promise(() =>
        new STSClient({ ...to }).send(
          new AssumeRoleCommand({
            RoleArn: "arn:aws:iam::111122223333:role/Audit",
            RoleSessionName: "survey",
            DurationSeconds: 900
          })
        )
      )
      const session = {
        ...to,
        credentials: {
          accessKeyId: Credentials!.AccessKeyId!,
          secretAccessKey: Credentials!.SecretAccessKey!,
          sessionToken: Credentials!.SessionToken!
        }
      }
      yield* Effect.promise(() => probes["ec2"]!(session))
      const { sessionToken } = session.credentials
      const altered = { ...session, credentials: { ...session.credentials, sessionToken: `${sessionToken}x` } }
      assert.strictEqual((yield* Effect.promise(() => refused(probes["sns"]!(altered)))).name, "InvalidClientTokenId")
      simulator.advance(901_000)
      assert.strictEqual((yield* Effect.promise(() => refused(probes["ec2"]!(session)))).name, "RequestExpired")
      assert.strictEqual((yield* Effect.promise(() => refused(probes["s3"]!(session)))).name, "ExpiredToken")
    }))
})

const allow = { "111122223333": ["ec2:Describe*", "s3:ListAllMyBuckets"] }

layer(Simulator.layer({ estate: { resources: 50 }, allow }))(
  "an allow-list",
  (it) => {
    it.effect("allows what it names, and GetCallerIdentity", () =>
      Effect.gen(function*() {
        const to = connect(yield* Simulator)
        yield* Effect.promise(() => probes["ec2"]!(to))
        yield* Effect.promise(() => probes["s3"]!(to))
        yield* Effect.promise(() => new STSClient({ ...to }).send(new GetCallerIdentityCommand({})))
        const error = yield* Effect.promise(() => refused(probes["tagging"]!(to)))
        assert.strictEqual(error.name, "AccessDeniedException")
        assert.strictEqual(
          error.message,
          "User: arn:aws:iam::111122223333:user/simulated is not authorized to perform: tag:GetResources " +
            "because no identity-based policy allows the tag:GetResources action"
        )
      }))
  }
)

layer(Simulator.layer({ estate: { resources: 400 } }))("wrong parameters", (it) => {
  const cases: ReadonlyArray<readonly [name: string, (to: Connection) => Promise<unknown>, code: string]> = [
    ["ec2 too small", (to) =>
      new EC2Client(to).send(new DescribeInstancesCommand({ MaxResults: 4 })), "InvalidParameterValue"],
    ["ec2 ids and size", (to) =>
      new EC2Client(to).send(new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: ["i-1"] })),
      "InvalidParameterCombination"],
    ["ec2 unknown id", (to) =>
      new EC2Client(to).send(new DescribeInstancesCommand({ InstanceIds: ["i-1"] })), "InvalidInstanceID.NotFound"],
    ["ec2 unknown filter", (to) =>
      new EC2Client(to).send(new DescribeInstancesCommand({ Filters: [{ Name: "x", Values: ["y"] }] })),
      "InvalidParameterValue"],
    ["ec2 token", (to) => new EC2Client(to).send(new DescribeInstancesCommand({ NextToken: "x" })), "InvalidNextToken"],
    ["rds too small", (to) =>
      new RDSClient(to).send(new DescribeDBInstancesCommand({ MaxRecords: 19 })), "InvalidParameterValue"],
    ["rds unknown", (to) =>
      new RDSClient(to).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: "x" })), "DBInstanceNotFoundFault"],
    ["autoscaling too large", (to) =>
      new AutoScalingClient(to).send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 101 })), "ValidationError"],
    ["autoscaling token", (to) =>
      new AutoScalingClient(to).send(new DescribeAutoScalingGroupsCommand({ NextToken: "x" })), "InvalidNextToken"],
    ["sns token", (to) =>
      new SNSClient(to).send(new ListTopicsCommand({ NextToken: "x" })), "InvalidParameterException"],
    ["sns unknown", (to) => new SNSClient(to).send(
      new ListTagsForResourceCommand({ ResourceArn: "arn:aws:sns:us-east-1:111122223333:x" })
    ), "ResourceNotFoundException"],
    ["sqs too large", (to) =>
      new SQSClient(to).send(new ListQueuesCommand({ MaxResults: 1001 })), "InvalidParameterValue"],
    ["sqs unknown", (to) => new SQSClient(to).send(
      new ListQueueTagsCommand({ QueueUrl: "https://sqs.us-east-1.amazonaws.com/111122223333/x" })
    ), "QueueDoesNotExist"],
    ["dynamodb too large", (to) =>
      new DynamoDBClient(to).send(new ListTablesCommand({ Limit: 101 })), "ValidationException"],
    ["ecs too large", (to) =>
      new ECSClient(to).send(new ListClustersCommand({ maxResults: 101 })), "InvalidParameterException"],
    ["lambda none", (to) =>
      new LambdaClient(to).send(new ListFunctionsCommand({ MaxItems: 0 })), "InvalidParameterValueException"],
    ["s3 too large", (to) => new S3Client(to).send(new ListBucketsCommand({ MaxBuckets: 10_001 })), "InvalidArgument"],
    ["s3 token", (to) => new S3Client(to).send(new ListBucketsCommand({ ContinuationToken: "x" })), "InvalidArgument"],
    ["s3 Region", (to) =>
      new S3Client(to).send(new ListBucketsCommand({ BucketRegion: "eu-west-1" })), "InvalidArgument"],
    ["s3 unknown", (to) =>
      new S3Client(to).send(new GetBucketTaggingCommand({ Bucket: "nobody-owns-this" })), "NoSuchBucket"],
    ["route53 eleven", (to) => new Route53Client(to).send(
      new ListTagsForResourcesCommand({ ResourceType: "hostedzone", ResourceIds: Array<string>(11).fill("Z1") })
    ), "InvalidInput"],
    ["iam too large", (to) =>
      new IAMClient(to).send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1001 })), "ValidationError"],
    ["iam marker", (to) => new IAMClient(to).send(new ListRolesCommand({ Marker: "x" })), "ValidationError"],
    ["tagging too large", (to) =>
      new ResourceGroupsTaggingAPIClient(to).send(new GetResourcesCommand({ ResourcesPerPage: 101 })),
      "InvalidParameterException"],
    ["account too large", (to) =>
      new AccountClient(to).send(new ListRegionsCommand({ MaxResults: 51 })), "ValidationException"]
  ]

  it.effect.each(cases)("%s", ([, call, code]) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const error = yield* Effect.promise(() => refused(call(connect(simulator))))
      assert.strictEqual(error.name, code)
    }))
})

describe("tokens", () => {
  it.live("are refused when altered, or used for another query", () =>
    Effect.scoped(Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { counts: { "ec2:instance": { "us-east-1": 30 } } } })
      const client = new EC2Client(connect(simulator))
      const first = new DescribeInstancesCommand({ MaxResults: 10 })
      const { NextToken = "" } = yield* Effect.promise(() => client.send(first))
      for (let at = 0; at < NextToken.length; at++) {
        const altered = NextToken.slice(0, at) + (NextToken[at] === "A" ? "B" : "A") + NextToken.slice(at + 1)
        const next = new DescribeInstancesCommand({ NextToken: altered })
        const error = yield* Effect.promise(() => refused(client.send(next)))
        assert.strictEqual(error.name, "InvalidNextToken")
      }
      const elsewhere = yield* Effect.promise(() =>
        refused(client.send(
          new DescribeInstancesCommand({ NextToken, Filters: [{ Name: "instance-state-name", Values: ["running"] }] })
        ))
      )
      assert.strictEqual(elsewhere.name, "InvalidNextToken")
      yield* Effect.promise(() => client.send(new DescribeInstancesCommand({ NextToken, MaxResults: 10 })))
    })))
})
