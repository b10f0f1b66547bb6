/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const EventBridge = make({
  signingName: "events",
  iamPrefix: "events",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AWSEvents", namespace: "com.amazonaws.eventbridge" }),
  family: jsonFamily,
  refusals: { missing: ["ResourceNotFoundException", 400] },
  load: () => import("@aws-sdk/client-eventbridge"),
  operations: {}
})
