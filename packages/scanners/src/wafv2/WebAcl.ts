import { ListTagsForResourceCommand, ListWebACLsCommand, WAFV2Client } from "@aws-sdk/client-wafv2"
import { Aws, CurrentRegion } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const webAcls = (Scope: "CLOUDFRONT" | "REGIONAL") =>
  Aws.list(WAFV2Client, ListWebACLsCommand, { Scope, Limit: 100 }, ({ WebACLs }) => WebACLs, "NextMarker")

export const webAcl = Scanner.make("wafv2:web-acl", {
  cloudFormation: "AWS::WAFv2::WebACL", actions: ["wafv2:ListWebACLs"],
  // Those of CloudFront are kept in us-east-1, as their ARNs say; other partitions have none.
  list: Stream.unwrap(Effect.map(CurrentRegion, (region) =>
    region === "us-east-1" ? Stream.concat(webAcls("REGIONAL"), webAcls("CLOUDFRONT")) : webAcls("REGIONAL"))),
  describe: ({ ARN, Description, Id, Name }) => ({
    arn: ARN, id: Id, name: Name, attributes: { description: Description, cloudFront: ARN?.includes(":global/") }
  }),
  tags: Scanner.tagPages("wafv2:ListTagsForResource", ({ arn }) =>
    Aws.list(WAFV2Client, ListTagsForResourceCommand, { ResourceARN: arn, Limit: 100 }, (it) =>
      it.TagInfoForResource?.TagList, "NextMarker"))
})
