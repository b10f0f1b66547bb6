/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Logs = make({
  signingName: "logs",
  iamPrefix: "logs",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "Logs_20140328", namespace: "com.amazonaws.logs" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidParameterException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-cloudwatch-logs"),
  operations: {}
})
