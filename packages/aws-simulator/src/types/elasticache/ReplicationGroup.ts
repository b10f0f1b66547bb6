/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { ElastiCache } from "../../services/ElastiCache.ts"
import { declare } from "../../TypeDeclaration.ts"

export const ElastiCacheReplicationGroup = declare("elasticache:replicationgroup", ElastiCache, {
  share: 0.8,
  arns: ["elasticache", "replicationgroup:"],
  identify: (spot) => spot.plain("elasticache", "replicationgroup:", "sessions", "cache"),
  state: "available",
  operations: {
    DescribeReplicationGroups: list({
      items: "ReplicationGroups",
      ids: "ReplicationGroupId",
      missing: ["ReplicationGroupNotFoundFault", 404],
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      item: (one) => ({
        ReplicationGroupId: one.id,
        ARN: one.arn,
        Status: one.state,
        MemberClusters: [],
        ReplicationGroupCreateTime: one.createdAt
      })
    })
  }
})
