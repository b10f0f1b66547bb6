import { ECSClient, ListTagsForResourceCommand, ListTaskDefinitionsCommand } from "@aws-sdk/client-ecs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const taskDefinition = Scanner.make("ecs:task-definition", {
  cloudFormation: "AWS::ECS::TaskDefinition", actions: ["ecs:ListTaskDefinitions"], free: true,
  // Without a status, the active ones.
  list: Aws.list(ECSClient, ListTaskDefinitionsCommand, { maxResults: 100 }, (page) =>
    page.taskDefinitionArns, "nextToken"),
  describe: (arn) => ({ arn, name: arn.split("/").at(-1) }),
  tags: Scanner.tags("ecs:ListTagsForResource", ({ arn }) =>
    Aws.send(ECSClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
