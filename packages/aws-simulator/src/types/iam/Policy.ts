/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Iam } from "../../services/Iam.ts"
import type { Spot } from "../../Spot.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

/** Those that the console makes for a role have a path of their own. */
const pathOf = (spot: Spot) => spot.chance(52, 0.1) ? "/service-role/" : "/"

const policies = list({
  items: "Policies",
  page: { size: "MaxItems", max: 1000, byDefault: 100, token: "Marker", truncated: "IsTruncated" },
  item: (one) => ({
    PolicyName: one.name,
    PolicyId: one.attributes.policyId,
    Arn: one.arn,
    Path: one.attributes.path,
    DefaultVersionId: "v1",
    AttachmentCount: 1,
    IsAttachable: true,
    CreateDate: one.createdAt,
    UpdateDate: one.createdAt
  })
})

export const IamPolicy = declare("iam:policy", Iam, {
  share: 3,
  scope: "global",
  arns: ["iam", "policy/"],
  identify: (spot) => {
    const name = spot.named("access", "boundary")
    return { id: name, name, arn: spot.arn("iam", `policy${pathOf(spot)}${name}`) }
  },
  attributes: (spot) => ({
    path: pathOf(spot),
    policyId: `ANPA${spot.hex(50)}${spot.hex(51)}`.toUpperCase()
  }),
  operations: {
    ListPolicies: (owner) => (input, call) =>
      // The policies of AWS belong to no account.
      input.Scope === "AWS" ? { Policies: [], IsTruncated: false } : policies(owner)(input, call),
    ListPolicyTags: tags({
      id: "PolicyArn",
      own: true,
      tags: "Tags",
      page: { size: "MaxItems", max: 1000, byDefault: 100, token: "Marker", truncated: "IsTruncated" }
    })
  }
})
