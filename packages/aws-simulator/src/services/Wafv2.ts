/** @since 0.1.0 */
import { jsonFamily } from "../Family.ts"
import { awsJson } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Wafv2 = make({
  signingName: "wafv2",
  iamPrefix: "wafv2",
  scope: "regional",
  protocol: awsJson({ version: "1.1", target: "AWSWAF_20190729", namespace: "com.amazonaws.wafv2" }),
  family: jsonFamily,
  refusals: {
    size: ["WAFInvalidParameterException", 400],
    token: ["WAFInvalidParameterException", 400],
    missing: ["WAFNonexistentItemException", 400]
  },
  load: () => import("@aws-sdk/client-wafv2"),
  operations: {}
})
