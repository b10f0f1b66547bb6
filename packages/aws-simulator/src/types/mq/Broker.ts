/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Mq } from "../../services/Mq.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const MqBroker = declare("mq:broker", Mq, {
  share: 0.3,
  arns: ["mq", "broker:"],
  identify: (spot) => {
    const name = spot.named("orders", "legacy")
    const id = `b-${spot.uuid}`
    return { id, name, arn: spot.arn("mq", `broker:${name}:${id}`) }
  },
  state: "RUNNING",
  operations: {
    ListBrokers: list({
      items: "BrokerSummaries",
      page: { size: "MaxResults", min: 5, max: 100, byDefault: 20 },
      item: (one) => ({
        BrokerArn: one.arn,
        BrokerId: one.id,
        BrokerName: one.name,
        BrokerState: one.state,
        Created: one.createdAt,
        DeploymentMode: "SINGLE_INSTANCE",
        EngineType: "RABBITMQ",
        HostInstanceType: "mq.m5.large"
      })
    }),
    ListTags: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
