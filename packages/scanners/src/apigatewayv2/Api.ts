import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const api = Scanner.make("apigatewayv2:api", {
  cloudFormation: "AWS::ApiGatewayV2::Api", actions: ["apigateway:GET"],
  list: Aws.list(ApiGatewayV2Client, GetApisCommand, { MaxResults: "500" }, ({ Items }) => Items),
  describe: ({ ApiId, CreatedDate, Name, ProtocolType, Tags }, { partition, region }) => ({
    arn: ApiId && `arn:${partition}:apigateway:${region}::/apis/${ApiId}`, name: Name, tags: Tags,
    createdAt: CreatedDate, attributes: { protocol: ProtocolType }
  })
})
