import { AthenaClient, ListTagsForResourceCommand, ListWorkGroupsCommand } from "@aws-sdk/client-athena"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const workGroup = Scanner.make("athena:workgroup", {
  cloudFormation: "AWS::Athena::WorkGroup", actions: ["athena:ListWorkGroups"], free: true,
  list: Aws.list(AthenaClient, ListWorkGroupsCommand, { MaxResults: 50 }, ({ WorkGroups }) => WorkGroups),
  describe: ({ CreationTime, EngineVersion, Name, State }, place) => ({
    arn: place.arn("athena", "workgroup/", Name), name: Name, createdAt: CreationTime, state: State,
    attributes: { engineVersion: EngineVersion?.EffectiveEngineVersion },
    mark: Name === "primary" ? "default" : undefined
  }),
  tags: Scanner.tagPages("athena:ListTagsForResource", ({ arn }) =>
    Aws.list(AthenaClient, ListTagsForResourceCommand, { ResourceARN: arn, MaxResults: 100 }, ({ Tags }) => Tags))
})
