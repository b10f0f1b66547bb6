/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ApiGateway } from "../../services/ApiGateway.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const RestApi = declare("apigateway:restapi", ApiGateway, {
  share: 1.5,
  arns: ["apigateway", "/restapis/"],
  identify: (spot) => {
    const id = `${spot.hex(50).slice(0, 3)}${spot.code}`
    const arn = spot.arn("apigateway", `/restapis/${id}`, { account: "" })
    return { id, name: spot.named("public", "partner"), arn }
  },
  operations: {
    GetRestApis: list({
      items: "items",
      tags: "tags",
      page: { size: "limit", max: 500, byDefault: 25, token: "position" },
      item: (one) => ({ id: one.id, name: one.name, createdDate: one.createdAt, apiKeySource: "HEADER" })
    }),
    GetTags: tags({ id: "resourceArn", tags: "tags" })
  }
})
