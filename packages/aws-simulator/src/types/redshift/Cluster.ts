/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Redshift } from "../../services/Redshift.ts"
import { declare } from "../../TypeDeclaration.ts"

export const RedshiftCluster = declare("redshift:cluster", Redshift, {
  share: 0.4,
  arns: ["redshift", "cluster:"],
  identify: (spot) => spot.plain("redshift", "cluster:", "warehouse", "marts"),
  state: "available",
  attributes: (spot) => ({ namespace: spot.uuid }),
  operations: {
    DescribeClusters: list({
      items: "Clusters",
      tags: "Tags",
      ids: "ClusterIdentifier",
      page: { size: "MaxRecords", min: 20, max: 100, token: "Marker" },
      item: (one) => ({
        ClusterIdentifier: one.id,
        NodeType: "ra3.xlplus",
        ClusterStatus: one.state,
        ClusterCreateTime: one.createdAt,
        NumberOfNodes: 2,
        ClusterNamespaceArn: one.arn.replace(/cluster:.*$/u, `namespace:${one.attributes.namespace}`)
      })
    })
  }
})
