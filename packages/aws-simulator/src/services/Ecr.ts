/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Ecr = make({
  signingName: "ecr",
  iamPrefix: "ecr",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AmazonEC2ContainerRegistry_V20150921", namespace: "com.amazonaws.ecr" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidParameterException", 400],
    missing: ["RepositoryNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-ecr"),
  operations: {}
})
