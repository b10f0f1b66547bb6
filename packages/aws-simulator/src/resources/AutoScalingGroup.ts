import { draw, hex8, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const AutoScalingGroup = TypeModel.make({
  share: 2,
  scope: "regional",
  explorer: "autoscaling:autoScalingGroup",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = TypeModel.codedName(cell, index, hash, ["workers", "web", "nodes"])
    const uuid = `${hex8(draw(hash, 3))}-${hex8(draw(hash, 4)).slice(4)}-4${hex8(draw(hash, 5)).slice(5)}-a${
      hex8(draw(hash, 6)).slice(5)
    }-${hex8(draw(hash, 7))}${hex8(draw(hash, 8)).slice(4)}`
    return {
      id,
      name: id,
      arn: `arn:${cell.partition}:autoscaling:${cell.region}:${cell.accountId}:autoScalingGroup:${uuid}:` +
        `autoScalingGroupName/${id}`
    }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "active" }),
  attributes: (cell, _index, hash) => ({
    minSize: draw(hash, 50) % 3,
    maxSize: 3 + draw(hash, 51) % 20,
    desiredCapacity: draw(hash, 52) % 4,
    launchTemplateId: `lt-0${hex8(draw(hash, 53))}${hex8(draw(hash, 54))}`,
    subnetId: TypeModel.subnetOf(cell, hash).subnetId,
    zone: TypeModel.subnetOf(cell, hash).zone,
    propagate: unit(hash, 55) < 0.8
  })
})
