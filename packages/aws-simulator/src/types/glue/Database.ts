/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Glue } from "../../services/Glue.ts"
import { declare } from "../../TypeDeclaration.ts"

export const GlueDatabase = declare("glue:database", Glue, {
  share: 1,
  arns: ["glue", "database/"],
  identify: (spot) => spot.plain("glue", "database/", "raw", "curated"),
  operations: {
    GetDatabases: list({
      items: "DatabaseList",
      page: { size: "MaxResults", max: 100 },
      item: (one) => ({ Name: one.name, CatalogId: one.accountId, CreateTime: one.createdAt })
    })
  }
})
