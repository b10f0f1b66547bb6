import { draw, hex8, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const DynamoDbTable = TypeModel.make({
  share: 4,
  scope: "regional",
  taggingApi: "dynamodb:table",
  nameTag: false,
  identify: (cell, index, hash) => {
    const name = TypeModel.codedName(cell, index, hash, ["sessions", "orders", "locks", "state"])
    return { id: name, name, arn: `arn:${cell.partition}:dynamodb:${cell.region}:${cell.accountId}:table/${name}` }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "ACTIVE" }),
  attributes: (_cell, _index, hash) => ({
    billingMode: pick(hash, 50, ["PAY_PER_REQUEST", "PROVISIONED"]),
    itemCount: draw(hash, 51) % 1_000_000,
    sizeBytes: draw(hash, 52),
    tableId: `${hex8(draw(hash, 53))}-0000-4000-8000-${hex8(draw(hash, 54))}0000`,
    deletionProtection: unit(hash, 55) < 0.3
  })
})
