/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const BedrockAgent = make({
  signingName: "bedrock",
  iamPrefix: "bedrock",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: { ...restJsonFamily, throttled: ["ThrottlingException", 429, "Rate exceeded"] },
  refusals: {
    size: ["ValidationException", 400],
    token: ["ValidationException", 400],
    missing: ["ResourceNotFoundException", 404]
  },
  load: () => import("@aws-sdk/client-bedrock-agent"),
  operations: {}
})
