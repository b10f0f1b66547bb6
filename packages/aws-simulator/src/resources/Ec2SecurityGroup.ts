import { pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const Ec2SecurityGroup = TypeModel.make({
  share: 10,
  scope: "regional",
  taggingApi: "ec2:security-group",
  nameTag: true,
  // The default group comes with the VPC; nobody tags it.
  taggable: (index) => index > 0,
  identify: (cell, index, hash) => {
    const id = `sg-${TypeModel.longId(cell, index, hash)}`
    return {
      id,
      name: index === 0 ? "default" : TypeModel.codedName(cell, index, hash, ["web", "internal", "db"]),
      arn: `arn:${cell.partition}:ec2:${cell.region}:${cell.accountId}:security-group/${id}`
    }
  },
  locate: TypeModel.locateLongId,
  facts: (_cell, index) => index === 0 ? { state: "available", mark: "default" } : { state: "available" },
  attributes: (cell, index, hash) => ({
    vpcId: TypeModel.vpcOf(cell),
    description: index === 0 ? "default VPC security group" : "Managed by Terraform",
    ports: pick(hash, 50, [[443], [80, 443], [5432], [22, 443]]),
    cidr: unit(hash, 51) < 0.2 ? "0.0.0.0/0" : "10.0.0.0/8"
  })
})
