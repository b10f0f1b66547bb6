import { AwsError, type AwsErrorReason, type Outcome, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

type Tag = AwsErrorReason["_tag"]

const east = RegionId.make("us-east-1")
const classify = AwsError.from("ec2:DescribeInstances", east)

/** An error as the SDK throws it. */
const sdkError = (name: string, status: number, message = `${name} says no`): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, requestId: "req-1" } })

const systemError = (code: string, name = "Error"): Error =>
  Object.assign(new Error(`${code} happened`), { name, code })

/** What each service family sends for each cause: code, HTTP status, and what it means. */
const table: ReadonlyArray<readonly [cause: string, family: string, code: string, status: number, reason: Tag]> = [
  ["throttled", "ec2", "RequestLimitExceeded", 503, "Throttled"],
  ["throttled", "query", "Throttling", 400, "Throttled"],
  ["throttled", "json", "ThrottlingException", 400, "Throttled"],
  ["throttled", "tagging", "ThrottledException", 400, "Throttled"],
  ["throttled", "cost explorer", "LimitExceededException", 400, "Throttled"],
  ["throttled", "organizations", "TooManyRequestsException", 400, "Throttled"],
  ["throttled", "rest-json", "TooManyRequestsException", 429, "Throttled"],
  ["throttled", "s3", "SlowDown", 503, "Throttled"],
  ["throttled", "ec2, older", "EC2ThrottledException", 503, "Throttled"],
  ["throttled", "sdk's list", "BandwidthLimitExceeded", 509, "Throttled"],
  ["throttled", "route 53", "PriorRequestNotComplete", 400, "Throttled"],
  ["throttled", "dynamodb", "ProvisionedThroughputExceededException", 400, "Throttled"],
  ["throttled", "sdk's list", "RequestThrottled", 400, "Throttled"],
  ["throttled", "sdk's list", "RequestThrottledException", 400, "Throttled"],
  ["throttled", "sdk's list", "TransactionInProgressException", 400, "Throttled"],
  ["throttled", "a code that nobody knows", "NeverHeardOf", 429, "Throttled"],
  ["no permission", "ec2", "UnauthorizedOperation", 403, "AccessDenied"],
  ["no permission", "query", "AccessDenied", 403, "AccessDenied"],
  ["no permission", "json", "AccessDeniedException", 400, "AccessDenied"],
  ["no permission", "json", "AccessDeniedException", 403, "AccessDenied"],
  ["no permission", "rest-json", "AccessDeniedException", 403, "AccessDenied"],
  ["no permission", "s3", "AccessDenied", 403, "AccessDenied"],
  ["no permission", "sns", "AuthorizationErrorException", 403, "AccessDenied"],
  ["no permission", "a head request without a body", "UnknownError", 403, "AccessDenied"],
  ["unknown key", "ec2", "AuthFailure", 401, "InvalidCredentials"],
  ["unknown key", "query", "InvalidClientTokenId", 403, "InvalidCredentials"],
  ["unknown key", "json", "UnrecognizedClientException", 400, "InvalidCredentials"],
  ["unknown key", "rest-json", "UnrecognizedClientException", 403, "InvalidCredentials"],
  ["unknown key", "s3", "InvalidAccessKeyId", 403, "InvalidCredentials"],
  ["unknown key", "s3, assumed role", "InvalidToken", 400, "InvalidCredentials"],
  ["not subscribed", "ec2", "OptInRequired", 401, "RegionDisabled"],
  ["not subscribed", "json", "OptInRequired", 403, "RegionDisabled"],
  ["not subscribed", "json", "SubscriptionRequiredException", 400, "RegionDisabled"],
  ["Region off", "sts", "RegionDisabledException", 403, "RegionDisabled"],
  ["unreadable", "json", "MalformedJson", 403, "Unexpected"],
  ["unreadable", "nested too deep", "RangeError", 403, "Unexpected"],
  ["unreadable", "json", "MalformedJson", 429, "Throttled"],
  ["unreadable", "xml", "MalformedXml", 403, "Unexpected"],
  ["wrong time", "s3", "RequestTimeTooSkewed", 403, "InvalidCredentials"],
  ["expired", "ec2", "RequestExpired", 400, "ExpiredToken"],
  ["expired", "query", "ExpiredToken", 403, "ExpiredToken"],
  ["expired", "json", "ExpiredTokenException", 400, "ExpiredToken"],
  ["expired", "rest-json", "ExpiredTokenException", 403, "ExpiredToken"],
  ["expired", "s3", "ExpiredToken", 400, "ExpiredToken"],
  ["bad secret", "query", "SignatureDoesNotMatch", 403, "InvalidCredentials"],
  ["bad secret", "json", "InvalidSignatureException", 400, "InvalidCredentials"],
  ["bad secret", "rest-json", "InvalidSignatureException", 403, "InvalidCredentials"],
  ["bad secret", "s3", "SignatureDoesNotMatch", 403, "InvalidCredentials"],
  ["server fault", "ec2", "InternalError", 500, "Unexpected"],
  ["server fault", "ec2", "Unavailable", 503, "Unexpected"],
  ["server fault", "query", "InternalFailure", 500, "Unexpected"],
  ["server fault", "json", "InternalServerError", 500, "Unexpected"],
  ["server fault", "rest-json", "ServiceException", 500, "Unexpected"],
  ["server fault", "s3", "InternalError", 500, "Unexpected"],
  ["untagged bucket", "s3", "NoSuchTagSet", 404, "NotFound"],
  ["wrong Region", "s3", "PermanentRedirect", 301, "Unexpected"],
  ["wrong Region", "s3", "IllegalLocationConstraintException", 400, "Unexpected"],
  ["wrong Region", "s3", "AuthorizationHeaderMalformed", 400, "Unexpected"],
  ["a proxy's page", "any", "SyntaxError", 502, "Unexpected"],
  ["a proxy's page", "any", "SyntaxError", 200, "Unexpected"],
  ["gone", "ec2", "InvalidInstanceID.NotFound", 400, "NotFound"],
  ["gone", "s3", "NoSuchBucket", 404, "NotFound"],
  ["gone", "iam", "NoSuchEntityException", 404, "NotFound"],
  ["gone", "rds", "DBInstanceNotFoundFault", 404, "NotFound"],
  ["gone", "lambda", "ResourceNotFoundException", 404, "NotFound"],
  ["gone", "sqs", "AWS.SimpleQueueService.NonExistentQueue", 400, "NotFound"],
  ["gone", "sqs", "QueueDoesNotExist", 400, "NotFound"],
  ...[
    ["elasticloadbalancing", "LoadBalancerNotFoundException"],
    ["elasticloadbalancing", "TargetGroupNotFound"],
    ["elasticloadbalancing", "ListenerNotFound"],
    ["elasticloadbalancing", "RuleNotFound"],
    ["elasticloadbalancing", "AccessPointNotFoundException"],
    ["elasticache", "CacheClusterNotFoundFault"],
    ["elasticache", "ReplicationGroupNotFoundFault"],
    ["rds", "DBClusterNotFoundFault"],
    ["ecr", "RepositoryNotFoundException"],
    ["glue", "EntityNotFoundException"],
    ["ssm", "InvalidResourceId"],
    ["cloudfront", "NoSuchResource"],
    ["wafv2", "WAFNonexistentItemException"],
    ["states", "StateMachineDoesNotExist"],
    ["codepipeline", "PipelineNotFoundException"],
    ["cloudtrail", "TrailNotFoundException"],
    ["kms", "NotFoundException"]
  ].map(([service = "", code = ""]) => ["gone", service, code, 400, "NotFound"] as const),
  ["no such operation", "query", "InvalidAction", 400, "Unsupported"],
  ["no such operation", "json", "UnknownOperationException", 404, "Unsupported"],
  ["no such operation", "ec2", "UnsupportedOperation", 400, "Unsupported"]
]

const outcomeOf: Readonly<Record<Tag, Outcome>> = {
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

describe("AwsError", () => {
  it.each(table)("%s, %s: %s %i is %s", (_cause, _family, code, status, reason) => {
    const error = classify(sdkError(code, status))
    assert.strictEqual(error.reason._tag, reason)
    assert.strictEqual(error.outcome, outcomeOf[reason])
    assert.strictEqual(error.requestId, "req-1")
    assert.include(error.message, "ec2:DescribeInstances in us-east-1")
    assert.include(error.message, `${code} says no`)
    assert.strictEqual(error.isRetryable, reason === "Throttled" || (reason === "Unexpected" && status >= 500))
    if (error.reason._tag === "Unexpected") assert.deepInclude(error.reason, { code, status })
    if (error.reason._tag === "NotFound") assert.strictEqual(error.reason.code, code)
    if (error.reason._tag === "AccessDenied") assert.isFalse(error.reason.byScp)
    if (error.reason._tag === "ExpiredToken") assert.include(error.reason.message, "aws sso login")
  })

  it("reads the code where the SDK puts it: name, code or Code, with EC2's prefixes", () => {
    for (const cause of [
      { name: "Client.UnauthorizedOperation", message: "no" },
      { name: "Error", code: "UnauthorizedOperation", message: "no" },
      { name: "Error", Code: "AccessDenied", message: "no" },
      { code: "AccessDeniedException" }
    ])
      assert.strictEqual(classify(cause).reason._tag, "AccessDenied")
    assert.strictEqual(classify({ name: "Server.RequestLimitExceeded" }).reason._tag, "Throttled")
  })

  it.each([
    "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/u is not authorized to perform: ec2:DescribeInstances with an explicit deny in a service control policy",
    "User: arn:aws:sts::111122223333:assumed-role/R/s is not authorized to perform: rds:DescribeDBInstances with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1",
    "User: u is not authorized to perform: iam:ListRoles because no service control policy allows the iam:ListRoles action"
  ])("says when it was a service control policy: %s", (message) => {
    for (const code of ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException"]) {
      const { reason } = classify(sdkError(code, 403, message))
      assert.deepInclude(reason, { _tag: "AccessDenied", byScp: true })
    }
  })

  it("an ordinary denial is not one of a service control policy", () => {
    const message =
      "User: u is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action"
    assert.deepInclude(classify(sdkError("AccessDenied", 403, message)).reason, { _tag: "AccessDenied", byScp: false })
  })

  it.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EPIPE",
    "UND_ERR_SOCKET"
  ])("%s is the network, may pass next time, and is named", (code) => {
    const error = classify(systemError(code))
    assert.strictEqual(error.reason._tag, "Network")
    assert.include(error.reason.message, code)
    assert.isTrue(error.isRetryable)
    const unnamed = classify(Object.assign(new Error("the other side hung up"), { code }))
    assert.include(unnamed.reason.message, code)
  })

  it.each([
    systemError("ETIMEDOUT"),
    systemError("UND_ERR_HEADERS_TIMEOUT"),
    systemError("UND_ERR_BODY_TIMEOUT"),
    systemError("UND_ERR_CONNECT_TIMEOUT", "ConnectTimeoutError"),
    sdkError("TimeoutError", 0)
  ])("%s is a time-out and is not repeated", (cause) => {
    const error = classify(cause)
    assert.strictEqual(error.reason._tag, "TimedOut")
    assert.isFalse(error.isRetryable)
  })

  it("credentials that ran out are told from those that were never any", () => {
    const of = (message: string) => classify(sdkError("CredentialsProviderError", 0, message)).reason._tag
    assert.strictEqual(of("Token is expired. To refresh this SSO session run aws sso login."), "ExpiredToken")
    assert.strictEqual(of("The SSO session associated with this profile has expired."), "ExpiredToken")
    assert.strictEqual(of("Could not load credentials from any providers"), "InvalidCredentials")
  })

  it("a clock that is wrong is no expired session", () => {
    const message =
      "Signature expired: 20260315T031312Z is now earlier than 20260315T031341Z (20260315T032841Z - 15 min.)"
    for (const code of ["InvalidSignatureException", "SignatureDoesNotMatch"]) {
      const { reason } = classify(sdkError(code, 403, message))
      assert.strictEqual(reason._tag, "InvalidCredentials")
      assert.notInclude(reason.message, "Log in again")
    }
  })

  it("names that every object inherits are no codes", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      assert.deepInclude(classify({ name, message: "m" }).reason, { _tag: "Unexpected", code: name })
    }
  })

  it("reads whatever is thrown, and never throws itself", () => {
    const strange: ReadonlyArray<unknown> = [
      undefined,
      null,
      "text",
      0,
      Number.NaN,
      Symbol("s"),
      10n,
      [],
      {},
      Object.create(null),
      new Error("e"),
      () => {},
      { name: 7, message: {}, $metadata: null },
      { $metadata: "x" },
      { $metadata: { httpStatusCode: "500" } },
      { $metadata: { httpStatusCode: Number.NaN } },
      { $metadata: { httpStatusCode: 500.5 } },
      { $metadata: { httpStatusCode: 1e300, requestId: 7 } },
      new Proxy({}, {
        get: () => {
          throw new Error("do not look")
        },
        has: () => {
          throw new Error("do not look")
        }
      }),
      Object.defineProperty({ name: "AccessDenied" }, "message", {
        get: () => {
          throw new Error("no message")
        }
      })
    ]
    for (const cause of strange) assert.strictEqual(classify(cause)._tag, "AwsError")
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
          fc.record({
            name: fc.anything(),
            message: fc.anything(),
            code: fc.anything(),
            $metadata: fc.oneof(fc.anything(), fc.record({ httpStatusCode: fc.anything(), requestId: fc.anything() }))
          }, { requiredKeys: [] })
        ),
        // A Region that somebody has read out of an answer.
        fc.oneof(fc.constant(east), fc.string().map((text) => text as RegionId)),
        (cause, region) => {
          const error = AwsError.from("ec2:DescribeInstances", region)(cause)
          assert.isString(error.message)
          assert.isString(error.outcome)
          assert.isTrue(Schema.is(AwsError)(error))
        }
      ),
      { numRuns: 500 }
    )
  })

  it("an unknown fault keeps what AWS support asks for", () => {
    const error = classify(sdkError("SomethingNew", 418, "I am a teapot"))
    assert.deepInclude(error.reason, {
      _tag: "Unexpected",
      code: "SomethingNew",
      status: 418,
      message: "I am a teapot"
    })
    assert.strictEqual(error.requestId, "req-1")
    assert.isFalse(error.isRetryable)
  })

  it.each([
    ["Unknown", 503, "Unknown", "HTTP 503 without a reason"],
    ["UnknownError", 404, "UnknownError", "HTTP 404 without a reason"],
    ["SyntaxError", 502, "Unexpected token '<', \"<html>\" is not valid JSON", "HTTP 502: Unexpected token"],
    ["Error", 500, "@aws-sdk XML parse error: mismatched tags <hr> and </body>.", "HTTP 500: @aws-sdk XML parse error"],
    ["ValidationException", 400, "no such thing", "no such thing"],
    ["MalformedXml", 200, "the answer is no XML", "the answer is no XML"]
  ])("an error that does not speak AWS's tongue is told by its status: %s %i", (name, status, message, told) => {
    assert.include(classify(sdkError(name, status, message)).reason.message, told)
    if (told === message) assert.strictEqual(classify(sdkError(name, status, message)).reason.message, told)
  })

  it("what the SDK adds for who debugs it is left out, and no message is longer than anybody reads", () => {
    const hint = "\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object."
    assert.strictEqual(classify(sdkError("MalformedXml", 200, `cut off${hint}`)).reason.message, "cut off")
    assert.strictEqual(classify(sdkError("ValidationException", 400, "x".repeat(5_000_000))).reason.message.length, 4097)
  })

  it("an answer of a proxy that nobody could read is no denial, and long codes of SQS are read by their end", () => {
    for (const name of ["EncodedAnswer", "AnswerTooLarge"]) {
      assert.strictEqual(classify(sdkError(name, 403, "the answer is encoded as gzip")).reason._tag, "Unexpected")
    }
    assert.strictEqual(classify(sdkError("AWS.SimpleQueueService.AccessDenied", 403)).reason._tag, "AccessDenied")
    assert.strictEqual(classify(sdkError("AWS.SimpleQueueService.NonExistentQueue", 400)).reason._tag, "NotFound")
    assert.strictEqual(classify(sdkError("AWS.SimpleQueueService.constructor", 400)).reason._tag, "Unexpected")
  })

  it("decodes what it encodes as JSON", () => {
    const Json = Schema.fromJsonString(AwsError)
    for (const [, , code, status] of table) {
      const error = classify(sdkError(code, status))
      const again = Schema.decodeSync(Json)(Schema.encodeSync(Json)(error))
      assert.deepStrictEqual(
        [again.message, again.requestId, again.outcome],
        [error.message, error.requestId, error.outcome]
      )
      assert.deepStrictEqual({ ...again.reason }, { ...error.reason })
    }
  })
})
