import { AccountClient, paginateListRegions } from "@aws-sdk/client-account"
import { DescribeRegionsCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { DescribeClustersCommand, ECSClient } from "@aws-sdk/client-ecs"
import { GetRoleCommand, IAMClient, ListRolesCommand, ListRoleTagsCommand } from "@aws-sdk/client-iam"
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { ListTagsForResourceCommand, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketLocationCommand, GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { coreTypes, hostileTags, type ResourceType, Simulator } from "../src/index.ts"
import { type Connection, readers, type Seen } from "./Reader.ts"

const account = "222233334444"
const globals = new Set<ResourceType>(["route53:hosted-zone", "iam:role"])
const regions = ["us-east-1", "eu-west-1"]
const counts = Object.fromEntries(
  coreTypes.map((type) => [type, globals.has(type) ? { global: 14 } : { "us-east-1": 13, "eu-west-1": 3 }])
)
const estate = {
  seed: 5,
  accounts: ["111122223333", account],
  regions: [...regions, { name: "ap-east-1", optInStatus: "not-opted-in" as const }],
  counts,
  // Many hostile tags: each must survive each protocol.
  tags: { hostile: 0.6, untagged: 0.2 }
}

const connect = (simulator: Simulator["Service"], region: string): Connection => ({
  endpoint: simulator.url,
  region,
  credentials: simulator.credentials(account),
  maxAttempts: 1
})

/** The truth, cut to what an API tells. */
const truthOf = (simulator: Simulator["Service"], type: ResourceType, region: string, like: Seen) => {
  const place = globals.has(type) ? "global" : region
  const own = [...simulator.estate.truth({ accountId: account, type })]
  return own
    .filter((one) => type === "s3:bucket" || one.region === place)
    .map((one): Seen => ({
      arn: one.arn,
      tags: one.tags,
      ...("name" in like ? { name: one.name } : {}),
      ...("state" in like ? { state: one.state } : {}),
      ...("createdAt" in like ? { createdAt: one.createdAt } : {})
    }))
}

const sorted = (all: ReadonlyArray<Seen>) =>
  all
    .map((one) => ({ ...one, tags: Object.entries(one.tags).toSorted(([a], [b]) => a < b ? -1 : 1) }))
    .toSorted((a, b) => a.arn < b.arn ? -1 : 1)

const sizes: ReadonlyArray<readonly [name: string, pageSize: number | undefined, asked: number | undefined]> = [
  ["one by one", 1, undefined],
  ["pages of AWS's own size", undefined, undefined],
  ["pages of five", undefined, 5]
]

for (const [name, pageSize, asked] of sizes) {
  layer(Simulator.layer({ estate, ...(pageSize === undefined ? {} : { pageSize }), verifySignatures: true }))(
    `every type, ${name}`,
    (it) => {
      it.effect.each(coreTypes)("%s is what the estate says", (type) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator
          for (const region of regions) {
            const seen = yield* Effect.promise(() => readers[type](connect(simulator, region), account, asked))
            assert.isAbove(seen.length, 0)
            assert.deepStrictEqual(sorted(seen), sorted(truthOf(simulator, type, region, seen[0]!)))
          }
        }))
    }
  )
}

layer(Simulator.layer({ estate, pages: "ragged" }))("ragged pages", (it) => {
  it.effect.each(["ec2:instance", "iam:role", "autoscaling:group"] as const)("%s: nothing is lost or doubled", (type) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const seen = yield* Effect.promise(() => readers[type](connect(simulator, "us-east-1"), account))
      assert.deepStrictEqual(sorted(seen), sorted(truthOf(simulator, type, "us-east-1", seen[0]!)))
      const calls = simulator.calls().reduce((sum, row) => sum + row.calls, 0)
      assert.isAbove(calls, 1)
    }))
})

layer(Simulator.layer({ estate }))("the other operations", (it) => {
  const run = <A>(use: (to: Connection, simulator: Simulator["Service"]) => Promise<A>) =>
    Effect.flatMap(Simulator, (simulator) => Effect.promise(() => use(connect(simulator, "us-east-1"), simulator)))

  it.effect("ec2:DescribeRegions tells enabled Regions, and all when asked", () =>
    run(async (to) => {
      const client = new EC2Client({ ...to })
      const enabled = await client.send(new DescribeRegionsCommand({}))
      assert.deepStrictEqual(enabled.Regions?.map(({ RegionName }) => RegionName), regions)
      const all = await client.send(new DescribeRegionsCommand({ AllRegions: true }))
      assert.deepStrictEqual(
        all.Regions?.map(({ OptInStatus, RegionName }) => [RegionName, OptInStatus]),
        [["us-east-1", "opt-in-not-required"], ["eu-west-1", "opt-in-not-required"], ["ap-east-1", "not-opted-in"]]
      )
      const optIn = await client.send(
        new DescribeRegionsCommand({ AllRegions: true, Filters: [{ Name: "opt-in-status", Values: ["not-opted-in"] }] })
      )
      assert.deepStrictEqual(optIn.Regions?.map(({ RegionName }) => RegionName), ["ap-east-1"])
    }))

  it.effect("account:ListRegions tells the same with its own words", () =>
    run(async (to) => {
      const seen: Array<readonly [string | undefined, string | undefined]> = []
      for await (const page of paginateListRegions({ client: new AccountClient({ ...to }) }, { MaxResults: 1 })) {
        for (const { RegionName, RegionOptStatus } of page.Regions ?? []) seen.push([RegionName, RegionOptStatus])
      }
      assert.deepStrictEqual(seen, [
        ["us-east-1", "ENABLED_BY_DEFAULT"],
        ["eu-west-1", "ENABLED_BY_DEFAULT"],
        ["ap-east-1", "DISABLED"]
      ])
    }))

  it.effect("ec2:DescribeSnapshots without OwnerIds has other people's snapshots too", () =>
    run(async (to) => {
      const { Snapshots = [] } = await new EC2Client({ ...to }).send(new DescribeSnapshotsCommand({}))
      const owners = new Set(Snapshots.map(({ OwnerId }) => OwnerId))
      assert.isAbove(owners.size, 1)
      assert.isTrue(owners.has(account))
    }))

  it.effect("ecs:DescribeClusters leaves tags out unless asked, and tells what is missing", () =>
    run(async (to, simulator) => {
      const cluster = [...simulator.estate.resources({ accountId: account, type: "ecs:cluster" })]
        .find((one) => one.region === "us-east-1" && Object.keys(one.tags).length > 0)!
      const { clusters, failures } = await new ECSClient({ ...to }).send(
        new DescribeClustersCommand({ clusters: [cluster.name, "gone"] })
      )
      assert.deepStrictEqual(clusters?.map(({ tags }) => tags), [[]])
      assert.deepStrictEqual(failures, [
        { arn: `arn:aws:ecs:us-east-1:${account}:cluster/gone`, reason: "MISSING" }
      ])
    }))

  it.effect("lambda:GetFunction tells tags", () =>
    run(async (to, simulator) => {
      const place = { accountId: account, region: "us-east-1", type: "lambda:function" } as const
      for (const one of simulator.estate.resources(place)) {
        const { Configuration, Tags = {} } = await new LambdaClient({ ...to }).send(
          new GetFunctionCommand({ FunctionName: one.name })
        )
        assert.strictEqual(Configuration?.FunctionArn, one.arn)
        assert.deepStrictEqual(Object.entries(Tags), Object.entries(one.tags))
      }
    }))

  it.effect("iam: ListRoles has no tags, GetRole and ListRoleTags do; AWS's own roles are there", () =>
    run(async (to, simulator) => {
      const client = new IAMClient({ ...to })
      const { Roles = [] } = await client.send(new ListRolesCommand({}))
      assert.isTrue(Roles.every(({ Tags }) => Tags === undefined))
      assert.isTrue(Roles.some(({ Path }) => Path?.startsWith("/aws-service-role/")))
      const role = [...simulator.estate.resources({ accountId: account, type: "iam:role" })]
        .find((one) => Object.keys(one.tags).length > 1)!
      const { Role } = await client.send(new GetRoleCommand({ RoleName: role.name }))
      const { Tags } = await client.send(new ListRoleTagsCommand({ RoleName: role.name }))
      assert.deepStrictEqual(Role?.Tags, Tags)
      assert.deepStrictEqual(Tags?.map(({ Key, Value }) => [Key, Value] as const), Object.entries(role.tags))
      const policy = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""))
      assert.strictEqual(policy.Statement[0].Action, "sts:AssumeRole")
    }))

  it.effect("route53:ListTagsForResource", () =>
    run(async (to, simulator) => {
      const [zone] = simulator.estate.resources({ accountId: account, type: "route53:hosted-zone" })
      const { ResourceTagSet } = await new Route53Client({ ...to }).send(
        new ListTagsForResourceCommand({ ResourceType: "hostedzone", ResourceId: zone!.id })
      )
      assert.deepStrictEqual(
        ResourceTagSet?.Tags?.map(({ Key, Value }) => [Key, Value] as const),
        Object.entries(zone!.tags)
      )
    }))

  it.effect("s3: Regions come only with a parameter; tags only at the bucket's Region", () =>
    run(async (to) => {
      const client = new S3Client({ ...to })
      const plain = await client.send(new ListBucketsCommand({}))
      assert.isTrue(plain.Buckets?.every(({ BucketRegion }) => BucketRegion === undefined))
      const paged = await client.send(new ListBucketsCommand({ MaxBuckets: 100 }))
      const away = paged.Buckets!.find(({ BucketRegion }) => BucketRegion === "eu-west-1")!
      const here = await client.send(new ListBucketsCommand({ BucketRegion: "us-east-1" }))
      assert.strictEqual(here.Buckets?.length, 13)
      const refused = await client.send(new GetBucketTaggingCommand({ Bucket: away.Name! })).catch((error) => error)
      assert.strictEqual(refused.name, "PermanentRedirect")
      assert.strictEqual(refused.$metadata.httpStatusCode, 301)
      assert.strictEqual(refused.$response.headers["x-amz-bucket-region"], "eu-west-1")
      const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket: away.Name! }))
      assert.strictEqual(LocationConstraint, "eu-west-1")
      const home = paged.Buckets!.find(({ BucketRegion }) => BucketRegion === "us-east-1")!
      assert.isUndefined((await client.send(new GetBucketLocationCommand({ Bucket: home.Name! }))).LocationConstraint)
    }))

  it.effect("sqs:ListQueues tells no token unless MaxResults is given", () =>
    run(async (to, simulator) => {
      const client = new SQSClient({ ...to })
      const whole = await client.send(new ListQueuesCommand({}))
      assert.isUndefined(whole.NextToken)
      assert.strictEqual(
        whole.QueueUrls?.length,
        simulator.estate.count({ accountId: account, region: "us-east-1", type: "sqs:queue" })
      )
      const part = await client.send(new ListQueuesCommand({ MaxResults: 2 }))
      assert.strictEqual(part.QueueUrls?.length, 2)
      assert.isString(part.NextToken)
    }))

  it.effect("sts: the identity is the key's, and an assumed role's after AssumeRole", () =>
    run(async (to) => {
      const client = new STSClient({ ...to })
      assert.strictEqual((await client.send(new GetCallerIdentityCommand({}))).Account, account)
      const { AssumedRoleUser, Credentials } = await client.send(
        new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/path/Audit", RoleSessionName: "survey" })
      )
      const inside = await new STSClient({
        ...to,
        credentials: {
          accessKeyId: Credentials!.AccessKeyId!,
          secretAccessKey: Credentials!.SecretAccessKey!,
          sessionToken: Credentials!.SessionToken!
        }
      }).send(new GetCallerIdentityCommand({}))
      assert.strictEqual(inside.Arn, "arn:aws:sts::111122223333:assumed-role/Audit/survey")
      assert.strictEqual(inside.Account, "111122223333")
      assert.strictEqual(inside.UserId, AssumedRoleUser?.AssumedRoleId)
    }))

  it.effect("the estate has every hostile tag", () =>
    Effect.map(Simulator, (simulator) => {
      const seen = new Set([...simulator.estate.resources()].flatMap(({ tags }) => Object.keys(tags)))
      assert.deepStrictEqual(hostileTags.map(([key]) => key).filter((key) => !seen.has(key)), [])
    }))
})
