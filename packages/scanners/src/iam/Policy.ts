import { IAMClient, ListPoliciesCommand, ListPolicyTagsCommand } from "@aws-sdk/client-iam"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const policy = Scanner.make("iam:policy", {
  cloudFormation: "AWS::IAM::ManagedPolicy", actions: ["iam:ListPolicies"], scope: "global", free: true,
  // The account's own, without the thousand and more of AWS.
  list: Aws.list(IAMClient, ListPoliciesCommand, { Scope: "Local", MaxItems: 1000 }, (it) => it.Policies, "Marker"),
  describe: ({ Arn, AttachmentCount, CreateDate, Path, PolicyName }) => ({
    arn: Arn, name: PolicyName, createdAt: CreateDate, attributes: { path: Path, attachments: AttachmentCount }
  }),
  tags: Scanner.tagPages("iam:ListPolicyTags", ({ arn }) =>
    Aws.list(IAMClient, ListPolicyTagsCommand, { PolicyArn: arn, MaxItems: 1000 }, ({ Tags }) => Tags, "Marker"))
})
