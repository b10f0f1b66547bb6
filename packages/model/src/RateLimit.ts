/**
 * AWS's API rate limits, as data.
 *
 * @since 0.1.0
 */

/**
 * The token bucket that one call draws from.
 *
 * @since 0.1.0
 */
export interface RateLimit {
  /** Calls with the same service and the same `bucket` share their tokens. */
  readonly bucket: string
  /** Calls that may be made at once when the bucket is full. */
  readonly capacity: number
  /** Calls per second that the bucket regains. */
  readonly refillPerSecond: number
  /** Whether AWS counts the calls of each Region by themselves, or those of all Regions of an account together. */
  readonly scope: "account" | "region"
  /** `false`: AWS publishes no limit, this is our guess. */
  readonly published: boolean
}

type Bucket = readonly [capacity: number, refillPerSecond: number]

/**
 * Limits of one service: what its operations share by default, and those with
 * a bucket of their own.
 */
interface ServiceLimits {
  /** Counted over all Regions of the account. */
  readonly global?: true
  /** The limit that all other operations have is a guess. */
  readonly guess?: true
  /** `"operation"`: every operation has such a bucket; `"service"`: all operations share one. */
  readonly per: "operation" | "service"
  readonly limit: Bucket
  readonly operations?: Readonly<Record<string, Bucket>>
  /** Operations that share a bucket, by the name of that bucket. */
  readonly groups?: Readonly<Record<string, { readonly limit: Bucket; readonly operations: ReadonlyArray<string> }>>
  /** Operations that draw from a smaller bucket when called without page size, filter or ids. */
  readonly unpaginated?: { readonly limit: Bucket; readonly operations: ReadonlyArray<string> }
}

/** Where AWS publishes a rate but no bucket size, the size is one second's worth. */
const perSecond = (rate: number): Bucket => [Math.max(1, rate), rate]

/**
 * What AWS does not publish: a guess on the careful side, corrected at run time
 * by the throttles that it meets.
 */
const guess: Bucket = [50, 20]

const unpublished: ServiceLimits = { per: "operation", limit: guess, guess: true }
const unpublishedGlobal: ServiceLimits = { ...unpublished, global: true }

/** By SigV4 signing name. The page that each follows is named beside it; services that are not here publish nothing. */
const limits: Readonly<Record<string, ServiceLimits>> = {
  // ACM User Guide, "Quotas", API rate quotas.
  acm: {
    per: "operation",
    limit: perSecond(5),
    operations: {
      DescribeCertificate: perSecond(10),
      GetCertificate: perSecond(10),
      ListCertificates: perSecond(8),
      ListTagsForCertificate: perSecond(10)
    }
  },
  // API Gateway Developer Guide, "Quotas for creating, deploying and managing an API": 10 a second, 40 at once, for all
  // operations of REST, HTTP and WebSocket APIs together.
  apigateway: { per: "service", limit: [40, 10], operations: { GetResources: [5, 2.5] } },
  // Cost Explorer publishes no limit; AWS staff named about 10 a second for the account in a public thread.
  ce: { global: true, per: "service", limit: [5, 5], guess: true },
  cloudfront: unpublishedGlobal,
  // CloudTrail User Guide, "Quotas": 10 for get, describe and list calls, 2 for LookupEvents.
  cloudtrail: { per: "operation", limit: perSecond(10), operations: { LookupEvents: perSecond(2) } },
  // Cognito Developer Guide, "Quotas", API request rates of identity pools.
  "cognito-identity": {
    per: "operation",
    limit: perSecond(5),
    guess: true,
    operations: { ListTagsForResource: perSecond(10) }
  },
  // Cognito Developer Guide, "Quotas": the operations of one category share its rate.
  "cognito-idp": {
    per: "operation",
    limit: perSecond(5),
    guess: true,
    groups: { UserPoolRead: { limit: perSecond(15), operations: ["DescribeUserPool", "ListUserPools"] } }
  },
  // DynamoDB API Reference, ListTagsOfResource: ten a second for an account. Of the others only guesses.
  dynamodb: { per: "operation", limit: [50, 50], guess: true, operations: { ListTagsOfResource: perSecond(10) } },
  // Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API": each operation has a bucket of its own.
  ec2: {
    per: "operation",
    limit: [100, 20],
    operations: {
      CreateTags: [100, 10],
      DeleteTags: [100, 10],
      DescribeByoipCidrs: [1, 0.5],
      DescribeCapacityBlockOfferings: [10, 0.15],
      DescribeHostReservations: [5, 2],
      DescribeInstanceTopology: [1, 1],
      DescribeReservedInstancesOfferings: [10, 10],
      DescribeSecurityGroupReferences: [20, 5],
      DescribeSpotFleetRequests: [50, 3]
    },
    unpaginated: {
      operations: [
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes"
      ],
      limit: [50, 10]
    }
  },
  // Amazon ECS API Reference, "Request throttling": kinds of actions share a bucket. The smallest published for a kind
  // of reading calls, for all of them.
  ecs: {
    per: "operation",
    limit: [50, 20],
    groups: {
      "cluster read": { limit: [50, 20], operations: ["DescribeClusters", "ListClusters"] },
      "service read": { limit: [50, 20], operations: ["DescribeServices", "ListServices", "ListServicesByNamespace"] },
      "cluster resource read": {
        limit: [50, 20],
        operations: ["DescribeContainerInstances", "DescribeTasks", "ListContainerInstances", "ListTasks"]
      },
      "task definition read": {
        limit: [50, 20],
        operations: ["DescribeTaskDefinition", "ListTaskDefinitionFamilies", "ListTaskDefinitions"]
      }
    }
  },
  // Amazon EMR endpoints and quotas (AWS General Reference): calls at once, and how fast the bucket fills again.
  elasticmapreduce: {
    per: "operation",
    limit: [5, 0.5],
    operations: {
      DescribeCluster: [10, 1],
      ListBootstrapActions: [10, 1],
      ListClusters: [20, 0.5],
      ListInstanceGroups: [10, 1],
      ListInstances: [10, 0.5],
      ListSteps: [10, 0.5]
    }
  },
  // EventBridge User Guide, "Quotas": one limit for all calls that manage rules and event buses.
  events: { per: "service", limit: perSecond(50) },
  // Amazon Data Firehose Developer Guide, "Quota": five a second for each operation, a hard limit.
  firehose: { per: "operation", limit: perSecond(5) },
  // IAM publishes no limit. It has one endpoint in each partition.
  iam: unpublishedGlobal,
  // Kinesis Data Streams Developer Guide, "Quotas and limits".
  kinesis: {
    per: "operation",
    limit: perSecond(5),
    operations: {
      DescribeLimits: perSecond(1),
      DescribeStream: perSecond(10),
      DescribeStreamSummary: perSecond(20),
      ListShards: perSecond(100)
    }
  },
  // AWS KMS Developer Guide, "Request quotas": each operation that is not cryptographic has its own.
  kms: {
    per: "operation",
    limit: perSecond(5),
    operations: {
      DescribeKey: perSecond(2000),
      GetKeyPolicy: perSecond(30),
      GetKeyRotationStatus: perSecond(30),
      ListAliases: perSecond(100),
      ListGrants: perSecond(100),
      ListKeyPolicies: perSecond(100),
      ListKeys: perSecond(500),
      ListResourceTags: perSecond(2000)
    }
  },
  // Lambda Developer Guide, "Quotas": 15 for all control plane calls together, GetFunction by itself.
  lambda: { per: "service", limit: perSecond(15), operations: { GetFunction: perSecond(100) } },
  // CloudWatch Logs User Guide, "Quotas".
  logs: {
    per: "operation",
    limit: perSecond(5),
    operations: { DescribeLogGroups: perSecond(10), DescribeLogStreams: perSecond(25) }
  },
  // CloudWatch User Guide, "Service quotas".
  monitoring: {
    per: "operation",
    limit: perSecond(3),
    guess: true,
    operations: {
      DescribeAlarms: perSecond(9),
      DescribeAlarmsForMetric: perSecond(9),
      DescribeAlarmHistory: perSecond(3),
      DescribeAnomalyDetectors: perSecond(10),
      GetDashboard: perSecond(10),
      ListDashboards: perSecond(10),
      ListMetrics: perSecond(25)
    }
  },
  // AWS Organizations User Guide, "Quotas": rate and burst of one account.
  organizations: {
    global: true,
    per: "operation",
    limit: [8, 5],
    guess: true,
    operations: {
      DescribeAccount: [30, 20],
      DescribeOrganization: [2, 1],
      ListAccounts: [12, 8],
      ListAccountsForParent: [8, 5],
      ListChildren: [10, 6],
      ListOrganizationalUnitsForParent: [8, 5],
      ListTagsForResource: [15, 10]
    }
  },
  // AWS Resource Explorer User Guide, "Quotas".
  "resource-explorer-2": { per: "operation", limit: perSecond(3), operations: { Search: perSecond(5) } },
  // Amazon Route 53 Developer Guide, "Quotas": five a second for the account, all operations together.
  route53: { global: true, per: "service", limit: perSecond(5) },
  // Amazon S3 User Guide, "Best practices design patterns": 5,500 reads a second for each prefix. No limit is published
  // for the calls about buckets; this one is only there so that a scan is no flood.
  s3: { per: "operation", limit: [100, 100], guess: true },
  // Amazon SNS endpoints and quotas (AWS General Reference).
  sns: { per: "operation", limit: perSecond(30), operations: { ListTagsForResource: perSecond(10) } },
  // AWS Step Functions Developer Guide, "Quotas", the smaller one where Regions differ.
  states: {
    per: "operation",
    limit: [100, 1],
    operations: {
      DescribeExecution: [250, 10],
      DescribeStateMachine: [200, 20],
      ListActivities: [100, 5],
      ListExecutions: [100, 2],
      ListStateMachines: [100, 5]
    }
  },
  // IAM User Guide, "IAM and AWS STS quotas": one limit for all calls, in each Region.
  sts: { per: "service", limit: perSecond(600) },
  // Resource Groups Tagging API endpoints and quotas (AWS General Reference).
  tagging: { per: "operation", limit: perSecond(5), operations: { GetResources: perSecond(15) } },
  // AWS WAF Developer Guide, "Quotas": five a second for each get and list call that has no limit of its own.
  wafv2: {
    per: "operation",
    limit: perSecond(5),
    operations: { GetWebACLForResource: perSecond(1), ListResourcesForWebACL: perSecond(1) }
  }
}

/**
 * The bucket that a call draws from.
 *
 * `service` is the SigV4 signing name (`ec2`, `tagging`, `monitoring`, …).
 * `unpaginated` says that the call names neither a page size nor a filter nor
 * ids, for which EC2 keeps a smaller bucket.
 *
 * @since 0.1.0
 */
export const rateLimitOf = (
  service: string,
  operation: string,
  options?: { readonly unpaginated?: boolean }
): RateLimit => {
  const known = (Object.hasOwn(limits, service) ? limits[service] : undefined) ?? unpublished
  const limit = (bucket: string, [capacity, refillPerSecond]: Bucket, published = true): RateLimit => ({
    bucket,
    capacity,
    refillPerSecond,
    scope: known.global === true ? "account" : "region",
    published
  })
  const own = known.operations !== undefined && Object.hasOwn(known.operations, operation)
    ? known.operations[operation]
    : undefined
  if (own !== undefined) return limit(operation, own)
  if (options?.unpaginated === true && known.unpaginated?.operations.includes(operation) === true) {
    return limit(`${operation} unpaginated`, known.unpaginated.limit)
  }
  for (const [bucket, group] of Object.entries(known.groups ?? {})) {
    if (group.operations.includes(operation)) return limit(bucket, group.limit)
  }
  return limit(known.per === "service" ? "*" : operation, known.limit, known.guess !== true)
}
