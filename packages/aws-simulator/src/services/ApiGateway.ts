/** @since 0.1.0 */
import { restJsonFamily } from "../Family.ts"
import { restJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const ApiGateway = make({
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
  // Every reading call is one action: the path of a resource is what policies tell apart.
  actions: { GetRestApis: "GET", GetTags: "GET" },
  serves: ({ path }) => !path.startsWith("/v2/"),
  load: () => import("@aws-sdk/client-api-gateway"),
  operations: {}
})
