/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const SecretsManager = make({
  signingName: "secretsmanager",
  iamPrefix: "secretsmanager",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "secretsmanager", namespace: "com.amazonaws.secretsmanager" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidNextTokenException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-secrets-manager"),
  operations: {}
})
