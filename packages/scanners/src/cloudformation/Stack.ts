import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const stack = Scanner.make("cloudformation:stack", {
  cloudFormation: "AWS::CloudFormation::Stack", actions: ["cloudformation:DescribeStacks"], free: true,
  list: Aws.list(CloudFormationClient, DescribeStacksCommand, {}, ({ Stacks }) => Stacks),
  describe: ({ CreationTime, Description, ParentId, StackId, StackName, StackStatus, Tags }) => ({
    arn: StackId, name: StackName, tags: Tags, createdAt: CreationTime, state: StackStatus,
    attributes: { description: Description, parentArn: ParentId },
    mark: StackStatus === "DELETE_COMPLETE" ? "deleted" : undefined
  })
})
