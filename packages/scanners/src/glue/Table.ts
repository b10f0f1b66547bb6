import { GetTablesCommand, GlueClient } from "@aws-sdk/client-glue"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"
import { databases } from "./Database.ts"

export const table = Scanner.make("glue:table", {
  cloudFormation: "AWS::Glue::Table", actions: ["glue:GetDatabases", "glue:GetTables"], taggable: false,
  list: Lookup.within(databases, ({ Name }) =>
    Aws.list(GlueClient, GetTablesCommand, { DatabaseName: Name, MaxResults: 100 }, ({ TableList }) => TableList)),
  describe: ({ CreateTime, DatabaseName, Name, StorageDescriptor, TableType }, place) => ({
    arn: place.arn("glue", `table/${DatabaseName}/`, Name), name: Name, createdAt: CreateTime,
    attributes: { database: DatabaseName, kind: TableType, location: StorageDescriptor?.Location }
  })
})
