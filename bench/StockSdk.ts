/**
 * The floor that everyone has: bare loops over stock SDK clients, which make the
 * calls that our scanners make and keep nothing. Nothing is configured but where
 * and as whom to call.
 */
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import type { SimulatorProcess } from "./SimulatorProcess.ts"

/** Lists one type in one Region, tags included, and answers how many resources there are. */
export type Survey = () => Promise<number>

/** As many batches of tags as our engine asks for at once. */
const batchesAtOnce = 4

/** The bare loops by resource type; the clients live as long as they do. */
export const surveys = (
  { credentials, url }: SimulatorProcess,
  { accountId, region }: { readonly accountId: string; readonly region: string }
) => {
  const config = { endpoint: url, credentials, region }
  const dynamoDb = new DynamoDBClient(config)
  const ec2 = new EC2Client(config)
  const lambda = new LambdaClient(config)
  const sqs = new SQSClient(config)
  const tagging = new ResourceGroupsTaggingAPIClient(config)

  const readTags = async (arns: ReadonlyArray<string>): Promise<number> => {
    const batches: Array<ReadonlyArray<string>> = []
    for (let at = 0; at < arns.length; at += 100) batches.push(arns.slice(at, at + 100))
    const left = batches.values()
    await Promise.all(Array.from({ length: batchesAtOnce }, async () => {
      for (const batch of left) await tagging.send(new GetResourcesCommand({ ResourceARNList: [...batch] }))
    }))
    return arns.length
  }

  return {
    "dynamodb:table": async () => {
      const arns: Array<string> = []
      let token: string | undefined
      do {
        const page = await dynamoDb.send(new ListTablesCommand({ Limit: 100, ExclusiveStartTableName: token }))
        for (const name of page.TableNames ?? []) arns.push(`arn:aws:dynamodb:${region}:${accountId}:table/${name}`)
        token = page.LastEvaluatedTableName
      } while (token !== undefined)
      return readTags(arns)
    },
    "lambda:function": async () => {
      const arns: Array<string> = []
      let token: string | undefined
      do {
        const page = await lambda.send(new ListFunctionsCommand({ MaxItems: 50, Marker: token }))
        for (const { FunctionArn = "" } of page.Functions ?? []) arns.push(FunctionArn)
        token = page.NextMarker
      } while (token !== undefined)
      return readTags(arns)
    },
    "sqs:queue": async () => {
      const arns: Array<string> = []
      let token: string | undefined
      do {
        const page = await sqs.send(new ListQueuesCommand({ MaxResults: 1000, NextToken: token }))
        for (const url of page.QueueUrls ?? []) arns.push(`arn:aws:sqs:${region}:${accountId}:${url.split("/").at(-1)}`)
        token = page.NextToken
      } while (token !== undefined)
      return readTags(arns)
    },
    "ec2:instance": async () => {
      let found = 0
      let token: string | undefined
      do {
        const page = await ec2.send(new DescribeInstancesCommand({ MaxResults: 1000, NextToken: token }))
        for (const { Instances = [] } of page.Reservations ?? []) found += Instances.length
        token = page.NextToken
      } while (token !== undefined)
      return found
    },
    "ec2:volume": async () => {
      let found = 0
      let token: string | undefined
      do {
        const page = await ec2.send(new DescribeVolumesCommand({ MaxResults: 1000, NextToken: token }))
        found += page.Volumes?.length ?? 0
        token = page.NextToken
      } while (token !== undefined)
      return found
    }
  } satisfies Readonly<Record<string, Survey>>
}
