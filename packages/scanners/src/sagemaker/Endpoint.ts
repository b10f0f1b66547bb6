import { ListEndpointsCommand, ListTagsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const endpoint = Scanner.make("sagemaker:endpoint", {
  cloudFormation: "AWS::SageMaker::Endpoint", actions: ["sagemaker:ListEndpoints"],
  list: Aws.list(SageMakerClient, ListEndpointsCommand, { MaxResults: 100 }, ({ Endpoints }) => Endpoints),
  describe: ({ CreationTime, EndpointArn, EndpointName, EndpointStatus }) => ({
    arn: EndpointArn, name: EndpointName, createdAt: CreationTime, state: EndpointStatus
  }),
  tags: Scanner.tagPages("sagemaker:ListTags", ({ arn }) =>
    Aws.list(SageMakerClient, ListTagsCommand, { ResourceArn: arn, MaxResults: 100 }, ({ Tags }) => Tags))
})
