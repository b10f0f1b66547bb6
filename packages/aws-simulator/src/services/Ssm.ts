/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Ssm = make({
  signingName: "ssm",
  iamPrefix: "ssm",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AmazonSSM", namespace: "com.amazonaws.ssm" }),
  family: jsonFamily,
  refusals: { token: ["InvalidNextToken", 400], missing: ["InvalidResourceId", 400] },
  load: () => import("@aws-sdk/client-ssm"),
  operations: {}
})
