/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Batch = make({
  signingName: "batch",
  iamPrefix: "batch",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: restJsonFamily,
  refusals: {
    size: ["ClientException", 400],
    token: ["ClientException", 400],
    missing: ["ClientException", 400, "{} does not exist"]
  },
  load: () => import("@aws-sdk/client-batch"),
  operations: {}
})
