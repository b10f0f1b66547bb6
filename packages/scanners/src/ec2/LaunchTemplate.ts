import { DescribeLaunchTemplatesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const launchTemplate = Scanner.make("ec2:launch-template", {
  cloudFormation: "AWS::EC2::LaunchTemplate", actions: ["ec2:DescribeLaunchTemplates"], free: true,
  list: Aws.list(EC2Client, DescribeLaunchTemplatesCommand, { MaxResults: 200 }, (page) => page.LaunchTemplates),
  describe: ({ CreateTime, LatestVersionNumber, LaunchTemplateId, LaunchTemplateName, Operator, Tags }, place) => ({
    arn: place.arn("ec2", "launch-template/", LaunchTemplateId), name: LaunchTemplateName, tags: Tags,
    createdAt: CreateTime, attributes: { latestVersion: LatestVersionNumber },
    mark: Operator?.Managed === true ? "aws-created" : undefined
  })
})
