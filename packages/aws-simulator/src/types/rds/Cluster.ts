/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Rds } from "../../services/Rds.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const RdsCluster = declare("rds:cluster", Rds, {
  share: 1.5,
  arns: ["rds", "cluster:"],
  identify: (spot) => spot.plain("rds", "cluster:", "aurora", "documents", "graph"),
  state: (spot) => spot.pick(50, ["available", "available", "available", "stopped"]),
  attributes: (spot) => ({
    engine: spot.pick(51, ["aurora-postgresql", "aurora-mysql", "docdb", "neptune", "postgres"]),
    resourceId: `cluster-${spot.hex(52)}${spot.hex(53)}`.toUpperCase()
  }),
  operations: {
    DescribeDBClusters: list({
      items: "DBClusters",
      tags: "TagList",
      ids: "DBClusterIdentifier",
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      item: (one) => ({
        DBClusterIdentifier: one.id,
        DBClusterArn: one.arn,
        Status: one.state,
        Engine: one.attributes.engine,
        DbClusterResourceId: one.attributes.resourceId,
        ClusterCreateTime: one.createdAt,
        MultiAZ: true,
        StorageEncrypted: true
      })
    }),
    ListTagsForResource: tags({ id: "ResourceName", tags: "TagList", missing: ["InvalidParameterValue", 400] })
  }
})
