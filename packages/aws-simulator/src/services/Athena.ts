/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Athena = make({
  signingName: "athena",
  iamPrefix: "athena",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AmazonAthena", namespace: "com.amazonaws.athena" }),
  family: { ...jsonFamily, throttled: ["TooManyRequestsException", 400, "Rate exceeded"] },
  refusals: {
    size: ["InvalidRequestException", 400],
    token: ["InvalidRequestException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-athena"),
  operations: {}
})
