/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Glue } from "../../services/Glue.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const GlueJob = declare("glue:job", Glue, {
  share: 1.5,
  arns: ["glue", "job/"],
  identify: (spot) => spot.plain("glue", "job/", "import", "compact"),
  operations: {
    GetJobs: list({
      items: "Jobs",
      page: { size: "MaxResults", max: 1000, byDefault: 100 },
      item: (one) => ({ Name: one.name, CreatedOn: one.createdAt, Role: "glue", GlueVersion: "5.0" })
    }),
    ListJobs: list({ items: "JobNames", item: "name", page: { size: "MaxResults", max: 1000, byDefault: 100 } }),
    GetTags: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
