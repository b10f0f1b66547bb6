/** What goes wrong as the real SDK clients meet it. */
import { AccountClient, ListRegionsCommand } from "@aws-sdk/client-account"
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs"
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam"
import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListHostedZonesCommand, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Estate, type Fault, Simulator, type SimulatorOptions } from "../src/index.ts"
import { type Connection, readers } from "./Reader.ts"

const account = "111122223333"

const estate: Estate.EstateOptions = {
  regions: ["us-east-1", "eu-west-1"],
  counts: {
    "sns:topic": { "us-east-1": 150 },
    "ec2:instance": { "us-east-1": 12 },
    "lambda:function": { "us-east-1": 6 },
    "dynamodb:table": { "us-east-1": 5 },
    "rds:db": { "us-east-1": 4 },
    "s3:bucket": { "us-east-1": 2 },
    "route53:hosted-zone": { global: 5 }
  }
}

const using = <A>(options: SimulatorOptions, use: (simulator: Simulator["Service"]) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(
    Simulator.make({ estate, ...options }),
    (simulator) => Effect.promise(() => use(simulator))
  ))

const connect = (simulator: Simulator["Service"], region = "us-east-1"): Connection => ({
  endpoint: simulator.url,
  region,
  credentials: simulator.credentials(),
  maxAttempts: 1
})

interface Refusal {
  readonly name: string
  readonly message: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const refused = (promise: Promise<unknown>): Promise<Refusal> =>
  promise.then(() => assert.fail("it was allowed"), (error: Refusal) => error)

const probes: Readonly<Record<string, (to: Connection) => Promise<unknown>>> = {
  ec2: (to) => new EC2Client({ ...to }).send(new DescribeInstancesCommand({ MaxResults: 5 })),
  rds: (to) => new RDSClient({ ...to }).send(new DescribeDBInstancesCommand({})),
  sns: (to) => new SNSClient({ ...to }).send(new ListTopicsCommand({})),
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

const skewed = /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/u

const rows: ReadonlyArray<
  readonly [fault: Fault, expected: Readonly<Record<string, readonly [code: string, status: number, text: RegExp]>>]
> = [
  [{ type: "clock-skew" }, {
    ec2: ["RequestExpired", 400, /^Request has expired\.$/u],
    rds: ["SignatureDoesNotMatch", 403, skewed],
    tagging: ["InvalidSignatureException", 400, skewed],
    dynamodb: ["InvalidSignatureException", 400, skewed],
    lambda: ["InvalidSignatureException", 403, skewed],
    s3: ["RequestTimeTooSkewed", 403, /difference between the request time and the current time is too large/u]
  }],
  [{ type: "not-subscribed" }, {
    ec2: ["OptInRequired", 401, /^You are not subscribed to this service/u],
    rds: ["OptInRequired", 403, /needs a subscription for the service$/u],
    tagging: ["OptInRequired", 403, /needs a subscription for the service$/u],
    s3: ["NotSignedUp", 403, /not signed up/u]
  }],
  [{ type: "unsupported" }, {
    ec2: ["UnsupportedOperation", 400, /not available in this region\.$/u],
    rds: ["InvalidAction", 400, /./u],
    ecs: ["UnknownOperationException", 400, /./u],
    lambda: ["UnknownOperationException", 404, /./u],
    s3: ["MethodNotAllowed", 405, /./u]
  }]
]

describe("refusals", () => {
  it.live.each(rows.map(([fault, expected]) => ({ type: fault.type, fault, expected })))(
    "$type: every family has its own word",
    ({ expected, fault }) =>
      using({ rules: [{ fault }] }, async (simulator) => {
        for (const [service, [code, status, text]] of Object.entries(expected)) {
          const error = await refused(probes[service]!(connect(simulator)))
          assert.deepStrictEqual([service, error.name, error.$metadata?.httpStatusCode], [service, code, status])
          assert.match(error.message, text, service)
        }
        assert.isTrue(simulator.faults().every(({ effect }) => effect === "refused"))
      })
  )

  it.live("a client that corrects its clock by the answer is let in, late or early", () =>
    Effect.gen(function*() {
      for (const seconds of [3600, -3600]) {
        yield* using({ rules: [{ fault: { type: "clock-skew", seconds } }] }, async (simulator) => {
          for (const service of ["tagging", "s3", "sns", "lambda"]) {
            await probes[service]!({ ...connect(simulator), maxAttempts: 2 })
          }
          assert.isTrue(simulator.calls().every(({ calls, errors }) => calls === 2 && errors === 1))
        })
      }
    }))

  const user = `arn:aws:iam::${account}:user/simulated`
  const scp = "arn:aws:organizations::111122223333:policy/o-abc/service_control_policy/p-1"
  // IAM User Guide, "Troubleshoot access denied error messages".
  const denials: ReadonlyArray<readonly [deny: Omit<Extract<Fault, { type: "deny" }>, "type">, reason: string]> = [
    [{}, "because no identity-based policy allows the lambda:ListFunctions action"],
    [{ explicit: true }, "with an explicit deny in an identity-based policy"],
    [{ by: "scp" }, "with an explicit deny in a service control policy"],
    [{ by: "scp", policy: scp }, `with an explicit deny in a service control policy: ${scp}`],
    [{ by: "scp", explicit: false }, "because no service control policy allows the lambda:ListFunctions action"],
    [{ by: "rcp" }, "with an explicit deny in a resource control policy"],
    [{ by: "boundary" }, "because no permissions boundary allows the lambda:ListFunctions action"],
    [{ by: "boundary", explicit: true }, "with an explicit deny in a permissions boundary"],
    [{ by: "vpc-endpoint" }, "because no VPC endpoint policy allows the lambda:ListFunctions action"],
    [{ by: "vpc-endpoint", explicit: true }, "with an explicit deny in a VPC endpoint policy"],
    [{ by: "session" }, "because no session policy allows the lambda:ListFunctions action"],
    [{ by: "resource", explicit: true }, "with an explicit deny in a resource-based policy"]
  ]

  it.live.each(denials)("denied: %o", ([deny, reason]) =>
    using({ rules: [{ fault: { type: "deny", ...deny } }] }, async (simulator) => {
      const error = await refused(probes["lambda"]!(connect(simulator)))
      assert.strictEqual(error.name, "AccessDeniedException")
      assert.strictEqual(error.message, `User: ${user} is not authorized to perform: lambda:ListFunctions ${reason}`)
    }))

  it.live("a session that expires once is good again when it is refreshed, whichever call fell", () =>
    using({}, async (simulator) => {
      const assume = async () => {
        const { Credentials } = await new STSClient(connect(simulator)).send(
          new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/Audit`, RoleSessionName: "survey" })
        )
        return {
          accessKeyId: Credentials?.AccessKeyId ?? "",
          secretAccessKey: Credentials?.SecretAccessKey ?? "",
          sessionToken: Credentials?.SessionToken ?? ""
        }
      }
      const lift = simulator.rule({ match: { service: "sns", nth: 2 }, fault: { type: "expired", until: "refreshed" } })
      const old = { ...connect(simulator), credentials: await assume() }
      await probes["sns"]!(old)
      assert.strictEqual((await refused(probes["sns"]!(old))).name, "ExpiredToken")
      // Not only the call that fell: these credentials have ended everywhere.
      assert.strictEqual((await refused(probes["ec2"]!(old))).name, "RequestExpired")
      const fresh = { ...connect(simulator), credentials: await assume() }
      for (const service of ["sns", "ec2", "sns"]) await probes[service]!(fresh)
      assert.strictEqual((await refused(probes["lambda"]!(old))).name, "ExpiredTokenException")
      lift()
      await probes["lambda"]!(old)
    }))

  it.live("an operation without an endpoint in the Region does not answer at all", () =>
    using({ rules: [{ match: { region: "eu-west-1" }, fault: { type: "unsupported", what: "endpoint" } }] },
      async (simulator) => {
        const error = await refused(probes["sns"]!(connect(simulator, "eu-west-1")))
        assert.isUndefined(error.$metadata?.httpStatusCode)
        await probes["sns"]!(connect(simulator))
      }))
})

describe("odd answers", () => {
  it.live("members and values that no client knows change nothing that it knows", () =>
    using({}, async (simulator) => {
      const read = async () => {
        const all: Array<unknown> = []
        for (const [type, reader] of Object.entries(readers)) {
          const to = { ...connect(simulator), region: "us-east-1" }
          if (simulator.estate.count({ type: type as keyof typeof readers }) > 0) all.push(await reader(to, account))
        }
        return all
      }
      const plain = await read()
      simulator.rule({ fault: { type: "extra-members" } })
      simulator.rule({ fault: { type: "unknown-enum" } })
      assert.deepStrictEqual(await read(), plain)
      const { Reservations = [] } = await new EC2Client(connect(simulator)).send(new DescribeInstancesCommand({}))
      for (const { Instances: [one] = [] } of Reservations) {
        assert.strictEqual(one?.InstanceType as string, "future-instancetype-2031")
        assert.include(["running", "stopped", "terminated"], one?.State?.Name)
      }
      const types = new Set(simulator.faults().map(({ effect, fault }) => `${fault.type} ${effect}`))
      assert.deepStrictEqual([...types].toSorted(), ["extra-members altered", "unknown-enum altered"])
    }))

  it.live("references: the same texts in ASCII", () =>
    using({}, async (simulator) => {
      const [bucket] = simulator.estate.resources({ type: "s3:bucket" })
      const [one] = simulator.estate.resources({ type: "lambda:function" })
      const tags = { "größe": "naïve \u{1f600} — 日本語 & <b>" }
      for (const { arn } of [bucket!, one!]) simulator.estate.tag(arn, tags)
      simulator.rule({ fault: { type: "references" } })
      const { Tags } = await new LambdaClient(connect(simulator)).send(new ListTagsCommand({ Resource: one!.arn }))
      assert.deepStrictEqual(Tags, tags)
      const { TagSet = [] } = await new S3Client(connect(simulator)).send(
        new GetBucketTaggingCommand({ Bucket: bucket!.name })
      )
      // The SDK reads references beyond the Basic Multilingual Plane wrongly: U+1F600 as U+F600.
      assert.deepStrictEqual(TagSet, [{ Key: "größe", Value: tags["größe"].replace("\u{1f600}", "\uf600") }])
    }))

  it.live("an empty body is an empty list to a trusting JSON client: that is what makes it dangerous", () =>
    using({ rules: [{ fault: { type: "empty" } }] }, async (simulator) => {
      const { TableNames } = await new DynamoDBClient(connect(simulator)).send(new ListTablesCommand({}))
      assert.isUndefined(TableNames)
      assert.strictEqual(simulator.faults()[0]?.effect, "broken")
    }))
})

describe("odd listings", () => {
  /** Page by page, by hand: what each page has, and the tokens. */
  const pagesOf = async (simulator: Simulator["Service"], most = 20) => {
    const client = new SNSClient(connect(simulator))
    const pages: Array<ReadonlyArray<string>> = []
    const tokens: Array<string | undefined> = []
    let NextToken: string | undefined
    do {
      const page = await client.send(new ListTopicsCommand({ NextToken }))
      pages.push((page.Topics ?? []).map(({ TopicArn = "" }) => TopicArn))
      NextToken = page.NextToken
      tokens.push(NextToken)
    } while (NextToken !== undefined && pages.length < most)
    return { pages, tokens }
  }
  const topics = (simulator: Simulator["Service"]) =>
    [...simulator.estate.resources({ type: "sns:topic" })].map(({ arn }) => arn)

  it.live("an empty page leads on, and comes once at a place", () =>
    using({ rules: [{ fault: { type: "empty-page" } }] }, async (simulator) => {
      const { pages } = await pagesOf(simulator)
      assert.deepStrictEqual(pages.map(({ length }) => length), [0, 100, 0, 50])
      assert.deepStrictEqual(pages.flat(), topics(simulator))
    }))

  it.live("short pages lose nothing", () =>
    using({ rules: [{ match: { nth: [1, 2] }, fault: { type: "short-page", size: 3 } }] }, async (simulator) => {
      const { pages } = await pagesOf(simulator)
      assert.deepStrictEqual(pages.map(({ length }) => length), [3, 3, 100, 44])
      assert.deepStrictEqual(pages.flat(), topics(simulator))
      assert.strictEqual(simulator.faults().length, 2)
    }))

  it.live("duplicates come within a page, and across pages", () =>
    using({ rules: [{ fault: { type: "duplicates" } }] }, async (simulator) => {
      const { pages } = await pagesOf(simulator)
      const all = topics(simulator)
      assert.deepStrictEqual(pages, [[all[0]!, ...all.slice(0, 100)], all.slice(99)])
    }))

  it.live("a repeated token leads to the same page again", () =>
    using({ rules: [{ match: { nth: [1, 2] }, fault: { type: "repeated-token" } }] }, async (simulator) => {
      const { pages, tokens } = await pagesOf(simulator)
      assert.deepStrictEqual(pages.map(({ length }) => length), [100, 100, 100, 50])
      assert.strictEqual(tokens[0], tokens[1])
      assert.deepStrictEqual(pages[1], pages[0])
      const endless = simulator.rule({ fault: { type: "repeated-token" } })
      assert.strictEqual((await pagesOf(simulator, 7)).pages.length, 7)
      endless()
    }))

  it.live("a token that is no longer known in mid-listing: the service's own refusal", () =>
    using({ rules: [{ fault: { type: "expired-page-token" } }] }, async (simulator) => {
      const error = await refused(pagesOf(simulator))
      assert.strictEqual(error.name, "InvalidParameterException")
      const client = new ResourceGroupsTaggingAPIClient(connect(simulator))
      const { PaginationToken } = await client.send(new GetResourcesCommand({ ResourcesPerPage: 1 }))
      const expired = await refused(client.send(new GetResourcesCommand({ ResourcesPerPage: 1, PaginationToken })))
      assert.strictEqual(expired.name, "PaginationTokenExpiredException")
      assert.deepStrictEqual(simulator.faults().map(({ call, effect }) => [call, effect]), [
        [2, "refused"],
        [2, "refused"]
      ])
    }))

  it.live("listings that page in their own way come short, too, and without loss", () =>
    using({ rules: [{ fault: { type: "short-page", size: 2 } }] }, async (simulator) => {
      const zones: Array<string> = []
      const route53 = new Route53Client(connect(simulator))
      for (let Marker: string | undefined, more = true; more;) {
        const page = await route53.send(new ListHostedZonesCommand({ Marker }))
        zones.push(...(page.HostedZones ?? []).map(({ Id = "" }) => Id.replace("/hostedzone/", "")))
        Marker = page.NextMarker
        more = page.IsTruncated === true
      }
      const real = (type: "route53:hosted-zone" | "dynamodb:table") => [...simulator.estate.resources({ type })]
      assert.deepStrictEqual(zones, real("route53:hosted-zone").map(({ id }) => id))
      const tables: Array<string> = []
      const dynamodb = new DynamoDBClient(connect(simulator))
      let pages = 0
      for (let from: string | undefined, more = true; more; pages++) {
        const page = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName: from }))
        tables.push(...page.TableNames ?? [])
        from = page.LastEvaluatedTableName
        more = from !== undefined
      }
      assert.strictEqual(pages, 3)
      assert.deepStrictEqual(tables, real("dynamodb:table").map(({ name }) => name))
    }))

  it.live("a share of the resources vanishes, always the same", () =>
    using({ rules: [{ fault: { type: "vanish", share: 0.5 } }] }, async (simulator) => {
      const client = new LambdaClient(connect(simulator))
      const gone = async () => {
        const found: Array<boolean> = []
        for (const { arn } of simulator.estate.resources({ type: "lambda:function" })) {
          found.push(await client.send(new ListTagsCommand({ Resource: arn })).then(() => false, () => true))
        }
        return found
      }
      const first = await gone()
      assert.sameMembers([...new Set(first)], [true, false])
      assert.deepStrictEqual(await gone(), first)
      assert.strictEqual(simulator.faults().length, 2 * first.filter(Boolean).length)
    }))
})
