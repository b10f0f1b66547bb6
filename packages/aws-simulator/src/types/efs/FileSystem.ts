/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Efs } from "../../services/Efs.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const EfsFileSystem = declare("efs:file-system", Efs, {
  share: 0.8,
  arns: ["elasticfilesystem", "file-system/"],
  nameTag: true,
  deleted: ["deleted", 0.04],
  identify: (spot) => {
    const id = spot.long("fs")
    return { id, name: spot.named("home", "media"), arn: spot.arn("elasticfilesystem", `file-system/${id}`) }
  },
  state: "available",
  operations: {
    DescribeFileSystems: list({
      items: "FileSystems",
      tags: "Tags",
      ids: "FileSystemId",
      page: { size: "MaxItems", max: 100, clamp: true, token: ["Marker", "NextMarker"] },
      item: (one) => ({
        FileSystemId: one.id,
        FileSystemArn: one.arn,
        OwnerId: one.accountId,
        CreationToken: one.id,
        CreationTime: one.createdAt,
        LifeCycleState: one.state,
        PerformanceMode: "generalPurpose",
        NumberOfMountTargets: 3,
        SizeInBytes: { Value: 6144 }
      })
    }),
    ListTagsForResource: tags({ id: "ResourceId", own: true, tags: "Tags" })
  }
})
