/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Firehose = make({
  signingName: "firehose",
  iamPrefix: "firehose",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "Firehose_20150804", namespace: "com.amazonaws.firehose" }),
  family: { ...jsonFamily, throttled: ["LimitExceededException", 400, "Rate exceeded"] },
  refusals: { size: ["ValidationException", 400], missing: ["ResourceNotFoundException", 400] },
  load: () => import("@aws-sdk/client-firehose"),
  operations: {}
})
