/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Glue } from "../../services/Glue.ts"
import { declare } from "../../TypeDeclaration.ts"

export const GlueCrawler = declare("glue:crawler", Glue, {
  share: 0.8,
  arns: ["glue", "crawler/"],
  identify: (spot) => spot.plain("glue", "crawler/", "lake", "raw"),
  state: "READY",
  operations: {
    GetCrawlers: list({
      items: "Crawlers",
      page: { size: "MaxResults", max: 1000, byDefault: 100 },
      item: (one) => ({ Name: one.name, State: one.state, CreationTime: one.createdAt, LastUpdated: one.createdAt })
    })
  }
})
