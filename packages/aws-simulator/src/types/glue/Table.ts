/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Glue } from "../../services/Glue.ts"
import { declare } from "../../TypeDeclaration.ts"

export const GlueTable = declare("glue:table", Glue, {
  share: 8,
  arns: ["glue", "table/"],
  parent: "glue:database",
  taggable: false,
  taggingApi: false,
  identify: (spot) => {
    const name = spot.named("events", "orders")
    return { id: name, name, arn: spot.arn("glue", `table/${spot.parent.name}/${name}`) }
  },
  operations: {
    GetTables: list({
      items: "TableList",
      parent: { in: "DatabaseName" },
      page: { size: "MaxResults", max: 100 },
      item: (one) => ({
        Name: one.name,
        DatabaseName: one.attributes["parentName"],
        CatalogId: one.accountId,
        CreateTime: one.createdAt,
        TableType: "EXTERNAL_TABLE"
      })
    })
  }
})
