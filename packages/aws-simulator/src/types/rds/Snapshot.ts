/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Rds } from "../../services/Rds.ts"
import { declare } from "../../TypeDeclaration.ts"

export const RdsSnapshot = declare("rds:snapshot", Rds, {
  share: 4,
  arns: ["rds", "snapshot:"],
  mark: ({ hash }) => hash % 3 === 0 ? "aws-created" : undefined,
  identify: (spot) => {
    const id = `${spot.hash % 3 === 0 ? "rds:" : ""}${spot.named("primary", "pre-upgrade")}`
    return { id, name: id, arn: spot.arn("rds", `snapshot:${id}`) }
  },
  state: "available",
  attributes: (spot) => ({ instance: spot.some("rds:db", 50)?.id ?? `gone-${spot.hex(51)}` }),
  operations: {
    DescribeDBSnapshots: list({
      items: "DBSnapshots",
      tags: "TagList",
      ids: "DBSnapshotIdentifier",
      missing: ["DBSnapshotNotFound", 404],
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      where: ({ DBInstanceIdentifier: of, SnapshotType: kind }) =>
        of === undefined && kind === undefined ? undefined : (one) =>
          (of === undefined || one.attributes.instance === of) &&
          (kind === undefined || (one.mark === undefined ? "manual" : "automated") === kind),
      item: (one) => ({
        DBSnapshotIdentifier: one.id,
        DBSnapshotArn: one.arn,
        DBInstanceIdentifier: one.attributes.instance,
        SnapshotType: one.mark === undefined ? "manual" : "automated",
        SnapshotCreateTime: one.createdAt,
        Status: one.state,
        Engine: "postgres",
        Encrypted: true
      })
    })
  }
})
