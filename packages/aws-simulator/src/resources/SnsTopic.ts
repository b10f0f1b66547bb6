import * as TypeModel from "../TypeModel.ts"

export const SnsTopic = TypeModel.make({
  share: 4,
  scope: "regional",
  taggingApi: "sns:topic",
  nameTag: false,
  identify: (cell, index, hash) => {
    const name = TypeModel.codedName(cell, index, hash, ["events", "alerts", "orders"])
    const arn = `arn:${cell.partition}:sns:${cell.region}:${cell.accountId}:${name}`
    return { id: name, name, arn }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "active" }),
  attributes: () => ({})
})
