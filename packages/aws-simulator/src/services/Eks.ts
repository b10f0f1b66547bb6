/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Eks = make({
  signingName: "eks",
  iamPrefix: "eks",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: restJsonFamily,
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidParameterException", 400],
    missing: ["ResourceNotFoundException", 404]
  },
  load: () => import("@aws-sdk/client-eks"),
  operations: {}
})
