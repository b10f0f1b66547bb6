/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CognitoUserPools = make({
  signingName: "cognito-idp",
  iamPrefix: "cognito-idp",
  scope: "regional",
  protocol: awsJson({
    version: "1.1",
    target: "AWSCognitoIdentityProviderService",
    namespace: "com.amazonaws.cognitoidentityprovider"
  }),
  family: { ...jsonFamily, throttled: ["TooManyRequestsException", 400, "Rate exceeded"] },
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidParameterException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-cognito-identity-provider"),
  operations: {}
})
