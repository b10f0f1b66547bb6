/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { AutoScaling } from "../../services/AutoScaling.ts"
import { declare } from "../../TypeDeclaration.ts"

export const AutoScalingLaunchConfiguration = declare("autoscaling:launch-configuration", AutoScaling, {
  share: 0.5,
  arns: ["autoscaling", "launchConfiguration:"],
  taggable: false,
  taggingApi: false,
  identify: (spot) => {
    const name = spot.named("web", "worker")
    const arn = spot.arn("autoscaling", `launchConfiguration:${spot.uuid}:launchConfigurationName/${name}`)
    return { id: name, name, arn }
  },
  operations: {
    DescribeLaunchConfigurations: list({
      items: "LaunchConfigurations",
      ids: "LaunchConfigurationNames",
      missing: "skip",
      page: { size: "MaxRecords", max: 100, byDefault: 50 },
      item: (one) => ({
        LaunchConfigurationName: one.name,
        LaunchConfigurationARN: one.arn,
        ImageId: "ami-0123456789abcdef0",
        InstanceType: "m5.large",
        CreatedTime: one.createdAt
      })
    })
  }
})
