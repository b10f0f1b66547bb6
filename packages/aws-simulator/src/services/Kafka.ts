/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Kafka = make({
  signingName: "kafka",
  iamPrefix: "kafka",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: restJsonFamily,
  refusals: {
    size: ["BadRequestException", 400],
    token: ["BadRequestException", 400],
    missing: ["NotFoundException", 404]
  },
  load: () => import("@aws-sdk/client-kafka"),
  operations: {}
})
