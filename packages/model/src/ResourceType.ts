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
 * their aliases; a service alone, or with `:*` for all of its types, as well.
 * What is no alias comes back trimmed and in lower case.
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
  "acm:cert": "acm:certificate",
  "apigateway:api": "apigateway:restapi",
  "apigateway:rest-api": "apigateway:restapi",
  "apigateway:rest_api": "apigateway:restapi",
  "apigateway:restapis": "apigateway:restapi",
  "apigatewayv2:apis": "apigatewayv2:api",
  "athena:work-group": "athena:workgroup",
  "autoscaling:asg": "autoscaling:group",
  "autoscaling:autoscaling-group": "autoscaling:group",
  "autoscaling:autoscalinggroup": "autoscaling:group",
  "autoscaling:launchconfiguration": "autoscaling:launch-configuration",
  "backup:backup-vault": "backup:vault",
  "batch:jobqueue": "batch:job-queue",
  "bedrock:knowledgebase": "bedrock:knowledge-base",
  "certificatemanager:certificate": "acm:certificate",
  "cloudfront:cdn": "cloudfront:distribution",
  "cloudwatch:log-group": "logs:log-group",
  "cloudwatch:loggroup": "logs:log-group",
  "cloudwatchlogs:log-group": "logs:log-group",
  "cognito-identity:identity-pool": "cognito-identity:identitypool",
  "cognito-idp:user-pool": "cognito-idp:userpool",
  "cognito:identity-pool": "cognito-identity:identitypool",
  "cognito:identitypool": "cognito-identity:identitypool",
  "cognito:user-pool": "cognito-idp:userpool",
  "cognito:userpool": "cognito-idp:userpool",
  "docdb:cluster": "rds:cluster",
  "docdb:db-cluster": "rds:cluster",
  "ec2:address": "ec2:elastic-ip",
  "ec2:ami": "ec2:image",
  "ec2:dhcp_options": "ec2:dhcp-options",
  "ec2:dhcpoptions": "ec2:dhcp-options",
  "ec2:ebs-snapshot": "ec2:snapshot",
  "ec2:ebs-volume": "ec2:volume",
  "ec2:eip": "ec2:elastic-ip",
  "ec2:elasticip": "ec2:elastic-ip",
  "ec2:eni": "ec2:network-interface",
  "ec2:igw": "ec2:internet-gateway",
  "ec2:internet_gateway": "ec2:internet-gateway",
  "ec2:internetgateway": "ec2:internet-gateway",
  "ec2:keypair": "ec2:key-pair",
  "ec2:launch_template": "ec2:launch-template",
  "ec2:launchtemplate": "ec2:launch-template",
  "ec2:nacl": "ec2:network-acl",
  "ec2:nat-gateway": "ec2:natgateway",
  "ec2:nat_gateway": "ec2:natgateway",
  "ec2:network_acl": "ec2:network-acl",
  "ec2:network_interface": "ec2:network-interface",
  "ec2:networkacl": "ec2:network-acl",
  "ec2:networkinterface": "ec2:network-interface",
  "ec2:route_table": "ec2:route-table",
  "ec2:routetable": "ec2:route-table",
  "ec2:security_group": "ec2:security-group",
  "ec2:securitygroup": "ec2:security-group",
  "ec2:transit_gateway": "ec2:transit-gateway",
  "ec2:transitgateway": "ec2:transit-gateway",
  "ec2:vpc-peering": "ec2:vpc-peering-connection",
  "ec2:vpc_endpoint": "ec2:vpc-endpoint",
  "ec2:vpcendpoint": "ec2:vpc-endpoint",
  "ec2:vpcpeeringconnection": "ec2:vpc-peering-connection",
  "ec2:vpnconnection": "ec2:vpn-connection",
  "ecr:repo": "ecr:repository",
  "ecs:capacityprovider": "ecs:capacity-provider",
  "ecs:task_definition": "ecs:task-definition",
  "ecs:taskdefinition": "ecs:task-definition",
  "efs:filesystem": "efs:file-system",
  "eks:node-group": "eks:nodegroup",
  "elasticache:cache-cluster": "elasticache:cluster",
  "elasticache:cachecluster": "elasticache:cluster",
  "elasticache:replication-group": "elasticache:replicationgroup",
  "elasticache:replication_group": "elasticache:replicationgroup",
  "elasticfilesystem": "efs",
  "elasticfilesystem:*": "efs:*",
  "elasticfilesystem:file-system": "efs:file-system",
  "elasticfilesystem:filesystem": "efs:file-system",
  "elasticip:address": "ec2:elastic-ip",
  "elasticloadbalancing:listener_rule": "elasticloadbalancing:listener-rule",
  "elasticloadbalancing:listenerrule": "elasticloadbalancing:listener-rule",
  "elasticloadbalancing:load-balancer": "elasticloadbalancing:loadbalancer",
  "elasticloadbalancing:target-group": "elasticloadbalancing:targetgroup",
  "elasticloadbalancingv2:listener": "elasticloadbalancing:listener",
  "elasticloadbalancingv2:listener-rule": "elasticloadbalancing:listener-rule",
  "elasticloadbalancingv2:listenerrule": "elasticloadbalancing:listener-rule",
  "elasticloadbalancingv2:loadbalancer": "elasticloadbalancing:loadbalancer",
  "elasticloadbalancingv2:targetgroup": "elasticloadbalancing:targetgroup",
  "elasticmapreduce": "emr",
  "elasticmapreduce:*": "emr:*",
  "elasticmapreduce:cluster": "emr:cluster",
  "elasticsearch": "opensearch",
  "elasticsearch:*": "opensearch:*",
  "elasticsearch:domain": "opensearch:domain",
  "elb": "elasticloadbalancing",
  "elb:*": "elasticloadbalancing:*",
  "elb:classic-loadbalancer": "elasticloadbalancing:classic-loadbalancer",
  "elb:listener": "elasticloadbalancing:listener",
  "elb:loadbalancer": "elasticloadbalancing:loadbalancer",
  "elb:target-group": "elasticloadbalancing:targetgroup",
  "elb:targetgroup": "elasticloadbalancing:targetgroup",
  "elbv2": "elasticloadbalancing",
  "elbv2:*": "elasticloadbalancing:*",
  "elbv2:alb": "elasticloadbalancing:loadbalancer",
  "elbv2:listener": "elasticloadbalancing:listener",
  "elbv2:listener-rule": "elasticloadbalancing:listener-rule",
  "elbv2:listener_rule": "elasticloadbalancing:listener-rule",
  "elbv2:listenerrule": "elasticloadbalancing:listener-rule",
  "elbv2:load-balancer": "elasticloadbalancing:loadbalancer",
  "elbv2:loadbalancer": "elasticloadbalancing:loadbalancer",
  "elbv2:target-group": "elasticloadbalancing:targetgroup",
  "elbv2:targetgroup": "elasticloadbalancing:targetgroup",
  "es": "opensearch",
  "es:*": "opensearch:*",
  "es:domain": "opensearch:domain",
  "eventbridge": "events",
  "eventbridge:*": "events:*",
  "eventbridge:event-bus": "events:event-bus",
  "eventbridge:rule": "events:rule",
  "events:bus": "events:event-bus",
  "events:eventbus": "events:event-bus",
  "firehose:deliverystream": "firehose:delivery-stream",
  "firehose:stream": "firehose:delivery-stream",
  "fsx:filesystem": "fsx:file-system",
  "iam:managed-policy": "iam:policy",
  "iam:managedpolicy": "iam:policy",
  "kinesisfirehose:delivery-stream": "firehose:delivery-stream",
  "kinesisfirehose:deliverystream": "firehose:delivery-stream",
  "logs:log_group": "logs:log-group",
  "logs:loggroup": "logs:log-group",
  "msk": "kafka",
  "msk:*": "kafka:*",
  "msk:cluster": "kafka:cluster",
  "neptune:cluster": "rds:cluster",
  "neptune:db-cluster": "rds:cluster",
  "opensearchservice:domain": "opensearch:domain",
  "rds:cluster-snap": "rds:cluster-snapshot",
  "rds:cluster_snapshot": "rds:cluster-snapshot",
  "rds:database": "rds:db",
  "rds:db-cluster": "rds:cluster",
  "rds:db-cluster-snapshot": "rds:cluster-snapshot",
  "rds:db-instance": "rds:db",
  "rds:db-snapshot": "rds:snapshot",
  "rds:dbcluster": "rds:cluster",
  "rds:dbinstance": "rds:db",
  "rds:dbsnapshot": "rds:snapshot",
  "rds:instance": "rds:db",
  "route53:hostedzone": "route53:hosted-zone",
  "route53:zone": "route53:hosted-zone",
  "sagemaker:notebook": "sagemaker:notebook-instance",
  "sagemaker:notebookinstance": "sagemaker:notebook-instance",
  "secrets-manager:secret": "secretsmanager:secret",
  "sfn": "states",
  "sfn:*": "states:*",
  "sfn:state-machine": "states:state-machine",
  "sfn:statemachine": "states:state-machine",
  "states:statemachine": "states:state-machine",
  "stepfunctions": "states",
  "stepfunctions:*": "states:*",
  "stepfunctions:state-machine": "states:state-machine",
  "stepfunctions:statemachine": "states:state-machine",
  "vpc:dhcp-options": "ec2:dhcp-options",
  "vpc:dhcp_options": "ec2:dhcp-options",
  "vpc:elastic_ip": "ec2:elastic-ip",
  "vpc:endpoint": "ec2:vpc-endpoint",
  "vpc:internet-gateway": "ec2:internet-gateway",
  "vpc:internet_gateway": "ec2:internet-gateway",
  "vpc:nat-gateway": "ec2:natgateway",
  "vpc:nat_gateway": "ec2:natgateway",
  "vpc:natgateway": "ec2:natgateway",
  "vpc:network-acl": "ec2:network-acl",
  "vpc:network-interface": "ec2:network-interface",
  "vpc:network_acl": "ec2:network-acl",
  "vpc:network_interface": "ec2:network-interface",
  "vpc:peering-connection": "ec2:vpc-peering-connection",
  "vpc:peering_connection": "ec2:vpc-peering-connection",
  "vpc:route-table": "ec2:route-table",
  "vpc:route_table": "ec2:route-table",
  "vpc:security-group": "ec2:security-group",
  "vpc:security_group": "ec2:security-group",
  "vpc:subnet": "ec2:subnet",
  "vpc:transit-gateway": "ec2:transit-gateway",
  "vpc:transit_gateway": "ec2:transit-gateway",
  "vpc:vpc": "ec2:vpc",
  "vpc:vpc-endpoint": "ec2:vpc-endpoint",
  "vpc:vpc_endpoint": "ec2:vpc-endpoint",
  "vpc:vpn-connection": "ec2:vpn-connection",
  "vpc:vpn_connection": "ec2:vpn-connection",
  "wafv2:web_acl": "wafv2:web-acl",
  "wafv2:webacl": "wafv2:web-acl"
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
  /** CloudFormation's name for it, e.g. `AWS::EC2::Instance`; where it has none, AWS Config's. */
  readonly cloudFormation: string
  /** Whether AWS lets it have tags. */
  readonly taggable: boolean
  /** Whether AWS charges nothing for the resource itself, whatever it is used for. */
  readonly free: boolean
}
