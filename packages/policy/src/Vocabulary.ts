/**
 * The resource types that a policy may name, whether or not this installation
 * has a scanner for them: a policy is written for the estate, not for a version
 * of the catalogue.
 *
 * @since 0.1.0
 */
import { ResourceType } from "@cadastre/model"

const typesByService: Readonly<Record<string, ReadonlyArray<string>>> = {
  acm: ["certificate"],
  apigateway: ["restapi"],
  apigatewayv2: ["api"],
  athena: ["workgroup"],
  autoscaling: ["group", "launch-configuration"],
  backup: ["vault"],
  batch: ["job-queue"],
  bedrock: ["agent", "knowledge-base"],
  cloudformation: ["stack"],
  cloudfront: ["distribution"],
  cloudtrail: ["trail"],
  cloudwatch: ["alarm"],
  codebuild: ["project"],
  codepipeline: ["pipeline"],
  "cognito-identity": ["identitypool"],
  "cognito-idp": ["userpool"],
  dynamodb: ["table"],
  ec2: [
    "dhcp-options",
    "elastic-ip",
    "image",
    "instance",
    "internet-gateway",
    "key-pair",
    "launch-template",
    "natgateway",
    "network-acl",
    "network-interface",
    "route-table",
    "security-group",
    "snapshot",
    "subnet",
    "transit-gateway",
    "volume",
    "vpc",
    "vpc-endpoint",
    "vpc-peering-connection",
    "vpn-connection"
  ],
  ecr: ["repository"],
  ecs: ["capacity-provider", "cluster", "service", "task-definition"],
  efs: ["file-system"],
  eks: ["cluster", "nodegroup"],
  elasticache: ["cluster", "replicationgroup"],
  elasticloadbalancing: ["classic-loadbalancer", "listener", "listener-rule", "loadbalancer", "targetgroup"],
  emr: ["cluster"],
  events: ["event-bus", "rule"],
  firehose: ["delivery-stream"],
  fsx: ["file-system"],
  glue: ["crawler", "database", "job", "table"],
  iam: ["policy", "role", "user"],
  kafka: ["cluster"],
  kinesis: ["stream"],
  kms: ["key"],
  lambda: ["function"],
  logs: ["log-group"],
  mq: ["broker"],
  opensearch: ["domain"],
  rds: ["cluster", "cluster-snapshot", "db", "snapshot"],
  redshift: ["cluster"],
  route53: ["hosted-zone"],
  s3: ["bucket"],
  sagemaker: ["endpoint", "notebook-instance"],
  secretsmanager: ["secret"],
  sns: ["topic"],
  sqs: ["queue"],
  ssm: ["parameter"],
  states: ["state-machine"],
  wafv2: ["web-acl"]
}

/**
 * Every type of the vocabulary, `service:type`, in code unit order.
 *
 * @since 0.1.0
 */
export const types: ReadonlyArray<string> = Object.entries(typesByService)
  .flatMap(([service, names]) => names.map((name) => `${service}:${name}`))
  .sort()

/**
 * Every service of the vocabulary, in code unit order.
 *
 * @since 0.1.0
 */
export const services: ReadonlyArray<string> = Object.keys(typesByService).sort()

/** Services whose wildcard people write under another of their names. */
const serviceAliases: Readonly<Record<string, string>> = {
  elb: "elasticloadbalancing",
  elbv2: "elasticloadbalancing",
  es: "opensearch",
  stepfunctions: "states"
}

/**
 * Reads what `applies_to` may hold: a type, `service:*`, or `*` (also written
 * `*:*`), in any case and under any alias.
 *
 * @since 0.1.0
 */
export const normalise = (text: string): string => {
  const type = ResourceType.normalise(text)
  if (type === "*:*") return "*"
  if (!type.endsWith(":*")) return type
  const service = type.slice(0, -2)
  return `${Object.hasOwn(serviceAliases, service) ? serviceAliases[service]! : service}:*`
}
