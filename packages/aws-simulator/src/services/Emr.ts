/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Emr = make({
  signingName: "elasticmapreduce",
  iamPrefix: "elasticmapreduce",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "ElasticMapReduce", namespace: "com.amazonaws.emr" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidRequestException", 400],
    token: ["InvalidRequestException", 400],
    missing: ["InvalidRequestException", 400, "Cluster id '{}' is not valid."]
  },
  load: () => import("@aws-sdk/client-emr"),
  operations: {}
})
