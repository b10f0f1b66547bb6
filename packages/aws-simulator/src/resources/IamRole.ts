import { draw, hex8, pick } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

/** AWS makes these by itself, with its organization's single sign-on; they cannot be tagged by the account's people. */
const madeByAws: ReadonlyArray<readonly [name: string, service: string, kind?: "aws-reserved"]> = [
  ["AWSServiceRoleForSupport", "support.amazonaws.com"],
  ["AWSServiceRoleForTrustedAdvisor", "trustedadvisor.amazonaws.com"],
  ["AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com"],
  ["AWSReservedSSO_ReadOnlyAccess_0a1b2c3d4e5f6a7b", "sso.amazonaws.com", "aws-reserved"]
]

export const IamRole = TypeModel.make({
  share: 6,
  scope: "global",
  explorer: "iam:role",
  nameTag: false,
  taggable: (index) => index >= madeByAws.length,
  identify: (cell, index, hash) => {
    const linked = madeByAws[index]
    const name = linked?.[0] ?? TypeModel.codedName(cell, index, hash, ["task", "deploy", "execution", "readonly"])
    const path = pathOf(index)
    return { id: name, name, arn: `arn:${cell.partition}:iam::${cell.accountId}:role${path}${name}` }
  },
  locate: (cell, key) => {
    const name = key.slice(key.lastIndexOf("/") + 1)
    const linked = madeByAws.findIndex(([known]) => known === name)
    return linked >= 0 ? linked : TypeModel.locateName(cell, name)
  },
  facts: (_cell, index) =>
    index < madeByAws.length ? { state: "active", mark: "aws-created" } : { state: "active" },
  attributes: (_cell, index, hash) => ({
    path: pathOf(index),
    roleId: `AROA${(hex8(draw(hash, 50)) + hex8(draw(hash, 51))).toUpperCase()}X`,
    trusted: madeByAws[index]?.[1] ??
      pick(hash, 52, ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]),
    maxSessionDuration: 3600
  })
})

const pathOf = (index: number): string => {
  const linked = madeByAws[index]
  return linked === undefined ? "/" : `/${linked[2] ?? "aws-service-role"}/${linked[1]}/`
}
