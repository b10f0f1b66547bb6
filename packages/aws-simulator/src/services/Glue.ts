/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Glue = make({
  signingName: "glue",
  iamPrefix: "glue",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AWSGlue", namespace: "com.amazonaws.glue" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidInputException", 400],
    token: ["InvalidInputException", 400],
    missing: ["EntityNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-glue"),
  operations: {}
})
