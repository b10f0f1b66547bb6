/** @since 0.1.0 */
import { ListHostedZonesCommand, ListTagsForResourceCommand, Route53Client } from "@aws-sdk/client-route-53"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"

export const hostedZone = Scanner.make("route53:hosted-zone", {
  scope: "global",
  cloudFormation: "AWS::Route53::HostedZone",
  actions: ["route53:ListHostedZones"],
  list: Aws.list(Route53Client, ListHostedZonesCommand, { MaxItems: 100 }, (page) => page.HostedZones, [
    "Marker",
    "NextMarker"
  ]),
  describe: ({ Config, Id, Name, ResourceRecordSetCount }, { partition }) => ({
    arn: Id && `arn:${partition}:route53:::hostedzone/${Id.replace("/hostedzone/", "")}`,
    name: Name,
    attributes: { private: Config?.PrivateZone, records: ResourceRecordSetCount }
  }),
  tags: {
    actions: ["route53:ListTagsForResource"],
    of: ({ id }) =>
      Effect.map(
        Aws.send(Route53Client, new ListTagsForResourceCommand({ ResourceType: "hostedzone", ResourceId: id })),
        ({ ResourceTagSet }) => ResourceTagSet?.Tags
      )
  }
})
