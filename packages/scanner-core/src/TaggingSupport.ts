/**
 * Which types of the catalogue the tagging API lists.
 *
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
 * @since 0.1.0
 */

/**
 * Types of which `GetResources` says nothing, although they can have tags: AWS's
 * documentation says so of Auto Scaling groups and of IAM's users and roles.
 * Catalogue types without tags are here too.
 */
const unknown: ReadonlySet<string> = new Set([
  "autoscaling:group",
  "autoscaling:launch-configuration",
  "glue:table",
  "iam:role",
  "iam:user"
])

/**
 * Services of the catalogue that are known to report their tags to the tagging
 * API. What a user's own scanner lists may be of any other, of which nothing is
 * taken for granted.
 */
const services: ReadonlySet<string> = new Set([
  "acm", "apigateway", "apigatewayv2", "athena", "backup", "batch", "bedrock", "cloudformation", "cloudfront",
  "cloudtrail", "cloudwatch", "codebuild", "codepipeline", "cognito-identity", "cognito-idp", "dynamodb", "ec2", "ecr",
  "ecs", "efs", "eks", "elasticache", "elasticloadbalancing", "emr", "events", "firehose", "fsx", "glue", "iam", "kafka",
  "kinesis", "kms", "lambda", "logs", "mq", "opensearch", "rds", "redshift", "route53", "s3", "sagemaker",
  "secretsmanager", "sns", "sqs", "ssm", "states", "wafv2"
])

/**
 * Whether the tagging API lists every resource of the type that has a tag, so
 * that its silence proves that there is none.
 *
 * @category predicates
 * @since 0.1.0
 */
export const knows = (type: string): boolean => !unknown.has(type) && services.has(type.slice(0, type.indexOf(":")))
