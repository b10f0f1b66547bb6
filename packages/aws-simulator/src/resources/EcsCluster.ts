import { draw, pick } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const EcsCluster = TypeModel.make({
  share: 1.5,
  scope: "regional",
  taggingApi: "ecs:cluster",
  nameTag: false,
  identify: (cell, index, hash) => {
    const name = TypeModel.codedName(cell, index, hash, ["cluster", "fargate"])
    return { id: name, name, arn: `arn:${cell.partition}:ecs:${cell.region}:${cell.accountId}:cluster/${name}` }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "ACTIVE" }),
  attributes: (_cell, _index, hash) => ({
    runningTasks: draw(hash, 50) % 40,
    activeServices: draw(hash, 51) % 12,
    containerInstances: draw(hash, 52) % 8,
    containerInsights: pick(hash, 53, ["enabled", "disabled"])
  })
})
