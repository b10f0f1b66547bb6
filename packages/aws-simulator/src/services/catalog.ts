/**
 * The services that the simulator answers for.
 *
 * @since 0.1.0
 */
import type { Service } from "../Service.ts"
import { Account } from "./Account.ts"
import { AutoScaling } from "./AutoScaling.ts"
import { CloudTrail } from "./CloudTrail.ts"
import { CostExplorer } from "./CostExplorer.ts"
import { DynamoDb } from "./DynamoDb.ts"
import { Ec2 } from "./Ec2.ts"
import { Ecs } from "./Ecs.ts"
import { Iam } from "./Iam.ts"
import { Lambda } from "./Lambda.ts"
import { Organizations } from "./Organizations.ts"
import { Rds } from "./Rds.ts"
import { ResourceExplorer } from "./ResourceExplorer.ts"
import { Route53 } from "./Route53.ts"
import { S3 } from "./S3.ts"
import { Sns } from "./Sns.ts"
import { Sqs } from "./Sqs.ts"
import { Sts } from "./Sts.ts"
import { Tagging } from "./Tagging.ts"
import { declarations } from "../types/catalog.ts"

/** Those with operations that are written by hand. */
const handWritten: ReadonlyArray<Service> = [
  Account,
  AutoScaling,
  CloudTrail,
  CostExplorer,
  DynamoDb,
  Ec2,
  Ecs,
  Iam,
  Lambda,
  Organizations,
  Rds,
  ResourceExplorer,
  Route53,
  S3,
  Sns,
  Sqs,
  Sts,
  Tagging
]

/** Every service once, with the operations of its declared types. */
export const services: ReadonlyArray<Service> = [
  ...new Set([...handWritten, ...declarations.map(({ service }) => service)])
].map((service) => {
  const declared = Object.fromEntries(
    declarations.filter((one) => one.service === service).flatMap(({ operations }) => Object.entries(operations))
  )
  return {
    ...service,
    operations: { ...declared, ...service.operations },
    // Any page may be shorter than asked for, or empty: tokens alone tell whether there is more.
    ragged: [...service.ragged ?? [], ...Object.keys(declared)]
  }
})
