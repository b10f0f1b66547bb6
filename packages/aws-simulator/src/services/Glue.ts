/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Glue = make({
  signingName: "glue",
  iamPrefix: "glue",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AWSGlue", namespace: "com.amazonaws.glue" }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidInputException", 400],
    token: ["InvalidInputException", 400],
    missing: ["EntityNotFoundException", 400]
  },
  // AWS Glue Developer Guide, "Tagging APIs": they need this as well for a database.
  alsoNeeds: (operation, input) =>
    operation === "GetTags" && /:database\//u.test(String((input as { readonly ResourceArn?: unknown }).ResourceArn))
      ? "glue:GetDatabase"
      : undefined,
  load: () => import("@aws-sdk/client-glue"),
  operations: {}
})
