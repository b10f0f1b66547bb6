/** @since 0.1.0 */
import { batch, list } from "../../Listing.ts"
import { OpenSearch } from "../../services/OpenSearch.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const OpenSearchDomain = declare("opensearch:domain", OpenSearch, {
  share: 0.5,
  arns: ["es", "domain/"],
  deleted: ["deleted", 0.04],
  identify: (spot) => spot.plain("es", "domain/", "search", "logs"),
  operations: {
    ListDomainNames: list({
      items: "DomainNames",
      item: ({ name }) => ({ DomainName: name, EngineType: "OpenSearch" })
    }),
    DescribeDomains: batch({
      ids: "DomainNames",
      most: 5,
      items: "DomainStatusList",
      item: (one) => ({
        DomainId: `${one.accountId}/${one.name}`,
        DomainName: one.name,
        ARN: one.arn,
        Created: true,
        Deleted: one.mark === "deleted",
        EngineVersion: "OpenSearch_2.17"
      })
    }),
    ListTags: tags({ id: "ARN", tags: "TagList" })
  }
})
