import { DescribeFileSystemsCommand, FSxClient } from "@aws-sdk/client-fsx"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const fileSystem = Scanner.make("fsx:file-system", {
  cloudFormation: "AWS::FSx::FileSystem", actions: ["fsx:DescribeFileSystems"],
  // FSx gives fewer where its own limit, which it does not name, is lower.
  list: Aws.list(FSxClient, DescribeFileSystemsCommand, { MaxResults: 1000 }, ({ FileSystems }) => FileSystems),
  describe: ({ CreationTime, FileSystemId, FileSystemType, Lifecycle, ResourceARN, Tags, ...its }, place) => ({
    arn: ResourceARN ?? place.arn("fsx", "file-system/", FileSystemId), tags: Tags, createdAt: CreationTime,
    state: Lifecycle,
    attributes: { kind: FileSystemType, sizeGiB: its.StorageCapacity, vpcId: its.VpcId }
  })
})
