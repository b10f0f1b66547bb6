/**
 * What each resource type of a simulated estate is.
 *
 * @since 0.1.0
 */
import type { CoreType, ResourceType } from "../ResourceType.ts"
import type { Attributes } from "../TypeDeclaration.ts"
import type { TypeModel } from "../TypeModel.ts"
import { declarations } from "../types/catalog.ts"
import { AutoScalingGroup } from "./AutoScalingGroup.ts"
import { DynamoDbTable } from "./DynamoDbTable.ts"
import { Ec2ElasticIp } from "./Ec2ElasticIp.ts"
import { Ec2Instance } from "./Ec2Instance.ts"
import { Ec2NatGateway } from "./Ec2NatGateway.ts"
import { Ec2SecurityGroup } from "./Ec2SecurityGroup.ts"
import { Ec2Snapshot } from "./Ec2Snapshot.ts"
import { Ec2Volume } from "./Ec2Volume.ts"
import { EcsCluster } from "./EcsCluster.ts"
import { IamRole } from "./IamRole.ts"
import { LambdaFunction } from "./LambdaFunction.ts"
import { RdsDb } from "./RdsDb.ts"
import { Route53HostedZone } from "./Route53HostedZone.ts"
import { S3Bucket } from "./S3Bucket.ts"
import { SnsTopic } from "./SnsTopic.ts"
import { SqsQueue } from "./SqsQueue.ts"

/** The types whose resources have attributes of their own kind, by the product's name. */
const catalog = {
  "autoscaling:group": AutoScalingGroup,
  "dynamodb:table": DynamoDbTable,
  "ec2:elastic-ip": Ec2ElasticIp,
  "ec2:instance": Ec2Instance,
  "ec2:natgateway": Ec2NatGateway,
  "ec2:security-group": Ec2SecurityGroup,
  "ec2:snapshot": Ec2Snapshot,
  "ec2:volume": Ec2Volume,
  "ecs:cluster": EcsCluster,
  "iam:role": IamRole,
  "lambda:function": LambdaFunction,
  "rds:db": RdsDb,
  "route53:hosted-zone": Route53HostedZone,
  "s3:bucket": S3Bucket,
  "sns:topic": SnsTopic,
  "sqs:queue": SqsQueue
} satisfies Record<CoreType, TypeModel>

/**
 * The attributes that resources of a type have.
 *
 * @since 0.1.0
 */
export type AttributesOf<T extends ResourceType> = T extends CoreType ? ReturnType<(typeof catalog)[T]["attributes"]>
  : Attributes

const models = new Map<string, TypeModel>([
  ...Object.entries<TypeModel>(catalog),
  ...declarations.map(({ model, type }) => [type, model] as const)
])

const parents = new Map<ResourceType, ResourceType>(
  declarations.flatMap(({ parent, type }) => parent === undefined ? [] : [[type, parent] as const])
)

export const modelOf = (type: ResourceType): TypeModel => models.get(type)!

/** The type whose resources hold those of a type. */
export const parentOf = (type: ResourceType): ResourceType | undefined => parents.get(type)
