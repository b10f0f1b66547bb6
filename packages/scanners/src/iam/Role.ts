import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const role = Scanner.make("iam:role", {
  cloudFormation: "AWS::IAM::Role", actions: ["iam:GetAccountAuthorizationDetails"], scope: "global", free: true,
  // ListRoles leaves the tags out, and the tagging API does not know roles.
  list: Aws.list(
    IAMClient,
    GetAccountAuthorizationDetailsCommand,
    { Filter: ["Role"], MaxItems: 1000 },
    (page) => page.RoleDetailList,
    "Marker"
  ),
  describe: ({ Arn, CreateDate, Path, RoleId, RoleName, Tags }) => ({
    arn: Arn, id: RoleName, name: RoleName, tags: Tags, createdAt: CreateDate,
    attributes: { path: Path, roleId: RoleId },
    // Linked to a service, or made by IAM Identity Center: nobody else can change them.
    mark: /^\/aws-(?:service-role|reserved)\//u.test(Path ?? "") ? "aws-created" : undefined
  })
})
