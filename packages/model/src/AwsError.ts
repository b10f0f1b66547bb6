/**
 * The only error that an AWS call fails with, and the one place where what AWS
 * and the SDK say is told apart.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Outcome } from "./Cell.ts"
import { Location } from "./RegionId.ts"

/** AWS said no. `byScp`: through a service control policy, so that no IAM policy of the account can help. */
export class AccessDenied extends Schema.TaggedError<AccessDenied>()("AccessDenied", {
  message: Schema.String,
  byScp: Schema.Boolean
}) {}

/** Too many calls; later ones may pass. */
export class Throttled extends Schema.TaggedError<Throttled>()("Throttled", { message: Schema.String }) {}

/** Valid credentials are refused because the account has this Region switched off. */
export class RegionDisabled extends Schema.TaggedError<RegionDisabled>()("RegionDisabled", { message: Schema.String }) {}

/** There are no credentials, or AWS does not know them. */
export class InvalidCredentials extends Schema.TaggedError<InvalidCredentials>()("InvalidCredentials", {
  message: Schema.String
}) {}

/** The session is over; `message` says how to log in again. */
export class ExpiredToken extends Schema.TaggedError<ExpiredToken>()("ExpiredToken", { message: Schema.String }) {}

/** The service or the operation does not exist in this Region. */
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", { message: Schema.String }) {}

/** No answer in time. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", { message: Schema.String }) {}

/** The connection failed before an answer was whole. */
export class Network extends Schema.TaggedError<Network>()("Network", { message: Schema.String }) {}

/** What was asked for is not there; `code` says what: a resource that is gone, or e.g. a bucket's missing tag set. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  message: Schema.String,
  code: Schema.String
}) {}

/** Anything else, with all that AWS support asks for. `status` is 0 where there was no HTTP answer. */
export class Unexpected extends Schema.TaggedError<Unexpected>()("Unexpected", {
  message: Schema.String,
  code: Schema.String,
  status: Schema.Int
}) {}

const Reason = Schema.Union([
  AccessDenied,
  Throttled,
  RegionDisabled,
  InvalidCredentials,
  ExpiredToken,
  Unsupported,
  TimedOut,
  Network,
  NotFound,
  Unexpected
])
/** @since 0.1.0 */
export type AwsErrorReason = typeof Reason.Type

/**
 * An AWS call that failed: which, where and why.
 *
 * `operation` is `service:Operation`, e.g. `ec2:DescribeInstances`.
 *
 * @since 0.1.0
 */
export class AwsError extends Schema.TaggedError<AwsError>()("AwsError", {
  operation: Schema.String,
  region: Location,
  requestId: Schema.optionalKey(Schema.String),
  reason: Reason
}) {
  override get message(): string {
    return `${this.operation} in ${this.region}: ${this.reason._tag}: ${this.reason.message}`
  }

  /**
   * Whether the same call may pass when made again: throttles, network faults
   * and the service's own faults (HTTP 5xx).
   */
  get isRetryable(): boolean {
    const { reason } = this
    return reason._tag === "Throttled" || reason._tag === "Network" ||
      (reason._tag === "Unexpected" && reason.status >= 500)
  }

  /** The outcome of a cell that ended with this error. */
  get outcome(): Outcome {
    return outcomes[this.reason._tag]
  }

  /** Reads whatever the SDK threw. Never throws itself, whatever that is. */
  static readonly from = (
    operation: string,
    region: Location
  ): (cause: unknown) => AwsError =>
  (cause) => {
    const requestId = metadataOf(cause).requestId
    return new AwsError({
      operation,
      // A Region that an answer named, and that is none, must not cost the reason.
      region: isLocation(region) ? region : "global",
      reason: classify(cause),
      ...(requestId === undefined ? {} : { requestId })
    })
  }
}

const isLocation = Schema.is(Location)

const outcomes: Readonly<Record<AwsErrorReason["_tag"], Outcome>> = {
  AccessDenied: "denied",
  Throttled: "throttled",
  RegionDisabled: "denied",
  InvalidCredentials: "failed",
  ExpiredToken: "failed",
  Unsupported: "unsupported",
  TimedOut: "timed-out",
  Network: "failed",
  NotFound: "failed",
  Unexpected: "failed"
}

type Kind = Exclude<AwsErrorReason["_tag"], "Unexpected" | "TimedOut">

/**
 * Error code to kind. A trailing `Exception` or `Fault` and EC2's leading
 * `Client.`/`Server.` are taken off before the look-up.
 *
 * A Region that is switched off answers with the codes of unknown credentials
 * (`AuthFailure`, `InvalidClientTokenId`, `UnrecognizedClientException`): only
 * somebody who knows that the credentials work elsewhere can tell, so they are
 * `InvalidCredentials` here and the caller turns them into `RegionDisabled`.
 *
 * Sources: the common errors page of each service's API reference; the
 * throttling codes of the SDK's own retry classification.
 */
const kinds: Readonly<Record<string, Kind>> = {
  AccessDenied: "AccessDenied",
  AuthorizationError: "AccessDenied",
  Forbidden: "AccessDenied",
  NotAuthorized: "AccessDenied",
  Unauthorized: "AccessDenied",
  UnauthorizedAccess: "AccessDenied",
  UnauthorizedOperation: "AccessDenied",

  BandwidthLimitExceeded: "Throttled",
  EC2Throttled: "Throttled",
  LimitExceeded: "Throttled",
  PriorRequestNotComplete: "Throttled",
  ProvisionedThroughputExceeded: "Throttled",
  RequestLimitExceeded: "Throttled",
  RequestThrottled: "Throttled",
  SlowDown: "Throttled",
  Throttled: "Throttled",
  Throttling: "Throttled",
  TooManyRequests: "Throttled",
  TransactionInProgress: "Throttled",

  OptInRequired: "RegionDisabled",
  RegionDisabled: "RegionDisabled",
  SubscriptionRequired: "RegionDisabled",

  AuthFailure: "InvalidCredentials",
  CredentialsProviderError: "InvalidCredentials",
  IncompleteSignature: "InvalidCredentials",
  InvalidAccessKeyId: "InvalidCredentials",
  InvalidClientTokenId: "InvalidCredentials",
  InvalidSignature: "InvalidCredentials",
  InvalidToken: "InvalidCredentials",
  MissingAuthenticationToken: "InvalidCredentials",
  RequestTimeTooSkewed: "InvalidCredentials",
  SignatureDoesNotMatch: "InvalidCredentials",
  TokenProviderError: "InvalidCredentials",
  UnrecognizedClient: "InvalidCredentials",

  ExpiredToken: "ExpiredToken",
  RequestExpired: "ExpiredToken",
  TokenRefreshRequired: "ExpiredToken",

  InvalidAction: "Unsupported",
  UnknownOperation: "Unsupported",
  UnsupportedOperation: "Unsupported",

  ECONNREFUSED: "Network",
  ECONNRESET: "Network",
  EAI_AGAIN: "Network",
  EHOSTUNREACH: "Network",
  ENETUNREACH: "Network",
  ENOTFOUND: "Network",
  EPIPE: "Network",
  RequestTimeout: "Network",
  UND_ERR_SOCKET: "Network",

  AccessPointNotFound: "NotFound",
  CacheClusterNotFound: "NotFound",
  ClusterNotFound: "NotFound",
  DBClusterNotFound: "NotFound",
  DBClusterSnapshotNotFound: "NotFound",
  DBInstanceNotFound: "NotFound",
  DBSnapshotNotFound: "NotFound",
  EntityNotFound: "NotFound",
  InvalidResourceId: "NotFound",
  ListenerNotFound: "NotFound",
  LoadBalancerNotFound: "NotFound",
  NoSuchBucket: "NotFound",
  NoSuchDistribution: "NotFound",
  NoSuchEntity: "NotFound",
  NoSuchHostedZone: "NotFound",
  NoSuchResource: "NotFound",
  NoSuchTagSet: "NotFound",
  PipelineNotFound: "NotFound",
  PolicyNotFound: "NotFound",
  QueueDoesNotExist: "NotFound",
  ReplicationGroupNotFound: "NotFound",
  RepositoryNotFound: "NotFound",
  ResourceNotFound: "NotFound",
  RuleNotFound: "NotFound",
  ServiceNotFound: "NotFound",
  StateMachineDoesNotExist: "NotFound",
  TargetGroupNotFound: "NotFound",
  TrailNotFound: "NotFound",
  WAFNonexistentItem: "NotFound",
  "AWS.SimpleQueueService.NonExistentQueue": "NotFound"
}

const timeouts: ReadonlySet<string> = new Set([
  "TimeoutError",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT"
])

/**
 * What cannot be read may be anybody's, a proxy's as well: that AWS has denied
 * something, it does not say.
 */
const unread: ReadonlySet<string> = new Set([
  "AnswerTooLarge",
  "EncodedAnswer",
  "Error",
  "MalformedJson",
  "MalformedXml",
  "RangeError",
  "SyntaxError",
  "TypeError"
])

/**
 * Whether the text of a denial names a service control policy as its cause.
 *
 * @since 0.1.0
 */
export const saysScp = (message: string): boolean => /service control policy/iu.test(message)

/** "Signature expired: …" is a clock that is wrong: logging in again does not help. */
const expiredSession = /(?<!signature )expired/iu

const classify = (cause: unknown): AwsErrorReason => {
  const name = textOf(cause, "name")
  const code = textOf(cause, "code") || textOf(cause, "Code")
  const thrown = typeof cause === "string" ? cause : ""
  const { status } = metadataOf(cause)
  const message = said(shortened(textOf(cause, "message")).replace(sdkHint, "") || name || code || thrown || "no message", status)
  if (timeouts.has(code) || timeouts.has(name)) return new TimedOut({ message })
  const kind = kindOf(name) ?? kindOf(code) ?? (unread.has(name) && status === 403 ? undefined : kindOfStatus(status))
  switch (kind) {
    case undefined:
      return new Unexpected({ message, code: name || code || "Unknown", status })
    case "AccessDenied":
      return new AccessDenied({ message, byScp: saysScp(message) })
    case "Throttled":
      return new Throttled({ message })
    case "RegionDisabled":
      return new RegionDisabled({ message })
    case "InvalidCredentials":
      return expiredSession.test(message)
        ? new ExpiredToken({ message: `${message.replace(/\.$/u, "")}. ${loginHint}` })
        : new InvalidCredentials({ message })
    case "ExpiredToken":
      return new ExpiredToken({ message: `${message.replace(/\.$/u, "")}. ${loginHint}` })
    case "Unsupported":
      return new Unsupported({ message })
    case "Network":
      return new Network({ message: code === "" || message.includes(code) ? message : `${message} (${code})` })
    case "NotFound":
      return new NotFound({ message, code: name || code })
  }
}

/** What the SDK adds for whoever debugs it. */
const sdkHint = /\s*Deserialization error: to see the raw response, inspect the hidden field \{error\}\.\$response on this object\.\s*/u

/** The longest messages of AWS, denials with an encoded reason, have about 2,000 characters. */
const shortened = (message: string): string => message.length > 4096 ? `${message.slice(0, 4096)}…` : message

/** An error without a word in it, or one of another tongue than AWS's, has said nothing but its status. */
const said = (message: string, status: number): string =>
  status >= 300 && (/^(?:Unknown(?:Error)?|NotFound)$/u.test(message) || notOurs.test(message))
    ? `HTTP ${status}${/^\w+$/u.test(message) ? " without a reason" : `: ${message}`}`
    : message

const notOurs = / in JSON at position |is not valid JSON$|^Unexpected end of JSON input|XML parse error|^the answer is /u

const loginHint = "Log in again, e.g. with `aws sso login` or `aws login`, then repeat the command."

const kindOf = (code: string): Kind | undefined => {
  const bare = code.replace(/^(?:Client|Server)\./u, "").replace(/(?:Exception|Fault)$/u, "")
  if (Object.hasOwn(kinds, bare)) return kinds[bare]
  // The bare word `NotFound` is what the SDK says of a 404 in which it finds no code.
  if (code === "NotFoundException") return "NotFound"
  // What spoke the query protocol before has kept long codes: `AWS.SimpleQueueService.AccessDenied`.
  const last = bare.startsWith("AWS.") ? bare.slice(bare.lastIndexOf(".") + 1) : ""
  if (Object.hasOwn(kinds, last)) return kinds[last]
  // EC2 writes `InvalidInstanceID.NotFound`, `InvalidGroup.NotFound`, …
  return bare.endsWith(".NotFound") ? "NotFound" : undefined
}

/**
 * Where there is no code to go by. A bare 404 says nothing: it may be a proxy's,
 * and what is taken for gone is dropped from the result.
 */
const kindOfStatus = (status: number): Kind | undefined =>
  status === 429 ? "Throttled" : status === 403 ? "AccessDenied" : undefined

const textOf = (cause: unknown, property: string): string => {
  const value = read(cause, property)
  return typeof value === "string" ? value : ""
}

const metadataOf = (cause: unknown): { readonly status: number; readonly requestId?: string } => {
  const metadata = read(cause, "$metadata")
  const status = read(metadata, "httpStatusCode")
  const requestId = read(metadata, "requestId")
  return {
    status: typeof status === "number" && Number.isSafeInteger(status) ? status : 0,
    ...(typeof requestId === "string" ? { requestId } : {})
  }
}

/** Anything can be thrown, also what throws when it is looked at. */
const read = (value: unknown, property: string): unknown => {
  try {
    return Predicate.hasProperty(value, property) ? value[property] : undefined
  } catch {
    return undefined
  }
}
