import { DynamoDBClient, ListTablesCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const table = Scanner.make("dynamodb:table", {
  cloudFormation: "AWS::DynamoDB::Table", actions: ["dynamodb:ListTables"],
  list: Aws.list(DynamoDBClient, ListTablesCommand, { Limit: 100 }, ({ TableNames }) => TableNames, [
    "ExclusiveStartTableName",
    "LastEvaluatedTableName"
  ]),
  describe: (name, place) => ({ arn: place.arn("dynamodb", "table/", name), name }),
  tags: Scanner.tagPages("dynamodb:ListTagsOfResource", ({ arn }) =>
    Aws.list(DynamoDBClient, ListTagsOfResourceCommand, { ResourceArn: arn }, ({ Tags }) => Tags))
})
