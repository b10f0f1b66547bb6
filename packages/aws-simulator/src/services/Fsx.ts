/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Fsx = make({
  signingName: "fsx",
  iamPrefix: "fsx",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AWSSimbaAPIService_v20180301", namespace: "com.amazonaws.fsx" }),
  family: jsonFamily,
  refusals: { size: ["BadRequest", 400], token: ["BadRequest", 400], missing: ["FileSystemNotFound", 400] },
  load: () => import("@aws-sdk/client-fsx"),
  operations: {}
})
