import { DynamoDBClient, ListTablesCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const table = Scanner.make("dynamodb:table", {
  cloudFormation: "AWS::DynamoDB::Table", actions: ["dynamodb:ListTables"],
  list: Aws.list(DynamoDBClient, ListTablesCommand, { Limit: 100 }, ({ TableNames }) => TableNames, [
    "ExclusiveStartTableName",
    "LastEvaluatedTableName"
  ]),
  describe: (name, place) => ({ arn: place.arn("dynamodb", "table/", name), name }),
  tags: {
    actions: ["dynamodb:ListTagsOfResource"],
    of: ({ arn }) =>
      Aws.list(DynamoDBClient, ListTagsOfResourceCommand, { ResourceArn: arn }, ({ Tags }) => Tags).pipe(
        Stream.runCollect,
        Effect.map((pages) => pages.flat())
      )
  }
})
