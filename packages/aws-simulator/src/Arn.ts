/**
 * Reading ARNs.
 *
 * @since 0.1.0
 */
import type { ResourceType } from "./ResourceType.ts"
import { declarations } from "./types/catalog.ts"

/** ARNs say the type in as many ways as there are services. */
const arnTypes: ReadonlyArray<readonly [service: string, head: string, type: ResourceType]> = [
  ["autoscaling", "autoScalingGroup:", "autoscaling:group"],
  ["dynamodb", "table/", "dynamodb:table"],
  ["ec2", "elastic-ip/", "ec2:elastic-ip"],
  ["ec2", "instance/", "ec2:instance"],
  ["ec2", "natgateway/", "ec2:natgateway"],
  ["ec2", "security-group/", "ec2:security-group"],
  ["ec2", "snapshot/", "ec2:snapshot"],
  ["ec2", "volume/", "ec2:volume"],
  ["ecs", "cluster/", "ecs:cluster"],
  ["iam", "role/", "iam:role"],
  ["lambda", "function:", "lambda:function"],
  ["rds", "db:", "rds:db"],
  ["route53", "hostedzone/", "route53:hosted-zone"],
  ["s3", "", "s3:bucket"],
  ["sns", "", "sns:topic"],
  ["sqs", "", "sqs:queue"]
]

let known: ReadonlyMap<string, ReadonlyArray<readonly [head: string, type: ResourceType]>> | undefined

/** The forms of each service, the longer first: an Application Load Balancer's begins as a Classic one's. */
const formsOf = (service: string) => {
  if (known === undefined) {
    const all = [
      ...arnTypes,
      ...declarations.flatMap(({ arns: [name, ...heads], type }) =>
        heads.map((head) => [name, head, type as ResourceType] as const)
      )
    ]
    const sorted = all.toSorted(([, a], [, b]) => b.length - a.length)
    known = new Map(
      [...Map.groupBy(sorted, ([name]) => name)].map(([name, forms]) =>
        [name, forms.map(([, head, type]) => [head, type] as const)] as const
      )
    )
  }
  return known.get(service) ?? []
}

/** What an ARN says: the type, and the account and Region where it names them. */
export const parse = (
  arn: string
): { readonly type: ResourceType; readonly accountId: string; readonly region: string } | undefined => {
  const [, , service, region = "", accountId = "", ...rest] = arn.split(":")
  const named = rest.join(":")
  const type = formsOf(service ?? "").find(([head]) => named.startsWith(head))?.[1]
  return type === undefined ? undefined : { type, accountId, region }
}
