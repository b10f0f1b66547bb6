import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const user = Scanner.make("iam:user", {
  cloudFormation: "AWS::IAM::User", actions: ["iam:GetAccountAuthorizationDetails"], scope: "global", free: true,
  // ListUsers leaves the tags out, and the tagging API does not know users.
  list: Aws.list(IAMClient, GetAccountAuthorizationDetailsCommand, { Filter: ["User"], MaxItems: 1000 }, (page) =>
    page.UserDetailList, "Marker"),
  describe: ({ Arn, CreateDate, Path, Tags, UserId, UserName }) => ({
    arn: Arn, id: UserName, name: UserName, tags: Tags, createdAt: CreateDate,
    attributes: { path: Path, userId: UserId }
  })
})
