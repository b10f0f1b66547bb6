import {
  CognitoIdentityClient,
  ListIdentityPoolsCommand,
  ListTagsForResourceCommand
} from "@aws-sdk/client-cognito-identity"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const identityPool = Scanner.make("cognito-identity:identitypool", {
  cloudFormation: "AWS::Cognito::IdentityPool", actions: ["cognito-identity:ListIdentityPools"], free: true,
  list: Aws.list(CognitoIdentityClient, ListIdentityPoolsCommand, { MaxResults: 60 }, (it) => it.IdentityPools),
  describe: ({ IdentityPoolId, IdentityPoolName }, place) => ({
    arn: place.arn("cognito-identity", "identitypool/", IdentityPoolId), name: IdentityPoolName
  }),
  tags: Scanner.tags("cognito-identity:ListTagsForResource", ({ arn }) =>
    Aws.send(CognitoIdentityClient, new ListTagsForResourceCommand({ ResourceArn: arn })), ({ Tags }) => Tags)
})
