/**
 * What each family of services answers for the causes that all of them share.
 *
 * Codes and statuses: the "Common errors" pages of the services, the EC2 and
 * S3 lists of error codes, and what the services are known to send.
 *
 * @since 0.1.0
 */
import { type AwsFault, refuse } from "./AwsFault.ts"

/**
 * A cause that any service may refuse a call for.
 */
export type Cause =
  | "throttled"
  | "denied"
  | "unknown-key"
  | "bad-signature"
  | "expired"
  | "missing-credentials"
  | "internal"
  | "unavailable"
  | "unknown-operation"
  | "malformed-request"
  | "clock-skew"
  | "not-subscribed"
  | "unsupported"

/** Code, HTTP status and text for each cause. */
export type Family = Readonly<Record<Cause, readonly [code: string, status: number, message: string]>>

const invalidToken = "The security token included in the request is invalid."
const needsSubscription = "The AWS Access Key Id needs a subscription for the service"
const expiredToken = "The security token included in the request is expired"
const badSignature = "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

export const ec2Family: Family = {
  throttled: ["RequestLimitExceeded", 503, "Request limit exceeded."],
  denied: ["UnauthorizedOperation", 403, "You are not authorized to perform this operation."],
  "unknown-key": ["AuthFailure", 401, "AWS was not able to validate the provided access credentials"],
  "bad-signature": ["AuthFailure", 401, "AWS was not able to validate the provided access credentials"],
  expired: ["RequestExpired", 400, "Request has expired."],
  "missing-credentials": ["MissingAuthenticationToken", 403, "Request is missing Authentication Token"],
  internal: ["InternalError", 500, "An internal error has occurred"],
  unavailable: ["Unavailable", 503, "The service is unavailable. Please try again shortly."],
  "unknown-operation": ["InvalidAction", 400, "The action is not valid for this web service."],
  "malformed-request": ["InvalidParameterValue", 400, "The request could not be read."],
  // "Error codes for the Amazon EC2 API": RequestExpired is also for a date stamp more than 15 minutes off.
  "clock-skew": ["RequestExpired", 400, "Request has expired."],
  "not-subscribed": [
    "OptInRequired",
    401,
    "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe."
  ],
  unsupported: ["UnsupportedOperation", 400, "The functionality you requested is not available in this region."]
}

export const queryFamily: Family = {
  throttled: ["Throttling", 400, "Rate exceeded"],
  denied: ["AccessDenied", 403, "Access denied"],
  "unknown-key": ["InvalidClientTokenId", 403, invalidToken],
  "bad-signature": ["SignatureDoesNotMatch", 403, badSignature],
  expired: ["ExpiredToken", 403, expiredToken],
  "missing-credentials": ["MissingAuthenticationToken", 403, "Request is missing Authentication Token"],
  internal: ["InternalFailure", 500, "The request processing has failed because of an unknown error."],
  unavailable: ["ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server."],
  "unknown-operation": ["InvalidAction", 400, "Could not find operation for version"],
  "malformed-request": ["MalformedInput", 400, "The request could not be read."],
  "clock-skew": ["SignatureDoesNotMatch", 403, "Signature expired"],
  "not-subscribed": ["OptInRequired", 403, needsSubscription],
  unsupported: ["InvalidAction", 400, "Could not find operation for version"]
}

export const jsonFamily: Family = {
  throttled: ["ThrottlingException", 400, "Rate exceeded"],
  denied: ["AccessDeniedException", 400, "Access denied"],
  "unknown-key": ["UnrecognizedClientException", 400, invalidToken],
  "bad-signature": ["InvalidSignatureException", 400, badSignature],
  expired: ["ExpiredTokenException", 400, expiredToken],
  "missing-credentials": ["MissingAuthenticationTokenException", 400, "Missing Authentication Token"],
  internal: ["InternalServerError", 500, "The request processing has failed because of an unknown error."],
  unavailable: ["ServiceUnavailableException", 503, "The request has failed due to a temporary failure of the server."],
  "unknown-operation": ["UnknownOperationException", 400, "The action or operation requested is invalid."],
  "malformed-request": ["SerializationException", 400, "The request could not be read."],
  "clock-skew": ["InvalidSignatureException", 400, "Signature expired"],
  "not-subscribed": ["OptInRequired", 403, needsSubscription],
  unsupported: ["UnknownOperationException", 400, "The action or operation requested is invalid."]
}

export const restJsonFamily: Family = {
  ...jsonFamily,
  throttled: ["TooManyRequestsException", 429, "Rate exceeded"],
  denied: ["AccessDeniedException", 403, "Access denied"],
  "unknown-key": ["UnrecognizedClientException", 403, invalidToken],
  "bad-signature": ["InvalidSignatureException", 403, badSignature],
  expired: ["ExpiredTokenException", 403, expiredToken],
  "missing-credentials": ["MissingAuthenticationTokenException", 403, "Missing Authentication Token"],
  internal: ["ServiceException", 500, "The service encountered an internal error."],
  "unknown-operation": ["UnknownOperationException", 404, "Unknown operation"],
  "clock-skew": ["InvalidSignatureException", 403, "Signature expired"],
  unsupported: ["UnknownOperationException", 404, "Unknown operation"]
}

export const s3Family: Family = {
  throttled: ["SlowDown", 503, "Please reduce your request rate."],
  denied: ["AccessDenied", 403, "Access Denied"],
  "unknown-key": ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
  "bad-signature": [
    "SignatureDoesNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
  ],
  expired: ["ExpiredToken", 400, "The provided token has expired."],
  "missing-credentials": ["AccessDenied", 403, "Access Denied"],
  internal: ["InternalError", 500, "We encountered an internal error. Please try again."],
  unavailable: ["ServiceUnavailable", 503, "Service is unable to handle request."],
  "unknown-operation": ["NotImplemented", 501, "A header you provided implies functionality that is not implemented."],
  "malformed-request": ["MalformedXML", 400, "The XML you provided was not well-formed."],
  // "Error responses" of the S3 API reference, for these three.
  "clock-skew": [
    "RequestTimeTooSkewed",
    403,
    "The difference between the request time and the current time is too large."
  ],
  "not-subscribed": ["NotSignedUp", 403, "Your account is not signed up for the Amazon S3 service."],
  unsupported: ["MethodNotAllowed", 405, "The specified method is not allowed against this resource."]
}

/** The error answer of a family for a cause. */
export const fault = (family: Family, cause: Cause, message?: string): AwsFault => {
  const [code, status, text] = family[cause]
  return refuse(code, status, message ?? text, { throttled: cause === "throttled" })
}
