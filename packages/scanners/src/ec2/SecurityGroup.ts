import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

/** Without the rules, of which a group may have a thousand. */
const listed = Aws.only(DescribeSecurityGroupsCommand, {
  NextToken: true,
  SecurityGroups: {
    Description: true, GroupId: true, GroupName: true, OwnerId: true, SecurityGroupArn: true, Tags: true, VpcId: true
  }
})

export const securityGroup = Scanner.make("ec2:security-group", {
  cloudFormation: "AWS::EC2::SecurityGroup", actions: ["ec2:DescribeSecurityGroups"], free: true,
  list: Aws.list(EC2Client, listed, { MaxResults: 1000 }, (page) => page.SecurityGroups),
  describe: ({ Description, GroupId, GroupName, OwnerId, SecurityGroupArn, Tags, VpcId }, place) => ({
    arn: SecurityGroupArn ?? place.arn("ec2", "security-group/", GroupId), id: GroupId, name: GroupName, tags: Tags,
    owner: OwnerId,
    attributes: { vpcId: VpcId, description: Description },
    mark: GroupName === "default" ? "default" : undefined
  })
})
