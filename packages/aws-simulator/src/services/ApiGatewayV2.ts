/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const ApiGatewayV2 = make({
  signingName: "apigateway",
  iamPrefix: "apigateway",
  scope: "regional",
  protocol: restJson({ messageKey: "message" }),
  family: restJsonFamily,
  refusals: {
    size: ["BadRequestException", 400],
    token: ["BadRequestException", 400],
    missing: ["NotFoundException", 404]
  },
  actions: { GetApis: "GET", GetTags: "GET" },
  serves: ({ path }) => path.startsWith("/v2/"),
  load: () => import("@aws-sdk/client-apigatewayv2"),
  operations: {}
})
