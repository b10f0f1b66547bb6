/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Ecr } from "../../services/Ecr.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EcrRepository = declare("ecr:repository", Ecr, {
  share: 3,
  arns: ["ecr", "repository/"],
  identify: (spot) => spot.plain("ecr", "repository/", "api", "worker", "base"),
  operations: {
    DescribeRepositories: list({
      items: "repositories",
      ids: "repositoryNames",
      most: 100,
      page: { size: "maxResults", max: 1000, byDefault: 100, token: "nextToken" },
      item: (one) => ({
        repositoryArn: one.arn,
        registryId: one.accountId,
        repositoryName: one.name,
        repositoryUri: `${one.accountId}.dkr.ecr.${one.region}.amazonaws.com/${one.name}`,
        createdAt: one.createdAt
      })
    }),
    ListTagsForResource: tags({ id: "resourceArn", tags: "tags" })
  }
})
