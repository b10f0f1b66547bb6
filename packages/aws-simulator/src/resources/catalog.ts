/**
 * What each resource type of a simulated estate is.
 *
 * @since 0.1.0
 */
import type { ResourceType } from "../ResourceType.ts"
import type { TypeModel } from "../TypeModel.ts"
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

/** Every resource type by the product's name for it. */
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
} satisfies Record<ResourceType, TypeModel>

/**
 * The attributes that resources of a type have.
 *
 * @since 0.1.0
 */
export type AttributesOf<T extends ResourceType> = ReturnType<(typeof catalog)[T]["attributes"]>

export const modelOf = (type: ResourceType): TypeModel => catalog[type]
