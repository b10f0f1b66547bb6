/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Kafka } from "../../services/Kafka.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const KafkaCluster = declare("kafka:cluster", Kafka, {
  share: 0.3,
  arns: ["kafka", "cluster/"],
  identify: (spot) => {
    const name = spot.named("events", "cdc")
    return { id: name, name, arn: spot.arn("kafka", `cluster/${name}/${spot.uuid}-7`) }
  },
  state: "ACTIVE",
  operations: {
    ListClustersV2: list({
      items: "ClusterInfoList",
      tags: "Tags",
      page: { size: "MaxResults", max: 100 },
      item: (one) => ({
        ClusterArn: one.arn,
        ClusterName: one.name,
        ClusterType: "PROVISIONED",
        State: one.state,
        CurrentVersion: "K3AEGXETSR30VB",
        CreationTime: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
