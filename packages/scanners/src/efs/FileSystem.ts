import { DescribeFileSystemsCommand, EFSClient } from "@aws-sdk/client-efs"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const fileSystem = Scanner.make("efs:file-system", {
  cloudFormation: "AWS::EFS::FileSystem", actions: ["elasticfilesystem:DescribeFileSystems"],
  list: Aws.list(EFSClient, DescribeFileSystemsCommand, { MaxItems: 100 }, ({ FileSystems }) => FileSystems, [
    "Marker",
    "NextMarker"
  ]),
  describe: ({ CreationTime, FileSystemArn, FileSystemId, LifeCycleState, Name, SizeInBytes, Tags }, place) => ({
    arn: FileSystemArn ?? place.arn("elasticfilesystem", "file-system/", FileSystemId), name: Name, tags: Tags,
    createdAt: CreationTime, state: LifeCycleState, attributes: { sizeBytes: SizeInBytes?.Value },
    mark: LifeCycleState === "deleted" ? "deleted" : undefined
  })
})
