/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Backup = make({
  signingName: "backup",
  iamPrefix: "backup",
  scope: "regional",
  protocol: restJson({ messageKey: "Message" }),
  family: { ...restJsonFamily, throttled: ["ThrottlingException", 400, "Rate exceeded"] },
  refusals: {
    size: ["InvalidParameterValueException", 400],
    token: ["InvalidParameterValueException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-backup"),
  operations: {}
})
