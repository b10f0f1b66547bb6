import { GetDatabasesCommand, GetTagsCommand, GlueClient } from "@aws-sdk/client-glue"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

/** The pages of databases, for their tables as well. */
export const databases = Aws.list(GlueClient, GetDatabasesCommand, { MaxResults: 100 }, (page) => page.DatabaseList)

export const database = Scanner.make("glue:database", {
  cloudFormation: "AWS::Glue::Database", actions: ["glue:GetDatabases"],
  list: databases,
  describe: ({ CreateTime, Description, LocationUri, Name }, place) => ({
    arn: place.arn("glue", "database/", Name), name: Name, createdAt: CreateTime,
    attributes: { location: LocationUri, description: Description }
  }),
  tags: {
    ...Scanner.tags("glue:GetTags", ({ arn }) =>
      Aws.send(GlueClient, new GetTagsCommand({ ResourceArn: arn })), ({ Tags }) => Tags),
    // Glue gives the tags of a database to those alone who may read it.
    actions: ["glue:GetTags", "glue:GetDatabase"]
  }
})
