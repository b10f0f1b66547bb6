import { DescribeParametersCommand, ListTagsForResourceCommand, SSMClient } from "@aws-sdk/client-ssm"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const parameter = Scanner.make("ssm:parameter", {
  cloudFormation: "AWS::SSM::Parameter", actions: ["ssm:DescribeParameters"],
  list: Aws.list(SSMClient, DescribeParametersCommand, { MaxResults: 50 }, ({ Parameters }) => Parameters),
  describe: ({ ARN, LastModifiedDate, Name, Tier, Type }, place) => ({
    // The name's own slash stands for the one behind the type.
    arn: ARN ?? place.arn("ssm", Name?.startsWith("/") === true ? "parameter" : "parameter/", Name),
    id: Name, name: Name, attributes: { kind: Type, tier: Tier, modifiedAt: LastModifiedDate }
  }),
  tags: Scanner.tags("ssm:ListTagsForResource", ({ id }) =>
    Aws.send(SSMClient, new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: id })), (it) =>
    it.TagList)
})
