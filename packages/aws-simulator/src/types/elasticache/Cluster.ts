/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElastiCache } from "../../services/ElastiCache.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const ElastiCacheCluster = declare("elasticache:cluster", ElastiCache, {
  share: 1.5,
  arns: ["elasticache", "cluster:"],
  identify: (spot) => spot.plain("elasticache", "cluster:", "sessions", "cache"),
  state: "available",
  attributes: (spot) => ({ engine: spot.pick(50, ["redis", "memcached", "valkey"]) }),
  operations: {
    DescribeCacheClusters: list({
      items: "CacheClusters",
      ids: "CacheClusterId",
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      item: (one) => ({
        CacheClusterId: one.id,
        ARN: one.arn,
        CacheClusterStatus: one.state,
        Engine: one.attributes.engine,
        CacheNodeType: "cache.t4g.small",
        NumCacheNodes: 1,
        CacheClusterCreateTime: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "ResourceName", tags: "TagList" })
  }
})
