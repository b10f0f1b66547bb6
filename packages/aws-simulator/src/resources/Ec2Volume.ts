import { draw, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"
import type { Cell } from "../Cell.ts"

/** The instance that a volume is attached to: root disks first, then second disks. */
const attachedTo = (cell: Cell, index: number) => {
  const instances = cell.sibling("ec2:instance")
  if (instances === undefined || index >= 2 * instances.size) return undefined
  const at = index % instances.size
  return instances.stateAt(at) === "terminated"
    ? undefined
    : { instanceId: instances.idAt(at), device: index < instances.size ? "/dev/xvda" : "/dev/sdf" }
}

export const Ec2Volume = TypeModel.make({
  share: 20,
  scope: "regional",
  taggingApi: "ec2:volume",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = `vol-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: TypeModel.codedName(cell, index, hash, ["root", "data", "logs"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:volume/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: (cell, index) => ({ state: attachedTo(cell, index) === undefined ? "available" : "in-use" }),
  attributes: (cell, index, hash) => ({
    size: pick(hash, 50, [8, 20, 50, 100, 200, 500, 1000]),
    volumeType: pick(hash, 51, ["gp3", "gp3", "gp2", "io2", "st1"]),
    iops: 3000,
    throughput: 125,
    encrypted: unit(hash, 52) < 0.7,
    zone: TypeModel.subnetOf(cell, hash).zone,
    snapshotId: unit(hash, 53) < 0.3 ? `snap-0${draw(hash, 54).toString(16).padStart(16, "0")}` : "",
    attachment: attachedTo(cell, index)
  })
})
