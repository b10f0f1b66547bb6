/**
 * Which resource types AWS bills under which service, as data.
 *
 * @since 0.1.0
 */

/**
 * How a type weighs when a service's spend is shared out over its resources: about what one costs in a month, in US
 * cents, at list price in us-east-1. Only the proportions matter, and only where the bill names no resource.
 *
 * - `size`: multiplies by what is known of a resource's size: gigabytes, or the size class of an instance
 * - `runs`: it is compute: a stopped one bears no cost
 *
 * @category models
 * @since 0.1.0
 */
export interface BilledType {
  readonly type: string
  readonly weight: number
  readonly size?: "gigabytes" | "instance"
  readonly runs?: true
}

/**
 * - `name`: in Cost Explorer; what this package calls the service
 * - `others`: the same in FOCUS (`ServiceName`), in CUR (`line_item_product_code`) and in older bills
 * - `engines`: of an RDS type, whose it is
 *
 * @category models
 * @since 0.1.0
 */
export interface BillingService {
  readonly name: string
  readonly others: ReadonlyArray<string>
  readonly types: ReadonlyArray<BilledType>
  readonly engines?: ReadonlyArray<string>
}

const rdsTypes: ReadonlyArray<BilledType> = [
  { type: "rds:db", weight: 3000, size: "instance", runs: true },
  { type: "rds:cluster", weight: 1000 },
  { type: "rds:snapshot", weight: 10, size: "gigabytes" },
  { type: "rds:cluster-snapshot", weight: 200 }
]

const one = (type: string, weight = 100): ReadonlyArray<BilledType> => [{ type, weight }]

/**
 * Sources: the `SERVICE` dimension of Cost Explorer (GetDimensionValues), the product codes of the AWS Price List
 * (`DescribeServices`), the service names of the FOCUS export, AWS's price pages; read in November 2026.
 *
 * @category data
 * @since 0.1.0
 */
export const billingServices: ReadonlyArray<BillingService> = [
  {
    name: "Amazon Elastic Compute Cloud - Compute",
    others: ["Amazon Elastic Compute Cloud", "AmazonEC2"],
    types: [{ type: "ec2:instance", weight: 3000, size: "instance", runs: true }]
  },
  {
    name: "EC2 - Other",
    others: ["Amazon Elastic Compute Cloud", "AmazonEC2", "Amazon Elastic Block Store"],
    types: [
      { type: "ec2:volume", weight: 8, size: "gigabytes" },
      { type: "ec2:snapshot", weight: 5, size: "gigabytes" },
      { type: "ec2:natgateway", weight: 3300 }
    ]
  },
  {
    name: "Amazon Virtual Private Cloud",
    others: ["AmazonVPC"],
    types: [
      { type: "ec2:elastic-ip", weight: 360 },
      { type: "ec2:vpc-endpoint", weight: 730 },
      { type: "ec2:transit-gateway", weight: 3650 },
      { type: "ec2:vpn-connection", weight: 3650 }
    ]
  },
  {
    name: "Amazon Elastic Load Balancing",
    others: ["Elastic Load Balancing", "AWSELB"],
    types: [
      { type: "elasticloadbalancing:loadbalancer", weight: 1650 },
      { type: "elasticloadbalancing:classic-loadbalancer", weight: 1825 }
    ]
  },
  { name: "Amazon Simple Storage Service", others: ["AmazonS3"], types: one("s3:bucket") },
  { name: "Amazon Relational Database Service", others: ["AmazonRDS", "Amazon Aurora"], types: rdsTypes },
  {
    name: "Amazon DocumentDB (with MongoDB compatibility)",
    others: ["AmazonDocDB", "Amazon DocumentDB"],
    types: rdsTypes,
    engines: ["docdb"]
  },
  { name: "Amazon Neptune", others: ["AmazonNeptune"], types: rdsTypes, engines: ["neptune"] },
  { name: "Amazon DynamoDB", others: ["AmazonDynamoDB"], types: one("dynamodb:table") },
  {
    name: "Amazon ElastiCache",
    others: ["AmazonElastiCache"],
    types: [
      { type: "elasticache:cluster", weight: 3000, size: "instance" },
      // Its nodes are clusters of their own, and billed as such.
      { type: "elasticache:replicationgroup", weight: 0 }
    ]
  },
  {
    name: "Amazon Redshift",
    others: ["AmazonRedshift"],
    types: [{ type: "redshift:cluster", weight: 18_000, runs: true }]
  },
  { name: "Amazon OpenSearch Service", others: ["AmazonES", "Amazon Elasticsearch Service"], types: one("opensearch:domain") },
  { name: "AWS Lambda", others: ["AWSLambda"], types: one("lambda:function") },
  { name: "Amazon Elastic Container Service", others: ["AmazonECS"], types: one("ecs:service") },
  {
    name: "Amazon Elastic Container Service for Kubernetes",
    others: ["AmazonEKS", "Amazon Elastic Kubernetes Service"],
    types: [{ type: "eks:cluster", weight: 7300 }, { type: "eks:nodegroup", weight: 0 }]
  },
  {
    name: "Amazon EC2 Container Registry (ECR)",
    others: ["AmazonECR", "Amazon Elastic Container Registry"],
    types: one("ecr:repository")
  },
  { name: "Amazon Simple Queue Service", others: ["AWSQueueService"], types: one("sqs:queue") },
  { name: "Amazon Simple Notification Service", others: ["AmazonSNS"], types: one("sns:topic") },
  { name: "Amazon Kinesis", others: ["AmazonKinesis", "Amazon Kinesis Data Streams"], types: one("kinesis:stream") },
  {
    name: "Amazon Kinesis Firehose",
    others: ["AmazonKinesisFirehose", "Amazon Data Firehose", "Amazon Kinesis Data Firehose"],
    types: one("firehose:delivery-stream")
  },
  { name: "Amazon Managed Streaming for Apache Kafka", others: ["AmazonMSK"], types: one("kafka:cluster") },
  { name: "Amazon MQ", others: ["AmazonMQ"], types: one("mq:broker") },
  {
    name: "CloudWatch Events",
    others: ["AWSEvents", "Amazon EventBridge", "AmazonCloudWatchEvents"],
    types: [{ type: "events:event-bus", weight: 100 }, { type: "events:rule", weight: 0 }]
  },
  { name: "AWS Step Functions", others: ["AmazonStates"], types: one("states:state-machine") },
  {
    name: "Amazon API Gateway",
    others: ["AmazonApiGateway"],
    types: [{ type: "apigateway:restapi", weight: 100 }, { type: "apigatewayv2:api", weight: 100 }]
  },
  { name: "Amazon CloudFront", others: ["AmazonCloudFront"], types: one("cloudfront:distribution") },
  { name: "Amazon Route 53", others: ["AmazonRoute53"], types: one("route53:hosted-zone") },
  { name: "AWS WAF", others: ["awswaf"], types: one("wafv2:web-acl") },
  { name: "AWS Certificate Manager", others: ["AWSCertificateManager"], types: one("acm:certificate") },
  { name: "AWS Key Management Service", others: ["awskms"], types: one("kms:key") },
  { name: "AWS Secrets Manager", others: ["AWSSecretsManager"], types: one("secretsmanager:secret") },
  { name: "AWS Systems Manager", others: ["AWSSystemsManager"], types: one("ssm:parameter") },
  { name: "Amazon Cognito", others: ["AmazonCognito"], types: one("cognito-idp:userpool") },
  {
    name: "Amazon Elastic File System",
    others: ["AmazonEFS"],
    types: [{ type: "efs:file-system", weight: 30, size: "gigabytes" }]
  },
  {
    name: "Amazon FSx",
    others: ["AmazonFSx"],
    types: [{ type: "fsx:file-system", weight: 13, size: "gigabytes" }]
  },
  { name: "AWS Backup", others: ["AWSBackup"], types: one("backup:vault") },
  {
    name: "AWS Glue",
    others: ["AWSGlue"],
    types: [
      { type: "glue:job", weight: 1000 },
      { type: "glue:crawler", weight: 200 },
      { type: "glue:database", weight: 0 },
      { type: "glue:table", weight: 1 }
    ]
  },
  { name: "Amazon Elastic MapReduce", others: ["ElasticMapReduce", "Amazon EMR"], types: one("emr:cluster") },
  {
    name: "Amazon SageMaker",
    others: ["AmazonSageMaker", "Amazon SageMaker AI"],
    types: [
      { type: "sagemaker:endpoint", weight: 8000, runs: true },
      { type: "sagemaker:notebook-instance", weight: 4000, size: "instance", runs: true }
    ]
  },
  {
    name: "Amazon Bedrock",
    others: ["AmazonBedrock"],
    types: [{ type: "bedrock:agent", weight: 100 }, { type: "bedrock:knowledge-base", weight: 100 }]
  },
  {
    name: "AmazonCloudWatch",
    others: ["Amazon CloudWatch"],
    types: [{ type: "logs:log-group", weight: 50 }, { type: "cloudwatch:alarm", weight: 10 }]
  },
  { name: "AWS CloudTrail", others: ["AWSCloudTrail"], types: one("cloudtrail:trail") },
  { name: "CodeBuild", others: ["AWS CodeBuild"], types: one("codebuild:project") },
  { name: "AWS CodePipeline", others: ["AWSCodePipeline"], types: one("codepipeline:pipeline") }
]

/**
 * Types that AWS never bills by themselves: what runs in them, or behind them, is billed as another type.
 *
 * @category data
 * @since 0.1.0
 */
export const unbilledTypes: ReadonlySet<string> = new Set([
  "athena:workgroup",
  "autoscaling:group",
  "autoscaling:launch-configuration",
  "batch:job-queue",
  "cloudformation:stack",
  "cognito-identity:identitypool",
  "ec2:dhcp-options",
  // Kept as snapshots, which are billed.
  "ec2:image",
  "ec2:internet-gateway",
  "ec2:key-pair",
  "ec2:launch-template",
  "ec2:network-acl",
  "ec2:network-interface",
  "ec2:route-table",
  "ec2:security-group",
  "ec2:subnet",
  "ec2:vpc",
  "ec2:vpc-peering-connection",
  "ecs:capacity-provider",
  "ecs:cluster",
  "ecs:task-definition",
  "elasticloadbalancing:listener",
  "elasticloadbalancing:listener-rule",
  "elasticloadbalancing:targetgroup",
  "iam:policy",
  "iam:role",
  "iam:user"
])

const byName = Map.groupBy(
  billingServices.flatMap((service) => [service.name, ...service.others].map((name) => [name.toLowerCase(), service] as const)),
  ([name]) => name
)

/**
 * The services that a bill may mean by a name, in any case; none where the name is not known.
 *
 * @since 0.1.0
 */
export const servicesNamed = (name: string): ReadonlyArray<BillingService> =>
  (byName.get(name.toLowerCase()) ?? []).map(([, service]) => service)

const byType = Map.groupBy(
  billingServices.flatMap((service) => service.types.map((billed) => ({ service, billed }))),
  ({ billed }) => billed.type
)

/**
 * Under which service a resource is billed, and how it weighs there; `undefined` where it is not billed at all.
 * An RDS resource is its engine's: DocumentDB and Neptune are billed apart.
 *
 * @since 0.1.0
 */
export const billedAs = (
  type: string,
  engine?: string
): { readonly service: BillingService; readonly billed: BilledType } | undefined => {
  const found = byType.get(type) ?? []
  return found.find(({ service }) => engine !== undefined && service.engines?.includes(engine) === true) ??
    found.find(({ service }) => service.engines === undefined)
}

/**
 * The types that bear a service's cost: all of them must have been seen before it can be shared out.
 *
 * @since 0.1.0
 */
export const bearersOf = (service: BillingService): ReadonlyArray<string> =>
  service.types.flatMap(({ type, weight }) => weight > 0 ? [type] : [])

/**
 * The types that must be scanned besides these, so that their services' cost can be shared out.
 *
 * @since 0.1.0
 */
export const withSiblings = (types: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set([...types, ...types.flatMap((type) => (byType.get(type) ?? []).flatMap(({ service }) => bearersOf(service)))])
]
