/**
 * The services that the simulator answers for.
 *
 * @since 0.1.0
 */
import type { Service } from "../Service.ts"
import { Account } from "./Account.ts"
import { AutoScaling } from "./AutoScaling.ts"
import { DynamoDb } from "./DynamoDb.ts"
import { Ec2 } from "./Ec2.ts"
import { Ecs } from "./Ecs.ts"
import { Iam } from "./Iam.ts"
import { Lambda } from "./Lambda.ts"
import { Rds } from "./Rds.ts"
import { Route53 } from "./Route53.ts"
import { S3 } from "./S3.ts"
import { Sns } from "./Sns.ts"
import { Sqs } from "./Sqs.ts"
import { Sts } from "./Sts.ts"
import { Tagging } from "./Tagging.ts"

/** Every service once. */
export const services: ReadonlyArray<Service> = [
  Account,
  AutoScaling,
  DynamoDb,
  Ec2,
  Ecs,
  Iam,
  Lambda,
  Rds,
  Route53,
  S3,
  Sns,
  Sqs,
  Sts,
  Tagging
]
