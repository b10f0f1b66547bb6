import { base36, draw, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"
import { applicationOf } from "../TagProfile.ts"

export const Route53HostedZone = TypeModel.make({
  share: 1,
  scope: "global",
  taggingApi: "route53:hostedzone",
  nameTag: false,
  identify: (cell, index, hash) => {
    const digits = base36(draw(hash, 3)).slice(-6)
    const id = `Z${digits}${TypeModel.code(cell, index)}`.toUpperCase()
    return {
      id,
      name: `${applicationOf(hash)}-${TypeModel.code(cell, index)}.example.com`,
      arn: `arn:${cell.partition}:route53:::hostedzone/${id}`
    }
  },
  locate: (cell, key) => TypeModel.locateName(cell, key.toLowerCase()),
  // Cloud Map makes a zone for each of its namespaces.
  facts: (_cell, _index, hash) =>
    draw(hash, 52) % 12 === 0 ? { state: "active", mark: "aws-created" } : { state: "active" },
  attributes: (_cell, _index, hash) => ({
    private: unit(hash, 50) < 0.4,
    recordCount: 2 + draw(hash, 51) % 200
  })
})
