/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Kms = make({
  signingName: "kms",
  iamPrefix: "kms",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "TrentService", namespace: "com.amazonaws.kms" }),
  family: jsonFamily,
  refusals: {
    size: ["ValidationException", 400],
    token: ["InvalidMarkerException", 400],
    missing: ["NotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-kms"),
  operations: {}
})
