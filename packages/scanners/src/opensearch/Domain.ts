import {
  DescribeDomainsCommand,
  ListDomainNamesCommand,
  ListTagsCommand,
  OpenSearchClient
} from "@aws-sdk/client-opensearch"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const domain = Scanner.make("opensearch:domain", {
  cloudFormation: "AWS::OpenSearchService::Domain", actions: ["es:ListDomainNames", "es:DescribeDomains"],
  list: Lookup.batches(
    Aws.list(OpenSearchClient, ListDomainNamesCommand, {}, ({ DomainNames }) =>
      DomainNames?.flatMap(({ DomainName }) => DomainName ?? [])),
    5,
    (names) => Aws.send(OpenSearchClient, new DescribeDomainsCommand({ DomainNames: [...names] })),
    ({ DomainStatusList }) => DomainStatusList
  ),
  describe: ({ ARN, ClusterConfig: config, Deleted, DomainName, DomainProcessingStatus, EngineVersion, ...its }) => ({
    arn: ARN, name: DomainName, state: DomainProcessingStatus,
    attributes: {
      engineVersion: EngineVersion, instanceType: config?.InstanceType, nodes: config?.InstanceCount,
      vpcId: its.VPCOptions?.VPCId
    },
    // Listed until it has gone altogether.
    mark: Deleted === true ? "deleted" : undefined
  }),
  tags: Scanner.tags("es:ListTags", ({ arn }) => Aws.send(OpenSearchClient, new ListTagsCommand({ ARN: arn })), (it) =>
    it.TagList)
})
