/** @since 0.1.0 */
import { list, tags } from "../../Operation.ts"
import { Iam } from "../../services/Iam.ts"
import { declare } from "../../TypeDeclaration.ts"

const policies = list({
  items: "Policies",
  page: { size: "MaxItems", max: 1000, byDefault: 100, token: "Marker", truncated: "IsTruncated" },
  item: (one) => ({
    PolicyName: one.name,
    PolicyId: one.attributes.policyId,
    Arn: one.arn,
    Path: one.mark === undefined ? "/" : "/service-role/",
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
  mark: ({ hash }) => hash % 10 === 0 ? "aws-created" : undefined,
  identify: (spot) => {
    const name = spot.named("access", "boundary")
    return { id: name, name, arn: spot.arn("iam", `policy${spot.hash % 10 === 0 ? "/service-role/" : "/"}${name}`) }
  },
  attributes: (spot) => ({ policyId: `ANPA${spot.hex(50)}${spot.hex(51)}`.toUpperCase() }),
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
