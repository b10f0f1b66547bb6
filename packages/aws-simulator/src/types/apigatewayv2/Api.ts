/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ApiGatewayV2 } from "../../services/ApiGatewayV2.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const HttpApi = declare("apigatewayv2:api", ApiGatewayV2, {
  share: 1,
  arns: ["apigateway", "/apis/"],
  identify: (spot) => {
    const id = `${spot.hex(50).slice(0, 3)}${spot.code}`
    return { id, name: spot.named("http", "socket"), arn: spot.arn("apigateway", `/apis/${id}`, { account: "" }) }
  },
  attributes: (spot) => ({ protocol: spot.pick(51, ["HTTP", "WEBSOCKET"]) }),
  operations: {
    GetApis: list({
      items: "Items",
      tags: "Tags",
      page: { size: "MaxResults", max: 500 },
      item: (one) => ({
        ApiId: one.id,
        Name: one.name,
        ProtocolType: one.attributes.protocol,
        RouteSelectionExpression: "$request.method $request.path",
        CreatedDate: one.createdAt
      })
    }),
    GetTags: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
