/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Rds } from "../../services/Rds.ts"
import { declare } from "../../TypeDeclaration.ts"

export const RdsClusterSnapshot = declare("rds:cluster-snapshot", Rds, {
  share: 2,
  arns: ["rds", "cluster-snapshot:"],
  mark: ({ hash }) => hash % 3 === 0 ? "aws-created" : undefined,
  identify: (spot) => {
    const id = `${spot.hash % 3 === 0 ? "rds:" : ""}${spot.named("aurora", "pre-upgrade")}`
    return { id, name: id, arn: spot.arn("rds", `cluster-snapshot:${id}`) }
  },
  state: "available",
  attributes: (spot) => ({ cluster: spot.some("rds:cluster", 50)?.id ?? `gone-${spot.hex(51)}` }),
  operations: {
    DescribeDBClusterSnapshots: list({
      items: "DBClusterSnapshots",
      tags: "TagList",
      ids: "DBClusterSnapshotIdentifier",
      missing: ["DBClusterSnapshotNotFoundFault", 404],
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      where: ({ DBClusterIdentifier: of, SnapshotType: kind }) =>
        of === undefined && kind === undefined ? undefined : (one) =>
          (of === undefined || one.attributes.cluster === of) &&
          (kind === undefined || (one.mark === undefined ? "manual" : "automated") === kind),
      item: (one) => ({
        DBClusterSnapshotIdentifier: one.id,
        DBClusterSnapshotArn: one.arn,
        DBClusterIdentifier: one.attributes.cluster,
        SnapshotType: one.mark === undefined ? "manual" : "automated",
        SnapshotCreateTime: one.createdAt,
        Status: one.state,
        Engine: "aurora-postgresql",
        StorageEncrypted: true
      })
    })
  }
})
