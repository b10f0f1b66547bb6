/** @since 0.1.0 */
import { queryFamily } from "../Family.ts"
import { query } from "../Protocol.ts"
import { make } from "../Service.ts"

export const Redshift = make({
  signingName: "redshift",
  iamPrefix: "redshift",
  scope: "regional",
  protocol: query("http://redshift.amazonaws.com/doc/2012-12-01/"),
  family: queryFamily,
  refusals: {
    size: ["InvalidParameterValue", 400],
    token: ["InvalidParameterValue", 400],
    missing: ["ClusterNotFound", 404]
  },
  load: () => import("@aws-sdk/client-redshift"),
  operations: {}
})
