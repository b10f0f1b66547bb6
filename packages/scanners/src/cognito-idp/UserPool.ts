import {
  CognitoIdentityProviderClient,
  ListTagsForResourceCommand,
  ListUserPoolsCommand
} from "@aws-sdk/client-cognito-identity-provider"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const userPool = Scanner.make("cognito-idp:userpool", {
  cloudFormation: "AWS::Cognito::UserPool", actions: ["cognito-idp:ListUserPools"],
  list: Aws.list(CognitoIdentityProviderClient, ListUserPoolsCommand, { MaxResults: 60 }, ({ UserPools }) => UserPools),
  describe: ({ CreationDate, Id, Name }, place) => ({
    arn: place.arn("cognito-idp", "userpool/", Id), name: Name, createdAt: CreationDate
  }),
  tags: Scanner.tags("cognito-idp:ListTagsForResource", ({ arn }) =>
    Aws.send(CognitoIdentityProviderClient, new ListTagsForResourceCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
})
