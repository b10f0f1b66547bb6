/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Fsx } from "../../services/Fsx.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const FsxFileSystem = declare("fsx:file-system", Fsx, {
  share: 0.2,
  arns: ["fsx", "file-system/"],
  nameTag: true,
  identify: (spot) => {
    const id = spot.long("fs")
    return { id, name: spot.named("windows", "lustre"), arn: spot.arn("fsx", `file-system/${id}`) }
  },
  state: "AVAILABLE",
  operations: {
    DescribeFileSystems: list({
      items: "FileSystems",
      tags: "Tags",
      ids: "FileSystemIds",
      // The published bounds allow any size; a page has what AWS sees fit.
      page: { size: "MaxResults", max: 100, clamp: true },
      item: (one) => ({
        FileSystemId: one.id,
        ResourceARN: one.arn,
        OwnerId: one.accountId,
        CreationTime: one.createdAt,
        FileSystemType: "LUSTRE",
        Lifecycle: one.state,
        StorageCapacity: 1200
      })
    }),
    ListTagsForResource: tags({ id: "ResourceARN", tags: "Tags" })
  }
})
