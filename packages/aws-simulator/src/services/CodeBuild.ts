/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CodeBuild = make({
  signingName: "codebuild",
  iamPrefix: "codebuild",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "CodeBuild_20161006", namespace: "com.amazonaws.codebuild" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidInputException", 400],
    token: ["InvalidInputException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-codebuild"),
  operations: {}
})
