/** @since 0.1.0 */
import { queryFamily } from "../Family.ts"
import { restXml } from "../Protocol.ts"
import { make } from "../Service.ts"

export const CloudFront = make({
  signingName: "cloudfront",
  iamPrefix: "cloudfront",
  scope: "global",
  protocol: restXml("http://cloudfront.amazonaws.com/doc/2020-05-31/"),
  family: queryFamily,
  refusals: { size: ["InvalidArgument", 400], token: ["InvalidArgument", 400], missing: ["NoSuchResource", 404] },
  load: () => import("@aws-sdk/client-cloudfront"),
  operations: {}
})
