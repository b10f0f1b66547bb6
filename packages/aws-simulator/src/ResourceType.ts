/**
 * The resource types that a simulated estate can have.
 *
 * @since 0.1.0
 */

import { declaredTypes } from "./types/names.ts"

/**
 * The types that an estate has unless it is told otherwise.
 *
 * @since 0.1.0
 */
export const coreTypes = [
  "autoscaling:group",
  "dynamodb:table",
  "ec2:elastic-ip",
  "ec2:instance",
  "ec2:natgateway",
  "ec2:security-group",
  "ec2:snapshot",
  "ec2:volume",
  "ecs:cluster",
  "iam:role",
  "lambda:function",
  "rds:db",
  "route53:hosted-zone",
  "s3:bucket",
  "sns:topic",
  "sqs:queue"
] as const

/**
 * All types, in the product's vocabulary (`service:type`).
 *
 * @since 0.1.0
 */
export const resourceTypes = [...coreTypes, ...declaredTypes] as const

/** One of {@link coreTypes}. */
export type CoreType = (typeof coreTypes)[number]

/** A type that a file in `types` declares. */
export type DeclaredType = (typeof declaredTypes)[number]

/**
 * A resource type that the simulator knows.
 *
 * @since 0.1.0
 */
export type ResourceType = (typeof resourceTypes)[number]
