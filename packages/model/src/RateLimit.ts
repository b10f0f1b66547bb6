/**
 * AWS's API rate limits, as data.
 *
 * @since 0.1.0
 */

/**
 * The token bucket that one call draws from. AWS keeps one such bucket per
 * account and Region (per account for global services).
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
}

/**
 * Limits of one service: what its operations share by default, and those with
 * a bucket of their own.
 */
interface ServiceLimits {
  /** `"operation"`: every operation has such a bucket; `"service"`: all operations share one. */
  readonly per: "operation" | "service"
  readonly limit: readonly [capacity: number, refillPerSecond: number]
  readonly operations?: Readonly<Record<string, readonly [capacity: number, refillPerSecond: number]>>
  /** Operations that draw from a smaller bucket when called without page size, filter or ids. */
  readonly unpaginated?: {
    readonly operations: ReadonlyArray<string>
    readonly limit: readonly [capacity: number, refillPerSecond: number]
  }
}

/**
 * Where AWS publishes a rate but no bucket size, the size is one second's
 * worth. Services that publish nothing get `unpublished`: a guess on the
 * careful side, corrected at run time by the throttles that it meets.
 *
 * Sources: Amazon EC2 API throttling; Resource Groups Tagging quotas; IAM and
 * STS quotas; Lambda quotas ("requests per second for control plane APIs");
 * Amazon ECS request throttling; Route 53 quotas (five requests a second per
 * account); SNS quotas; DynamoDB `ListTagsOfResource`; Resource Explorer
 * quotas; Organizations quotas.
 */
const limits: Readonly<Record<string, ServiceLimits>> = {
  ec2: {
    per: "operation",
    limit: [100, 20],
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
  tagging: { per: "operation", limit: [5, 5], operations: { GetResources: [15, 15] } },
  sts: { per: "service", limit: [600, 600] },
  lambda: { per: "service", limit: [15, 15], operations: { GetFunction: [100, 100] } },
  ecs: { per: "operation", limit: [50, 20] },
  sns: { per: "operation", limit: [30, 30], operations: { ListTagsForResource: [10, 10] } },
  dynamodb: { per: "operation", limit: [50, 50], operations: { ListTagsOfResource: [10, 10] } },
  route53: { per: "service", limit: [5, 5] },
  "resource-explorer-2": { per: "operation", limit: [3, 3], operations: { Search: [5, 5] } },
  organizations: { per: "operation", limit: [8, 5], operations: { ListAccounts: [12, 8], DescribeOrganization: [2, 1] } },
  ce: { per: "service", limit: [5, 5] }
}

const unpublished: ServiceLimits = { per: "operation", limit: [50, 20] }

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
  const own = known.operations !== undefined && Object.hasOwn(known.operations, operation)
    ? known.operations[operation]
    : undefined
  if (own !== undefined) return rateLimit(operation, own)
  if (options?.unpaginated === true && known.unpaginated?.operations.includes(operation) === true) {
    return rateLimit(`${operation} unpaginated`, known.unpaginated.limit)
  }
  return rateLimit(known.per === "service" ? "*" : operation, known.limit)
}

const rateLimit = (
  bucket: string,
  [capacity, refillPerSecond]: readonly [capacity: number, refillPerSecond: number]
): RateLimit => ({ bucket, capacity, refillPerSecond })
