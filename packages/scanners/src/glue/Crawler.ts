import { GetCrawlersCommand, GetTagsCommand, GlueClient } from "@aws-sdk/client-glue"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const crawler = Scanner.make("glue:crawler", {
  cloudFormation: "AWS::Glue::Crawler", actions: ["glue:GetCrawlers"],
  list: Aws.list(GlueClient, GetCrawlersCommand, { MaxResults: 1000 }, ({ Crawlers }) => Crawlers),
  describe: ({ CreationTime, DatabaseName, Name, Role, State }, place) => ({
    arn: place.arn("glue", "crawler/", Name), name: Name, createdAt: CreationTime, state: State,
    attributes: { database: DatabaseName, role: Role }
  }),
  tags: Scanner.tags("glue:GetTags", ({ arn }) =>
    Aws.send(GlueClient, new GetTagsCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
})
