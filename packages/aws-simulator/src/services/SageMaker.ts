/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const SageMaker = make({
  signingName: "sagemaker",
  iamPrefix: "sagemaker",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "SageMaker", namespace: "com.amazonaws.sagemaker" }),
  family: jsonFamily,
  refusals: { missing: ["ValidationException", 400, "Could not find resource \"{}\"."] },
  load: () => import("@aws-sdk/client-sagemaker"),
  operations: {}
})
