import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const image = Scanner.make("ec2:image", {
  cloudFormation: "AWS::EC2::Image", actions: ["ec2:DescribeImages"],
  // Disabled images are kept and paid for; only asked for are they listed.
  list: Aws.list(EC2Client, DescribeImagesCommand, {
    Owners: ["self"],
    IncludeDisabled: true,
    MaxResults: 1000
  }, ({ Images }) => Images),
  describe: ({ Architecture, CreationDate, ImageId, Name, State, Tags }, { partition, region }) => ({
    arn: ImageId && `arn:${partition}:ec2:${region}::image/${ImageId}`, name: Name, tags: Tags,
    createdAt: CreationDate, state: State, attributes: { architecture: Architecture },
    mark: State === "deregistered" ? "deleted" : undefined
  })
})
