/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Emr } from "../../services/Emr.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EmrCluster = declare("emr:cluster", Emr, {
  share: 0.5,
  arns: ["elasticmapreduce", "cluster/"],
  deleted: ["TERMINATED", 0.4],
  identify: (spot) => {
    const id = `j-${spot.hex(50).slice(0, 6)}${spot.code}`.toUpperCase().replace(/^J/u, "j")
    return { id, name: spot.named("spark", "nightly"), arn: spot.arn("elasticmapreduce", `cluster/${id}`) }
  },
  state: (spot) => spot.pick(51, ["RUNNING", "WAITING", "WAITING"]),
  operations: {
    ListClusters: list({
      items: "Clusters",
      page: { max: 50, token: "Marker" },
      where: ({ ClusterStates: states }) =>
        Array.isArray(states) && states.length > 0 ? ({ state }) => states.includes(state) : undefined,
      item: (one) => ({
        Id: one.id,
        Name: one.name,
        ClusterArn: one.arn,
        Status: { State: one.state, Timeline: { CreationDateTime: one.createdAt } }
      })
    }),
    DescribeCluster: get({
      id: "ClusterId",
      in: "Cluster",
      tags: "Tags",
      item: (one) => ({
        Id: one.id,
        Name: one.name,
        ClusterArn: one.arn,
        Status: { State: one.state, Timeline: { CreationDateTime: one.createdAt } },
        ReleaseLabel: "emr-7.9.0"
      })
    })
  }
})
