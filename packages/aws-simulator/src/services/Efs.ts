/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Efs = make({
  signingName: "elasticfilesystem",
  iamPrefix: "elasticfilesystem",
  scope: "regional",
  protocol: restJson({ messageKey: "Message" }),
  family: { ...restJsonFamily, throttled: ["ThrottlingException", 429, "Rate exceeded"] },
  refusals: { size: ["BadRequest", 400], token: ["BadRequest", 400], missing: ["FileSystemNotFound", 404] },
  load: () => import("@aws-sdk/client-efs"),
  operations: {}
})
