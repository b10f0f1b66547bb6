/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Acm = make({
  signingName: "acm",
  iamPrefix: "acm",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "CertificateManager", namespace: "com.amazonaws.acm" }),
  family: jsonFamily,
  refusals: { size: ["ValidationException", 400], missing: ["ResourceNotFoundException", 400] },
  load: () => import("@aws-sdk/client-acm"),
  operations: {}
})
