import { draw, hex8 } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const Ec2NatGateway = TypeModel.make({
  share: 1,
  scope: "regional",
  taggingApi: "ec2:natgateway",
  nameTag: true,
  identify: (cell, index, hash) => {
    const id = `nat-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: TypeModel.codedName(cell, index, hash, ["nat"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:natgateway/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: () => ({ state: "available" }),
  attributes: (cell, _index, hash) => ({
    vpcId: TypeModel.vpcOf(cell),
    subnetId: TypeModel.subnetOf(cell, hash).subnetId,
    publicIp: `18.${draw(hash, 50) % 256}.${draw(hash, 51) % 256}.${draw(hash, 52) % 256}`,
    privateIp: `10.0.${draw(hash, 53) % 256}.${draw(hash, 54) % 256}`,
    allocationId: `eipalloc-0${hex8(draw(hash, 55))}${hex8(draw(hash, 56))}`,
    networkInterfaceId: `eni-0${hex8(draw(hash, 57))}${hex8(draw(hash, 58))}`
  })
})
