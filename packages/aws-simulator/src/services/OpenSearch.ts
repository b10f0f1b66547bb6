/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const OpenSearch = make({
  signingName: "es",
  iamPrefix: "es",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: { ...restJsonFamily, throttled: ["ThrottlingException", 429, "Rate exceeded"] },
  refusals: { size: ["ValidationException", 400], missing: ["ResourceNotFoundException", 409] },
  load: () => import("@aws-sdk/client-opensearch"),
  operations: {}
})
