/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-dynamodb"
import { refuse } from "../AwsFault.ts"
import { jsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("ValidationException", 400, message)

/** Pages begin after a table's name, which may since have been deleted: the name alone says where. */
const listTables = (input: Sdk.ListTablesInput, call: Call): Sdk.ListTablesOutput => {
  const { ExclusiveStartTableName: after, Limit: size } = input
  if (size !== undefined && (size < 1 || size > 100)) {
    throw invalid(
      `1 validation error detected: Value '${size}' at 'limit' failed to satisfy constraint: ` +
        `Member must have value ${size < 1 ? "greater than or equal to 1" : "less than or equal to 100"}`
    )
  }
  const from = after === undefined
    ? 0
    : call.estate.positionOf(call.accountId, call.region, "dynamodb:table", after)
  if (from === undefined) throw invalid(`Invalid table name: ${String(after)}`)
  const place = { accountId: call.accountId, region: call.region, type: "dynamodb:table" } as const
  const { short } = call.paging.oddities
  const whole = Math.min(size ?? 100, call.paging.cap)
  const limit = Math.min(whole, short?.size ?? (short === undefined ? whole : 1))
  const { items, next } = call.estate.scan([place], after === undefined ? 0 : from + 1, limit)
  if (short !== undefined && limit < whole && next !== undefined) call.paging.took(short)
  return {
    TableNames: items.map(({ name }) => name),
    LastEvaluatedTableName: next === undefined ? undefined : items.at(-1)?.name
  }
}

const describeTable = (input: Sdk.DescribeTableInput, call: Call): Sdk.DescribeTableOutput => {
  const one = call.find("dynamodb:table", input.TableName ?? "")
  if (one === undefined) {
    throw refuse("ResourceNotFoundException", 400, `Requested resource not found: Table: ${input.TableName} not found`)
  }
  return {
    Table: {
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      TableName: one.name,
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      TableStatus: one.state as Sdk.TableStatus,
      CreationDateTime: one.createdAt,
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      TableSizeBytes: one.attributes.sizeBytes,
      ItemCount: one.attributes.itemCount,
      TableArn: one.arn,
      TableId: one.attributes.tableId,
      BillingModeSummary: { BillingMode: one.attributes.billingMode as Sdk.BillingMode },
      DeletionProtectionEnabled: one.attributes.deletionProtection
    }
  }
}

const listTagsOfResource = (input: Sdk.ListTagsOfResourceInput, call: Call): Sdk.ListTagsOfResourceOutput => {
  const one = call.find("dynamodb:table", input.ResourceArn ?? "")
  if (one === undefined || one.arn !== input.ResourceArn) {
    const message = `Requested resource not found: ResourcArn: ${input.ResourceArn} not found`
    throw refuse("ResourceNotFoundException", 400, message)
  }
  const tags = Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value }))
  const { items, token } = Paging.page(call, {
    size: undefined,
    min: 1,
    max: 100,
    byDefault: 100,
    token: input.NextToken,
    bind: one.arn,
    badSize: () => invalid("size"),
    badToken: () => invalid("Invalid pagination token")
  }, Paging.sliceOf(tags))
  return { Tags: [...items], NextToken: token }
}

export const DynamoDb = make({
  signingName: "dynamodb",
  iamPrefix: "dynamodb",
  scope: "regional",
  protocol: awsJson({ version: "1.0", target: "DynamoDB_20120810", namespace: "com.amazonaws.dynamodb.v20120810" }),
  family: jsonFamily,
  load: () => import("@aws-sdk/client-dynamodb"),
  operations: { ListTables: listTables, DescribeTable: describeTable, ListTagsOfResource: listTagsOfResource }
})
