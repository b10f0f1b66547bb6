import {
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ListTagsForResourceCommand
} from "@aws-sdk/client-elasticache"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const replicationGroup = Scanner.make("elasticache:replicationgroup", {
  cloudFormation: "AWS::ElastiCache::ReplicationGroup", actions: ["elasticache:DescribeReplicationGroups"],
  list: Aws.list(ElastiCacheClient, DescribeReplicationGroupsCommand, { MaxRecords: 100 }, (it) =>
    it.ReplicationGroups, "Marker"),
  describe: ({ ARN, CacheNodeType, MemberClusters, ReplicationGroupCreateTime, ReplicationGroupId, ...its }) => ({
    arn: ARN, name: ReplicationGroupId, createdAt: ReplicationGroupCreateTime, state: its.Status,
    attributes: { engine: its.Engine, nodeType: CacheNodeType, members: MemberClusters }
  }),
  tags: Scanner.tags("elasticache:ListTagsForResource", ({ arn }) =>
    Aws.send(ElastiCacheClient, new ListTagsForResourceCommand({ ResourceName: arn })), ({ TagList }) => TagList)
})
