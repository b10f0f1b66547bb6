import { draw, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const SqsQueue = TypeModel.make({
  share: 5,
  scope: "regional",
  taggingApi: "sqs:queue",
  nameTag: false,
  identify: (cell, index, hash) => {
    const name = TypeModel.codedName(cell, index, hash, ["jobs", "dead-letters", "events"])
    return { id: name, name, arn: `arn:${cell.partition}:sqs:${cell.region}:${cell.accountId}:${name}` }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "active" }),
  attributes: (_cell, _index, hash) => ({
    visibilityTimeout: pick(hash, 50, [30, 60, 300, 900]),
    retentionSeconds: pick(hash, 51, [345_600, 1_209_600]),
    messages: draw(hash, 52) % 500,
    encrypted: unit(hash, 53) < 0.9
  })
})
