import { KafkaClient, ListClustersV2Command } from "@aws-sdk/client-kafka"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("kafka:cluster", {
  cloudFormation: "AWS::MSK::Cluster", actions: ["kafka:ListClustersV2"],
  list: Aws.list(KafkaClient, ListClustersV2Command, { MaxResults: 100 }, ({ ClusterInfoList }) => ClusterInfoList),
  describe: ({ ClusterArn, ClusterName, ClusterType, CreationTime, Provisioned, State, Tags }) => ({
    arn: ClusterArn, name: ClusterName, tags: Tags, createdAt: CreationTime, state: State,
    attributes: { kind: ClusterType, instanceType: Provisioned?.BrokerNodeGroupInfo?.InstanceType }
  })
})
