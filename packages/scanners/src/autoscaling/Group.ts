import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const group = Scanner.make("autoscaling:group", {
  cloudFormation: "AWS::AutoScaling::AutoScalingGroup", actions: ["autoscaling:DescribeAutoScalingGroups"], free: true,
  list: Aws.list(AutoScalingClient, DescribeAutoScalingGroupsCommand, { MaxRecords: 100 }, (page) =>
    page.AutoScalingGroups),
  describe: ({ AutoScalingGroupARN, AutoScalingGroupName, CreatedTime, DesiredCapacity, Status, Tags }) => ({
    arn: AutoScalingGroupARN, id: AutoScalingGroupName, name: AutoScalingGroupName, tags: Tags,
    createdAt: CreatedTime, state: Status,
    attributes: { desiredCapacity: DesiredCapacity }
  })
})
