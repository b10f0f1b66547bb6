/** @since 0.1.0 */
import { queryFamily } from "../Family.ts"
import { query } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CloudFormation = make({
  signingName: "cloudformation",
  iamPrefix: "cloudformation",
  scope: "regional",
  protocol: query("http://cloudformation.amazonaws.com/doc/2010-05-15/"),
  family: queryFamily,
  refusals: {
    size: ["ValidationError", 400],
    token: ["ValidationError", 400],
    missing: ["ValidationError", 400, "Stack with id {} does not exist"]
  },
  load: () => import("@aws-sdk/client-cloudformation"),
  operations: {}
})
