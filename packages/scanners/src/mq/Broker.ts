import { ListBrokersCommand, ListTagsCommand, MqClient } from "@aws-sdk/client-mq"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const broker = Scanner.make("mq:broker", {
  cloudFormation: "AWS::AmazonMQ::Broker", actions: ["mq:ListBrokers"],
  list: Aws.list(MqClient, ListBrokersCommand, { MaxResults: 100 }, ({ BrokerSummaries }) => BrokerSummaries),
  describe: ({ BrokerArn, BrokerId, BrokerName, BrokerState, Created, EngineType, HostInstanceType }) => ({
    arn: BrokerArn, id: BrokerId, name: BrokerName, createdAt: Created, state: BrokerState,
    attributes: { engine: EngineType, instanceType: HostInstanceType }
  }),
  tags: Scanner.tags("mq:ListTags", ({ arn }) => Aws.send(MqClient, new ListTagsCommand({ ResourceArn: arn })), (it) =>
    it.Tags)
})
