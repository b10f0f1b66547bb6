import { DescribeCapacityProvidersCommand, ECSClient } from "@aws-sdk/client-ecs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const capacityProvider = Scanner.make("ecs:capacity-provider", {
  cloudFormation: "AWS::ECS::CapacityProvider", actions: ["ecs:DescribeCapacityProviders"], free: true,
  list: Aws.list(ECSClient, DescribeCapacityProvidersCommand, { include: ["TAGS"], maxResults: 10 }, (page) =>
    page.capacityProviders, "nextToken"),
  describe: ({ autoScalingGroupProvider, capacityProviderArn, name, status, tags }) => ({
    arn: capacityProviderArn, name, tags, state: status,
    attributes: { autoScalingGroupArn: autoScalingGroupProvider?.autoScalingGroupArn },
    mark: status === "INACTIVE" ? "deleted" : /^FARGATE(?:_SPOT)?$/u.test(name ?? "") ? "aws-created" : undefined
  })
})
