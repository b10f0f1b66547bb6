/**
 * Resource types in the policy vocabulary: `service:type`, lower case.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A resource type such as `ec2:instance` or `s3:bucket`.
 *
 * @since 0.1.0
 */
export const ResourceType = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]{1,40}:[a-z][a-z0-9-]{1,60}$/u)).pipe(
  Schema.brand("ResourceType")
)
/** @since 0.1.0 */
export type ResourceType = typeof ResourceType.Type

/**
 * The service of a type: `ec2` of `ec2:instance`.
 *
 * @since 0.1.0
 */
export const serviceOf = (type: string): string => type.slice(0, type.indexOf(":"))

/**
 * Reads a type as people and the reference systems write it: any case, any of
 * their aliases. What is no alias comes back trimmed and in lower case.
 *
 * @since 0.1.0
 */
export const normalise = (text: string): string => {
  const lower = text.trim().toLowerCase()
  return Object.hasOwn(aliases, lower) ? aliases[lower]! : lower
}

/**
 * Names of the reference systems, of CloudFormation's and the tagging API's
 * vocabularies, and ours for them.
 */
const aliases: Readonly<Record<string, string>> = {
  "autoscaling:asg": "autoscaling:group",
  "autoscaling:autoscaling-group": "autoscaling:group",
  "autoscaling:autoscalinggroup": "autoscaling:group",
  "ec2:ami": "ec2:image",
  "ec2:ebs-snapshot": "ec2:snapshot",
  "ec2:ebs-volume": "ec2:volume",
  "ec2:eip": "ec2:elastic-ip",
  "ec2:nat-gateway": "ec2:natgateway",
  "ec2:security_group": "ec2:security-group",
  "elasticip:address": "ec2:elastic-ip",
  "elb:loadbalancer": "elasticloadbalancing:loadbalancer",
  "elbv2:listener": "elasticloadbalancing:listener",
  "elbv2:listener-rule": "elasticloadbalancing:listener-rule",
  "elbv2:loadbalancer": "elasticloadbalancing:loadbalancer",
  "elbv2:targetgroup": "elasticloadbalancing:targetgroup",
  "es:domain": "opensearch:domain",
  "rds:database": "rds:db",
  "rds:db-cluster": "rds:cluster",
  "rds:db-instance": "rds:db",
  "rds:instance": "rds:db",
  "route53:hostedzone": "route53:hosted-zone",
  "route53:zone": "route53:hosted-zone",
  "states:statemachine": "states:state-machine",
  "stepfunctions:state-machine": "states:state-machine",
  "vpc:internet_gateway": "ec2:internet-gateway",
  "vpc:nat_gateway": "ec2:natgateway",
  "vpc:network_acl": "ec2:network-acl",
  "vpc:route_table": "ec2:route-table",
  "vpc:subnet": "ec2:subnet",
  "vpc:vpc": "ec2:vpc"
}

/**
 * What the catalogue knows about a type without loading its scanner.
 *
 * @since 0.1.0
 */
export interface ResourceTypeInfo {
  readonly type: ResourceType
  /** `"global"` types have no Region and are scanned once an account. */
  readonly scope: "regional" | "global"
  /** The IAM actions that a scan of this type needs: exactly the operations it calls. */
  readonly actions: ReadonlyArray<string>
  /** Actions tried instead when the tagging API is not allowed; the scan is complete without them. */
  readonly fallbackActions: ReadonlyArray<string>
  /** Where its tags come from. */
  readonly tagSource: "inline" | "tagging-api"
  /** CloudFormation's name for it, e.g. `AWS::EC2::Instance`; of the few that it has none for, the one of AWS Config. */
  readonly cloudFormation: string
  /** Whether AWS lets it have tags. */
  readonly taggable: boolean
  /** Whether AWS charges nothing for the resource itself, whatever it is used for. */
  readonly free: boolean
}
