/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const StepFunctions = make({
  signingName: "states",
  iamPrefix: "states",
  scope: "regional",
  protocol: awsJson({ version: "1.0", target: "AWSStepFunctions", namespace: "com.amazonaws.swf.service.v2.model" }),
  family: jsonFamily,
  refusals: { token: ["InvalidToken", 400], missing: ["ResourceNotFound", 400] },
  load: () => import("@aws-sdk/client-sfn"),
  operations: {}
})
