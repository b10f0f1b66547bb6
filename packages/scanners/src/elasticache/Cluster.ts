import {
  DescribeCacheClustersCommand,
  ElastiCacheClient,
  ListTagsForResourceCommand
} from "@aws-sdk/client-elasticache"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const cluster = Scanner.make("elasticache:cluster", {
  cloudFormation: "AWS::ElastiCache::CacheCluster", actions: ["elasticache:DescribeCacheClusters"],
  list: Aws.list(ElastiCacheClient, DescribeCacheClustersCommand, { MaxRecords: 100 }, (page) =>
    page.CacheClusters, "Marker"),
  describe: ({ ARN, CacheClusterCreateTime, CacheClusterId, CacheClusterStatus, CacheNodeType, Engine, ...its }) => ({
    arn: ARN, name: CacheClusterId, createdAt: CacheClusterCreateTime, state: CacheClusterStatus,
    attributes: { engine: Engine, nodeType: CacheNodeType, nodes: its.NumCacheNodes, groupId: its.ReplicationGroupId }
  }),
  tags: Scanner.tags("elasticache:ListTagsForResource", ({ arn }) =>
    Aws.send(ElastiCacheClient, new ListTagsForResourceCommand({ ResourceName: arn })), ({ TagList }) => TagList)
})
