import { APIGatewayClient, GetRestApisCommand } from "@aws-sdk/client-api-gateway"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const restApi = Scanner.make("apigateway:restapi", {
  cloudFormation: "AWS::ApiGateway::RestApi", actions: ["apigateway:GET"],
  list: Aws.list(APIGatewayClient, GetRestApisCommand, { limit: 500 }, ({ items }) => items, "position"),
  describe: ({ createdDate, endpointConfiguration, id, name, tags }, { partition, region }) => ({
    arn: id && `arn:${partition}:apigateway:${region}::/restapis/${id}`, name, tags, createdAt: createdDate,
    attributes: { endpoints: endpointConfiguration?.types }
  })
})
