/**
 * Declares the Describe calls of EC2, which are all alike.
 *
 * @since 0.1.0
 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { refuse } from "../../AwsFault.ts"
import { draw, hashText, hex8 } from "../../Hash.ts"
import { type Item, list } from "../../Listing.ts"
import type { One, Operation } from "../../Operation.ts"
import type { DeclaredType } from "../../ResourceType.ts"
import type { Call } from "../../Service.ts"
import { accepting } from "./Describe.ts"

const sharer = "999900001111"

/** What another account shares with this one, as many as the estate says. */
export const sharedBy = (type: DeclaredType, prefix: string, kind: string) => (call: Call): ReadonlyArray<One> =>
  Array.from({ length: call.estate.shared }, (_, at) => {
    const { partition, region } = call
    const hash = hashText(`${sharer}/${region}/${type}/${at}`, call.estate.seed)
    const id = `${prefix}-0${hex8(hash)}${hex8(draw(hash, 1))}`
    return {
      id,
      name: `shared-${at}`,
      arn: `arn:${partition}:ec2:${region}:${sharer}:${kind}/${id}`,
      type,
      accountId: sharer,
      region,
      tags: { Owner: "network@example.com" },
      createdAt: new Date(Date.UTC(2024, 0, 1)),
      state: "available",
      attributes: { vpcId: `vpc-0${hex8(draw(hash, 2))}${hex8(draw(hash, 3))}`, zone: `${region}a` }
    }
  })

/** What one of them says of itself. */
interface Describing {
  readonly items: string
  /** The member of the input that names single resources. */
  readonly ids: string
  readonly notFound: string
  readonly item: Exclude<Item, string>
  /** Filters besides those by tag and by the id of the VPC. */
  readonly fields?: Readonly<Record<string, (one: One) => string | undefined>>
  /** The sizes of its pages (default 5 to 1,000), or that it has none. */
  readonly pages?: readonly [min: number, max: number] | "none"
  readonly tags?: string
  /** What others share. */
  readonly also?: (call: Call) => ReadonlyArray<One>
  /** Which resources a request is about besides. */
  readonly where?: (input: Readonly<Record<string, unknown>>) => ((one: One) => boolean) | undefined
}

/** By ids, or page by page; everything at once when no page is asked for. */
export const describes = ({ fields, ids, items, notFound, pages, where, ...rest }: Describing): Operation => {
  const all: Readonly<Record<string, (one: One) => string | undefined>> = {
    "vpc-id": (one) => one.attributes["vpcId"],
    "owner-id": (one) => one.accountId,
    state: (one) => one.state,
    ...fields
  }
  const page = pages === "none" ? undefined : {
    size: "MaxResults",
    min: pages?.[0] ?? 5,
    max: pages?.[1] ?? 1000,
    byDefault: Number.MAX_SAFE_INTEGER,
    clamp: true
  }
  return list({
    items,
    tags: "Tags",
    ids,
    missing: [notFound, 400],
    ...(page === undefined ? {} : { page }),
    ...rest,
    where: (input) => {
      if (input[ids] !== undefined && input["MaxResults"] !== undefined) {
        throw refuse(
          "InvalidParameterCombination",
          400,
          `The parameter ${ids} cannot be used with the parameter maxResults`
        )
      }
      const filters = input["Filters"] as ReadonlyArray<Sdk.Filter> | undefined
      const byFilter = accepting(filters, all)
      const also = where?.(input)
      return byFilter === undefined || also === undefined
        ? byFilter ?? also
        : (one) => byFilter(one) && also(one)
    }
  })
}
