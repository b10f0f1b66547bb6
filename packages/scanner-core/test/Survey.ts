/** Scans of a simulated estate, over HTTP and with real SDK clients, and what there really is to find. */
import { DynamoDBClient, ListTablesCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb"
import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import type { EstateResource, Simulator } from "./Estates.ts"
import { AccountSource, Estate } from "@cadastre/account-discovery"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { AccountId, cellKey, type CellResult, Coverage, type Resource, type ScanEvent } from "@cadastre/model"
import { Regions } from "@cadastre/region-discovery"
import { Clock, ConfigProvider, Duration, Effect, Layer, Random, Stream } from "effect"
import { Scan, Scanner, ScannerRegistry, type ScanRequest } from "../src/index.ts"

export const topic = Scanner.make("sns:topic", {
  cloudFormation: "AWS::SNS::Topic",
  actions: ["sns:ListTopics"],
  list: Aws.list(SNSClient, ListTopicsCommand, {}, ({ Topics }) => Topics),
  describe: ({ TopicArn }) => ({ arn: TopicArn }),
  tags: {
    actions: ["sns:ListTagsForResource"],
    of: ({ arn }) =>
      Effect.map(Aws.send(SNSClient, new ListTagsForResourceCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
  }
})

export const queue = Scanner.make("sqs:queue", {
  cloudFormation: "AWS::SQS::Queue",
  actions: ["sqs:ListQueues"],
  list: Aws.list(SQSClient, ListQueuesCommand, { MaxResults: 1000 }, ({ QueueUrls }) => QueueUrls),
  describe: (url, place) => ({ arn: place.arn("sqs", "", url.split("/").at(-1)) }),
  tags: {
    actions: ["sqs:ListQueueTags"],
    of: ({ accountId, id, region }) => {
      const QueueUrl = `https://sqs.${region}.amazonaws.com/${accountId}/${id}`
      return Effect.map(Aws.send(SQSClient, new ListQueueTagsCommand({ QueueUrl })), ({ Tags }) => Tags)
    }
  }
})

export const table = Scanner.make("dynamodb:table", {
  cloudFormation: "AWS::DynamoDB::Table",
  actions: ["dynamodb:ListTables"],
  list: Aws.list(DynamoDBClient, ListTablesCommand, { Limit: 100 }, ({ TableNames }) => TableNames, [
    "ExclusiveStartTableName",
    "LastEvaluatedTableName"
  ]),
  describe: (name, place) => ({ arn: place.arn("dynamodb", "table/", name) }),
  tags: {
    actions: ["dynamodb:ListTagsOfResource"],
    of: ({ arn }) =>
      Aws.list(DynamoDBClient, ListTagsOfResourceCommand, { ResourceArn: arn }, ({ Tags }) => Tags).pipe(
        Stream.runCollect,
        Effect.map((pages) => pages.flat())
      )
  }
})

export const volume = Scanner.make("ec2:volume", {
  cloudFormation: "AWS::EC2::Volume",
  actions: ["ec2:DescribeVolumes"],
  list: Aws.list(EC2Client, DescribeVolumesCommand, { MaxResults: 1000 }, ({ Volumes }) => Volumes),
  describe: ({ Tags, VolumeId }, place) => ({ arn: place.arn("ec2", "volume/", VolumeId), tags: Tags })
})

export const bucket = Scanner.make("s3:bucket", {
  scope: "global",
  cloudFormation: "AWS::S3::Bucket",
  actions: ["s3:ListAllMyBuckets"],
  list: Aws.list(S3Client, ListBucketsCommand, { MaxBuckets: 10_000 }, ({ Buckets }) => Buckets, [
    "ContinuationToken",
    "ContinuationToken"
  ]),
  describe: ({ BucketRegion, Name }) => ({ arn: Name && `arn:aws:s3:::${Name}`, region: BucketRegion }),
  tags: {
    actions: ["s3:GetBucketTagging"],
    of: ({ id }) =>
      Aws.send(S3Client, new GetBucketTaggingCommand({ Bucket: id })).pipe(
        Effect.map(({ TagSet }) => TagSet),
        Effect.catchIf(
          ({ reason }) => reason._tag === "NotFound" && reason.code === "NoSuchTagSet",
          () => Effect.succeed([])
        )
      )
  }
})

export const role = Scanner.make("iam:role", {
  scope: "global",
  cloudFormation: "AWS::IAM::Role",
  actions: ["iam:GetAccountAuthorizationDetails"],
  list: Aws.list(
    IAMClient,
    GetAccountAuthorizationDetailsCommand,
    { Filter: ["Role"], MaxItems: 1000 },
    (page) => page.RoleDetailList,
    ["Marker", "Marker"]
  ),
  describe: ({ Arn, RoleName, Tags }) => ({ arn: Arn, id: RoleName, tags: Tags })
})

export const regional = [topic, queue, table, volume]
export const global = [bucket, role]

/** The call that lists each type. */
export const listCalls: Readonly<Record<string, readonly [service: string, operation: string]>> = {
  "sns:topic": ["sns", "ListTopics"],
  "sqs:queue": ["sqs", "ListQueues"],
  "dynamodb:table": ["dynamodb", "ListTables"],
  "ec2:volume": ["ec2", "DescribeVolumes"],
  "s3:bucket": ["s3", "ListBuckets"],
  "iam:role": ["iam", "GetAccountAuthorizationDetails"]
}

/** The engine, as the product puts it together, without jitter; it scans all accounts of the simulator. */
export const engine = (
  simulator: Simulator,
  scanners: ReadonlyArray<Scanner.Scanner> = [...regional, ...global],
  variables: Readonly<Record<string, string>> = {}
) => {
  const [first, ...others] = simulator.estate.accounts
  return Scan.layerNoDeps.pipe(
    Layer.provideMerge(Layer.mergeAll(ScannerRegistry.layer([], scanners), Regions.layerNoDeps, Estate.layerNoDeps)),
    Layer.provideMerge(Accounts.layerNoDeps),
    Layer.provide(Aws.Aws.layerNoDeps),
    Layer.provide([AwsClients.layer, Pacer.layerOff]),
    Layer.provide(Layer.succeed(AwsSettings, {
      endpointUrl: simulator.url,
      credentials: () => Promise.resolve(simulator.credentials())
    })),
    Layer.provideMerge(Layer.succeed(AccountSource, {
      _tag: "List",
      accounts: [AccountId.make(first!), ...others.map((id) => AccountId.make(id))]
    })),
    Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))),
    Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
  )
}

/** All events of a scan. */
export const scan = (
  request: ScanRequest = {},
  options?: { readonly stop?: Effect.Effect<void>; readonly each?: (event: ScanEvent) => Effect.Effect<void> }
) =>
  Effect.gen(function*() {
    const scan = yield* Scan
    const plan = yield* scan.plan(request)
    const events: Array<ScanEvent> = []
    yield* Stream.runForEach(scan.run(plan, options), (event) => {
      events.push(event)
      return options?.each?.(event) ?? Effect.void
    })
    return { ...read(events), plan }
  })

/** What events say, by cell. */
export const read = (events: ReadonlyArray<ScanEvent>) => {
  const cells: Array<CellResult> = []
  const resources: Array<Resource> = []
  const byCell = new Map<string, Array<Resource>>()
  for (const event of events) {
    if (event._tag === "CellEnded") cells.push(event.result)
    if (event._tag === "ResourcesFound") {
      resources.push(...event.resources)
      const found = byCell.get(cellKey(event.cell)) ?? []
      byCell.set(cellKey(event.cell), found)
      found.push(...event.resources)
    }
  }
  const started = events.find((event) => event._tag === "ScanStarted")
  return {
    events,
    cells,
    resources,
    inCell: (region: string, type: string, accountId = "111122223333") =>
      byCell.get(`${accountId}/${region}/${type}`) ?? [],
    outcomeOf: (region: string, type: string) =>
      cells.find((cell) => cell.region === region && cell.type === type)?.outcome,
    coverage: Coverage.make({
      cells,
      skippedRegions: started?.scope.skippedRegions ?? [],
      discovery: started!.scope.discovery,
      unnamedAccounts: started!.scope.unnamedAccounts
    })
  }
}

/** A resource's identity, place and tags as text, to compare the found with the true. */
export const shown = ({ arn, region, tags }: Pick<Resource | EstateResource, "arn" | "region" | "tags">): string =>
  `${arn} in ${region} ${tags === null ? "?" : JSON.stringify(Object.entries(tags).toSorted(byKey))}`

/** What there is in one cell. A bucket lives in a Region, and all are one cell. */
export const truth = (
  simulator: Simulator,
  region: string,
  type: string,
  accountId = simulator.estate.accounts[0]!
): ReadonlyArray<EstateResource> =>
  [...simulator.estate.resources({ accountId, type: type as EstateResource["type"] })].filter((one) =>
    region === "global" || one.region === region
  )

/** How often an operation was called, in a Region or anywhere. */
export const calls = (simulator: Simulator, service?: string, operation?: string, region?: string): number =>
  simulator.calls().reduce(
    (sum, row) =>
      (service === undefined || row.service === service) && (operation === undefined || row.operation === operation) &&
        (region === undefined || row.region === region)
        ? sum + row.calls
        : sum,
    0
  )

/** How many requests the simulator has not answered; starts its counts anew. */
export const inFlight = (simulator: Simulator): number => {
  simulator.reset()
  return simulator.maxInFlight()
}

/** Waits for something that happens outside of Effect's clock. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (!condition()) yield* Effect.yieldNow
  }).pipe(Effect.timeout("10 seconds"), Effect.orDie, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/** Time that goes fifty times as fast: real limits and waits, seen in a fiftieth of their time. */
export const hurried = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const real = Clock.Clock.defaultValue()
    const start = performance.now()
    const now = () => Math.round((performance.now() - start) * 50)
    const nanos = () => BigInt(now()) * 1_000_000n
    return Effect.provideService(effect, Clock.Clock, {
      currentTimeMillisUnsafe: now,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => real.sleep(Duration.millis(Duration.toMillis(duration) / 50))
    })
  })

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => a < b ? -1 : 1
