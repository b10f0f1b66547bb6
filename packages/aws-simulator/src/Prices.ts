/**
 * What resources of a simulated estate cost, and under which names a bill has them.
 *
 * @since 0.1.0
 */
import { hashText } from "./Hash.ts"
import type { EstateResource } from "./EstateResource.ts"
import type { ResourceType } from "./ResourceType.ts"

/** A service as Cost Explorer, FOCUS and CUR name it. */
export type BilledService = readonly [costExplorer: string, focus: string, productCode: string]

/** What is billed: the service, and millionths of a dollar a day. */
export interface Price {
  readonly service: BilledService
  readonly microsPerDay: bigint
}

const service = (costExplorer: string, productCode: string, focus = costExplorer): BilledService => [
  costExplorer,
  focus,
  productCode
]

const compute = service("Amazon Elastic Compute Cloud - Compute", "AmazonEC2", "Amazon Elastic Compute Cloud")
export const ec2Other = service("EC2 - Other", "AmazonEC2", "Amazon Elastic Compute Cloud")
const network = service("Amazon Virtual Private Cloud", "AmazonVPC")
const balancing = service("Amazon Elastic Load Balancing", "AWSELB", "Elastic Load Balancing")
const databases = service("Amazon Relational Database Service", "AmazonRDS")
const documents = service("Amazon DocumentDB (with MongoDB compatibility)", "AmazonDocDB")
const graphs = service("Amazon Neptune", "AmazonNeptune")
const gateway = service("Amazon API Gateway", "AmazonApiGateway")
const watching = service("AmazonCloudWatch", "AmazonCloudWatch", "Amazon CloudWatch")
const glue = service("AWS Glue", "AWSGlue")
const models = service("Amazon Bedrock", "AmazonBedrock")
const learning = service("Amazon SageMaker", "AmazonSageMaker")

/** By type: the service and cents a month. Types that are not here cost nothing. */
const prices: Readonly<Partial<Record<ResourceType, readonly [BilledService, cents: number]>>> = {
  "acm:certificate": [service("AWS Certificate Manager", "AWSCertificateManager"), 40],
  "apigateway:restapi": [gateway, 120],
  "apigatewayv2:api": [gateway, 80],
  "backup:vault": [service("AWS Backup", "AWSBackup"), 900],
  "bedrock:agent": [models, 700],
  "bedrock:knowledge-base": [models, 900],
  "cloudfront:distribution": [service("Amazon CloudFront", "AmazonCloudFront"), 1500],
  "cloudtrail:trail": [service("AWS CloudTrail", "AWSCloudTrail"), 200],
  "cloudwatch:alarm": [watching, 10],
  "codebuild:project": [service("CodeBuild", "CodeBuild", "AWS CodeBuild"), 300],
  "codepipeline:pipeline": [service("AWS CodePipeline", "AWSCodePipeline"), 100],
  "cognito-idp:userpool": [service("Amazon Cognito", "AmazonCognito"), 150],
  "dynamodb:table": [service("Amazon DynamoDB", "AmazonDynamoDB"), 800],
  "ec2:elastic-ip": [network, 360],
  "ec2:instance": [compute, 4200],
  "ec2:natgateway": [ec2Other, 3300],
  "ec2:snapshot": [ec2Other, 90],
  "ec2:transit-gateway": [network, 3650],
  "ec2:volume": [ec2Other, 640],
  "ec2:vpc-endpoint": [network, 730],
  "ec2:vpn-connection": [network, 3600],
  "ecr:repository": [service("Amazon EC2 Container Registry (ECR)", "AmazonECR", "Amazon Elastic Container Registry"), 60],
  "ecs:service": [service("Amazon Elastic Container Service", "AmazonECS"), 2500],
  "efs:file-system": [service("Amazon Elastic File System", "AmazonEFS"), 1900],
  "eks:cluster": [
    service("Amazon Elastic Container Service for Kubernetes", "AmazonEKS", "Amazon Elastic Kubernetes Service"),
    7300
  ],
  "elasticache:cluster": [service("Amazon ElastiCache", "AmazonElastiCache"), 4900],
  "elasticloadbalancing:classic-loadbalancer": [balancing, 1825],
  "elasticloadbalancing:loadbalancer": [balancing, 1650],
  "emr:cluster": [service("Amazon Elastic MapReduce", "ElasticMapReduce"), 9000],
  "events:event-bus": [service("CloudWatch Events", "AWSEvents", "Amazon EventBridge"), 30],
  "firehose:delivery-stream": [service("Amazon Kinesis Firehose", "AmazonKinesisFirehose", "Amazon Data Firehose"), 500],
  "fsx:file-system": [service("Amazon FSx", "AmazonFSx"), 5200],
  "glue:crawler": [glue, 300],
  "glue:job": [glue, 1100],
  "glue:table": [glue, 1],
  "kafka:cluster": [service("Amazon Managed Streaming for Apache Kafka", "AmazonMSK"), 15_000],
  "kinesis:stream": [service("Amazon Kinesis", "AmazonKinesis", "Amazon Kinesis Data Streams"), 1080],
  "kms:key": [service("AWS Key Management Service", "awskms"), 100],
  "lambda:function": [service("AWS Lambda", "AWSLambda"), 70],
  "logs:log-group": [watching, 55],
  "mq:broker": [service("Amazon MQ", "AmazonMQ"), 6600],
  "opensearch:domain": [service("Amazon OpenSearch Service", "AmazonES"), 11_000],
  "rds:cluster": [databases, 2100],
  "rds:cluster-snapshot": [databases, 130],
  "rds:db": [databases, 9800],
  "rds:snapshot": [databases, 110],
  "redshift:cluster": [service("Amazon Redshift", "AmazonRedshift"), 18_000],
  "route53:hosted-zone": [service("Amazon Route 53", "AmazonRoute53"), 50],
  "s3:bucket": [service("Amazon Simple Storage Service", "AmazonS3"), 420],
  "sagemaker:endpoint": [learning, 8000],
  "sagemaker:notebook-instance": [learning, 3900],
  "secretsmanager:secret": [service("AWS Secrets Manager", "AWSSecretsManager"), 40],
  "sns:topic": [service("Amazon Simple Notification Service", "AmazonSNS"), 15],
  "sqs:queue": [service("Amazon Simple Queue Service", "AWSQueueService"), 25],
  "ssm:parameter": [service("AWS Systems Manager", "AWSSystemsManager"), 5],
  "states:state-machine": [service("AWS Step Functions", "AmazonStates"), 65],
  "wafv2:web-acl": [service("AWS WAF", "awswaf"), 600]
}

/** Compute that is charged for as long as it runs. */
const running: ReadonlySet<string> = new Set([
  "ec2:instance",
  "rds:db",
  "redshift:cluster",
  "sagemaker:endpoint",
  "sagemaker:notebook-instance"
])

const atRest = /^(?:stopp|terminat|shutting-down|paused|delet)/iu

/** What a resource costs; `undefined` where AWS charges nothing for it: its type is free, or it does not run. */
export const priceOf = (resource: EstateResource): Price | undefined => {
  const found = prices[resource.type]
  if (found === undefined || resource.mark === "deleted") return undefined
  if (running.has(resource.type) && atRest.test(resource.state)) return undefined
  const engine = engineOf(resource)
  const [given, cents] = found
  const billed = engine === "docdb" ? documents : engine === "neptune" ? graphs : given
  // Between a half and four times the usual price, and no round sums.
  const size = BigInt(50 + hashText(resource.arn) % 350)
  return { service: billed, microsPerDay: BigInt(cents) * 10_000n * size / 3000n }
}

const engineOf = ({ attributes, type }: EstateResource): unknown =>
  type.startsWith("rds:") ? Object.getOwnPropertyDescriptor(attributes, "engine")?.value : undefined

/** What a bill calls a resource: most by their ARN, the oldest services by their own ids. */
export const billedIdOf = ({ arn, id, name, type }: EstateResource): string =>
  type === "ec2:instance" || type === "ec2:volume" ? id : type === "s3:bucket" ? name : arn.replace(/:\*$/u, "")
