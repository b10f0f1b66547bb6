import { draw, hex8, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

const states = [
  ...Array.from({ length: 44 }, () => "running"),
  "stopped",
  "stopped",
  "stopped",
  "stopped",
  "terminated",
  "terminated"
]

export const Ec2Instance = TypeModel.make({
  share: 18,
  scope: "regional",
  taggingApi: "ec2:instance",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = `i-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: TypeModel.codedName(cell, index, hash, ["web", "api", "worker", "db", "bastion"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:instance/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: (_cell, _index, hash) => {
    const state = pick(hash, 50, states)
    // AWS goes on listing terminated instances for about an hour.
    return state === "terminated" ? { state, mark: "deleted" } : { state }
  },
  attributes: (cell, index, hash) => {
    const { subnetId, zone } = TypeModel.subnetOf(cell, hash)
    const groups = cell.sibling("ec2:security-group")
    const volumes = cell.sibling("ec2:volume")
    const terminated = pick(hash, 50, states) === "terminated"
    const address = `${draw(hash, 51) % 256}.${draw(hash, 52) % 256}.${draw(hash, 53) % 256}`
    const disks = terminated || volumes === undefined
      ? []
      // Volume n is the root disk of instance n, and volume n + count its second disk.
      : [index, index + cell.size]
        .filter((at) => at < volumes.size)
        .map((at, n) => ({ device: n === 0 ? "/dev/xvda" : "/dev/sdf", volumeId: volumes.idAt(at) }))
    return {
      instanceType: pick(hash, 54, ["t3.micro", "t3.medium", "m7g.large", "m7i.xlarge", "c7g.2xlarge", "r7i.4xlarge"]),
      imageId: `ami-0${hex8(draw(cell.placeHash, draw(hash, 55) % 5))}${hex8(cell.placeHash)}`,
      reservationId: `r-0${hex8(draw(hash, 56))}${hex8(draw(hash, 57))}`,
      architecture: unit(hash, 54) < 0.5 ? "x86_64" : "arm64",
      privateIp: `10.${address}`,
      publicIp: unit(hash, 58) < 0.2 ? `54.${address}` : "",
      networkInterfaceId: `eni-0${hex8(draw(hash, 59))}${hex8(draw(hash, 60))}`,
      vpcId: TypeModel.vpcOf(cell),
      subnetId,
      zone,
      securityGroup: groups === undefined
        ? { id: `sg-0${hex8(cell.placeHash)}${hex8(draw(cell.placeHash, 3))}`, name: "default" }
        : groups.nameAndIdAt(draw(hash, 61) % groups.size),
      keyName: unit(hash, 62) < 0.5 ? "operations" : "",
      disks
    }
  }
})
