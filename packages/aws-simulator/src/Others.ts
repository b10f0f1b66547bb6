/**
 * Resources of services that the simulator does not have: nobody lists them but the tagging API and Resource Explorer.
 *
 * @since 0.1.0
 */
import { draw, hashText, hex8 } from "./Hash.ts"
import type { Partition } from "./Region.ts"
import { type TagProfile, tagsOf } from "./TagProfile.ts"

/**
 * One of them.
 *
 * - `kind`: what the tagging API and Resource Explorer call its type
 * - `region`: `global` for what is listed at home
 *
 * @since 0.1.0
 */
export interface OtherResource {
  readonly arn: string
  readonly kind: string
  readonly accountId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
}

const kinds: ReadonlyArray<readonly [kind: string, service: string, head: string, scope?: "global"]> = [
  ["apigateway:restapis/stages", "apigateway", "/restapis/"],
  ["appsync:apis", "appsync", "apis/"],
  ["iam:instance-profile", "iam", "instance-profile/", "global"],
  ["lightsail:Instance", "lightsail", "Instance/"],
  ["transfer:server", "transfer", "server/s-"],
  ["workspaces:workspace", "workspaces", "workspace/ws-"]
]

/** What they are drawn from. */
interface Source {
  readonly seed: number
  readonly count: number
  readonly profile: TagProfile
  readonly partitionOf: (accountId: string) => Partition
}

/** Those of one account in one Region, or those without one (`global`): so many of each kind. */
export const of = ({ count, partitionOf, profile, seed }: Source, accountId: string, region: string) =>
  kinds.filter(([, , , scope]) => (scope === "global") === (region === "global")).flatMap(([kind, service, head]) => {
    const place = hashText(`${accountId}/${region}/${kind}`, seed)
    return Array.from({ length: count }, (_, index): OtherResource => {
      const hash = draw(place, index)
      const id = `${hex8(hash)}${hex8(draw(hash, 1))}`
      const named = kind === "apigateway:restapis/stages" ? `${head}${id}/stages/prod` : `${head}${id}`
      // API Gateway's ARNs name no account.
      const owner = service === "apigateway" ? "" : accountId
      const arn = `arn:${partitionOf(accountId)}:${service}:${region === "global" ? "" : region}:${owner}:${named}`
      return { arn, kind, accountId, region, tags: Object.fromEntries(tagsOf(hash, profile, place)) }
    })
  })
