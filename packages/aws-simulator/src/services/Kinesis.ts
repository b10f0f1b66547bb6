/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Kinesis = make({
  signingName: "kinesis",
  iamPrefix: "kinesis",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "Kinesis_20131202", namespace: "com.amazonaws.kinesis.v20131202" }),
  family: { ...jsonFamily, throttled: ["LimitExceededException", 400, "Rate exceeded"] },
  refusals: {
    size: ["ValidationException", 400],
    token: ["ExpiredNextTokenException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-kinesis"),
  operations: {}
})
