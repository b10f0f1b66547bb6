/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CloudWatch = make({
  signingName: "monitoring",
  iamPrefix: "cloudwatch",
  scope: "regional",
  protocol: awsJson({
    version: "1.0",
    target: "GraniteServiceVersion20100801",
    namespace: "com.amazonaws.cloudwatch",
    queryCompatible: true
  }),
  family: { ...jsonFamily, throttled: ["ThrottlingException", 400, "Rate exceeded"] },
  refusals: {
    size: ["ValidationError", 400],
    token: ["InvalidNextToken", 400],
    missing: ["ResourceNotFoundException", 404]
  },
  queryCodes: {
    throttled: "Throttling",
    denied: "AccessDenied",
    "unknown-key": "InvalidClientTokenId",
    expired: "ExpiredToken",
    "bad-signature": "SignatureDoesNotMatch"
  },
  load: () => import("@aws-sdk/client-cloudwatch"),
  operations: {}
})
