/** @since 0.1.0 */
import { queryFamily } from "../Family.ts"
import { query } from "../Protocol.ts"
import { make } from "../Service.ts"

export const ElasticLoadBalancing = make({
  signingName: "elasticloadbalancing",
  iamPrefix: "elasticloadbalancing",
  scope: "regional",
  protocol: query("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"),
  family: queryFamily,
  refusals: { size: ["ValidationError", 400], token: ["ValidationError", 400], missing: ["LoadBalancerNotFound", 400] },
  serves: ({ body }) => !/(?:^|&)Version=2012-06-01(?:&|$)/u.test(body),
  load: () => import("@aws-sdk/client-elastic-load-balancing-v2"),
  operations: {}
})
