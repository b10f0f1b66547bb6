import { DescribeRepositoriesCommand, ECRClient, ListTagsForResourceCommand } from "@aws-sdk/client-ecr"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const repository = Scanner.make("ecr:repository", {
  cloudFormation: "AWS::ECR::Repository", actions: ["ecr:DescribeRepositories"],
  list: Aws.list(ECRClient, DescribeRepositoriesCommand, { maxResults: 1000 }, (it) => it.repositories, "nextToken"),
  describe: ({ createdAt, repositoryArn, repositoryName, repositoryUri }) => ({
    arn: repositoryArn, name: repositoryName, createdAt, attributes: { uri: repositoryUri }
  }),
  tags: Scanner.tags("ecr:ListTagsForResource", ({ arn }) =>
    Aws.send(ECRClient, new ListTagsForResourceCommand({ resourceArn: arn })), ({ tags }) => tags)
})
