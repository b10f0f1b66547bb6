import { ListHostedZonesCommand, ListTagsForResourceCommand, Route53Client } from "@aws-sdk/client-route-53"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const hostedZone = Scanner.make("route53:hosted-zone", {
  cloudFormation: "AWS::Route53::HostedZone", actions: ["route53:ListHostedZones"], scope: "global",
  list: Aws.list(Route53Client, ListHostedZonesCommand, { MaxItems: 100 }, (page) => page.HostedZones, [
    "Marker",
    "NextMarker"
  ]),
  describe: ({ Config, Id, LinkedService, Name, ResourceRecordSetCount }, { partition }) => ({
    arn: Id && `arn:${partition}:route53:::hostedzone/${Id.replace("/hostedzone/", "")}`,
    name: Name,
    attributes: { private: Config?.PrivateZone, records: ResourceRecordSetCount },
    // Made by another service, and changed only there.
    mark: LinkedService === undefined ? undefined : "aws-created"
  }),
  tags: Scanner.tags("route53:ListTagsForResource", ({ id }) =>
    Aws.send(Route53Client, new ListTagsForResourceCommand({ ResourceType: "hostedzone", ResourceId: id })), (it) =>
    it.ResourceTagSet?.Tags)
})
