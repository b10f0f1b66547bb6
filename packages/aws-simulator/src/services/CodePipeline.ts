/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CodePipeline = make({
  signingName: "codepipeline",
  iamPrefix: "codepipeline",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "CodePipeline_20150709", namespace: "com.amazonaws.codepipeline" }),
  family: jsonFamily,
  refusals: {
    size: ["ValidationException", 400],
    token: ["InvalidNextTokenException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-codepipeline"),
  operations: {}
})
