import { CloudTrailClient, DescribeTrailsCommand, ListTagsCommand } from "@aws-sdk/client-cloudtrail"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const trail = Scanner.make("cloudtrail:trail", {
  cloudFormation: "AWS::CloudTrail::Trail", actions: ["cloudtrail:DescribeTrails"],
  // With the shadows, a trail of all Regions would be listed in each of them.
  list: Aws.list(CloudTrailClient, DescribeTrailsCommand, { includeShadowTrails: false }, ({ trailList }) => trailList),
  describe: ({ IsMultiRegionTrail, IsOrganizationTrail, Name, S3BucketName, TrailARN }) => ({
    // Members see their organization's trail, which is the management account's.
    arn: TrailARN, name: Name, owner: TrailARN?.split(":")[4],
    attributes: { allRegions: IsMultiRegionTrail, organization: IsOrganizationTrail, bucket: S3BucketName }
  }),
  tags: Scanner.tags("cloudtrail:ListTags", ({ arn }) =>
    Aws.send(CloudTrailClient, new ListTagsCommand({ ResourceIdList: [arn] })), (it) =>
    it.ResourceTagList?.[0]?.TagsList)
})
