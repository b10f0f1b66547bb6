import { ListStateMachinesCommand, ListTagsForResourceCommand, SFNClient } from "@aws-sdk/client-sfn"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const stateMachine = Scanner.make("states:state-machine", {
  cloudFormation: "AWS::StepFunctions::StateMachine", actions: ["states:ListStateMachines"],
  list: Aws.list(SFNClient, ListStateMachinesCommand, { maxResults: 1000 }, (page) =>
    page.stateMachines, "nextToken"),
  describe: ({ creationDate, name, stateMachineArn, type }) => ({
    arn: stateMachineArn, name, createdAt: creationDate, attributes: { kind: type }
  }),
  tags: Scanner.tags("states:ListTagsForResource", ({ arn }) =>
    Aws.send(SFNClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
