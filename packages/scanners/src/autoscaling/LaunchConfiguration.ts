import { AutoScalingClient, DescribeLaunchConfigurationsCommand } from "@aws-sdk/client-auto-scaling"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const launchConfiguration = Scanner.make("autoscaling:launch-configuration", {
  cloudFormation: "AWS::AutoScaling::LaunchConfiguration", taggable: false, free: true,
  actions: ["autoscaling:DescribeLaunchConfigurations"],
  list: Aws.list(AutoScalingClient, DescribeLaunchConfigurationsCommand, { MaxRecords: 100 }, (page) =>
    page.LaunchConfigurations),
  describe: ({ CreatedTime, ImageId, InstanceType, LaunchConfigurationARN, LaunchConfigurationName }) => ({
    arn: LaunchConfigurationARN, id: LaunchConfigurationName, name: LaunchConfigurationName, createdAt: CreatedTime,
    attributes: { instanceType: InstanceType, imageId: ImageId }
  })
})
