import { draw, hex8, pick } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

/** Every account gets these by itself; they cannot be tagged by its people. */
const serviceLinked: ReadonlyArray<readonly [name: string, service: string]> = [
  ["AWSServiceRoleForSupport", "support.amazonaws.com"],
  ["AWSServiceRoleForTrustedAdvisor", "trustedadvisor.amazonaws.com"],
  ["AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com"],
  ["AWSServiceRoleForRDS", "rds.amazonaws.com"]
]

export const IamRole = TypeModel.make({
  share: 6,
  scope: "global",
  explorer: "iam:role",
  nameTag: false,
  taggable: (index) => index >= serviceLinked.length,
  identify: (cell, index, hash) => {
    const linked = serviceLinked[index]
    const name = linked?.[0] ?? TypeModel.codedName(cell, index, hash, ["task", "deploy", "execution", "readonly"])
    const path = pathOf(index)
    return { id: name, name, arn: `arn:${cell.partition}:iam::${cell.accountId}:role${path}${name}` }
  },
  locate: (cell, key) => {
    const name = key.slice(key.lastIndexOf("/") + 1)
    const linked = serviceLinked.findIndex(([known]) => known === name)
    return linked >= 0 ? linked : TypeModel.locateName(cell, name)
  },
  facts: (_cell, index) =>
    index < serviceLinked.length ? { state: "active", mark: "aws-created" } : { state: "active" },
  attributes: (_cell, index, hash) => ({
    path: pathOf(index),
    roleId: `AROA${(hex8(draw(hash, 50)) + hex8(draw(hash, 51))).toUpperCase()}X`,
    trusted: serviceLinked[index]?.[1] ??
      pick(hash, 52, ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]),
    maxSessionDuration: 3600
  })
})

const pathOf = (index: number): string => {
  const linked = serviceLinked[index]
  return linked === undefined ? "/" : `/aws-service-role/${linked[1]}/`
}
