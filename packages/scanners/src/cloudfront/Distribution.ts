import {
  CloudFrontClient,
  ListDistributionsCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-cloudfront"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const distribution = Scanner.make("cloudfront:distribution", {
  cloudFormation: "AWS::CloudFront::Distribution", actions: ["cloudfront:ListDistributions"], scope: "global",
  list: Aws.list(CloudFrontClient, ListDistributionsCommand, { MaxItems: 100 }, (it) => it.DistributionList?.Items, [
    "Marker",
    (it) => it.DistributionList?.NextMarker
  ]),
  describe: ({ ARN, Comment, DomainName, Enabled, Id, Status }) => ({
    arn: ARN, id: Id, state: Status, attributes: { domainName: DomainName, enabled: Enabled, comment: Comment }
  }),
  tags: Scanner.tags("cloudfront:ListTagsForResource", ({ arn }) =>
    Aws.send(CloudFrontClient, new ListTagsForResourceCommand({ Resource: arn })), ({ Tags }) => Tags?.Items)
})
