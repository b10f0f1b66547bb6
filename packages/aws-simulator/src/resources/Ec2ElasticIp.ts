import type { Cell } from "../Cell.ts"
import { draw, hex8 } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

/** The first addresses belong to the first instances; the others are reserved and idle. */
const associatedWith = (cell: Cell, index: number) => {
  const instances = cell.sibling("ec2:instance")
  return instances === undefined || index >= instances.size || instances.stateAt(index) === "terminated"
    ? undefined
    : instances.idAt(index)
}

export const Ec2ElasticIp = TypeModel.make({
  share: 2,
  scope: "regional",
  taggingApi: "ec2:elastic-ip",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = `eipalloc-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: TypeModel.codedName(cell, index, hash, ["egress", "vpn", "web"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:elastic-ip/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: (cell, index, hash) =>
    associatedWith(cell, index) !== undefined
      ? { state: "associated" }
      // Load balancers hold some of their own.
      : draw(hash, 55) % 10 === 0
      ? { state: "idle", mark: "aws-created" }
      : { state: "idle" },
  attributes: (cell, index, hash) => ({
    publicIp: `52.${draw(hash, 50) % 256}.${draw(hash, 51) % 256}.${draw(hash, 52) % 256}`,
    associationId: `eipassoc-0${hex8(draw(hash, 53))}${hex8(draw(hash, 54))}`,
    instanceId: associatedWith(cell, index)
  })
})
