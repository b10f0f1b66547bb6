import { hex8, draw, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const Ec2Snapshot = TypeModel.make({
  share: 16,
  scope: "regional",
  taggingApi: "ec2:snapshot",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = `snap-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: TypeModel.codedName(cell, index, hash, ["nightly", "weekly", "pre-upgrade"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:snapshot/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: () => ({ state: "completed" }),
  attributes: (cell, _index, hash) => {
    const volumes = cell.sibling("ec2:volume")
    return {
      size: pick(hash, 50, [8, 20, 50, 100, 200, 500]),
      encrypted: unit(hash, 51) < 0.7,
      description: pick(hash, 52, ["Created by AWS Backup", "nightly", ""]),
      // Most snapshots outlive their volume.
      volumeId: volumes !== undefined && unit(hash, 53) < 0.4
        ? volumes.idAt(draw(hash, 54) % volumes.size)
        : `vol-0${hex8(draw(hash, 55))}${hex8(draw(hash, 56))}`
    }
  }
})
