/** @since 0.1.0 */
import { queryFamily } from "../Family.ts"
import { query } from "../Protocol.ts"
import { make } from "../Service.ts"

export const ElastiCache = make({
  signingName: "elasticache",
  iamPrefix: "elasticache",
  scope: "regional",
  protocol: query("http://elasticache.amazonaws.com/doc/2015-02-02/"),
  family: queryFamily,
  refusals: {
    size: ["InvalidParameterValue", 400],
    token: ["InvalidParameterValue", 400],
    missing: ["CacheClusterNotFound", 404]
  },
  load: () => import("@aws-sdk/client-elasticache"),
  operations: {}
})
