/**
 * Declares the Describe calls of EC2, which are all alike.
 *
 * @since 0.1.0
 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { refuse } from "../../AwsFault.ts"
import type { EstateResource } from "../../Estate.ts"
import { type Item, list, type One, type Operation } from "../../Operation.ts"
import { accepting } from "./Describe.ts"

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
  /** Which resources a request is about besides. */
  readonly where?: (input: Readonly<Record<string, unknown>>) => ((one: One) => boolean) | undefined
}

/** By ids, or page by page; everything at once when no page is asked for. */
export const describes = ({ fields, ids, items, notFound, pages, where, ...rest }: Describing): Operation => {
  const all: Readonly<Record<string, (one: EstateResource) => string | undefined>> = {
    "vpc-id": (one: One) => one.attributes.vpcId,
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
        : (one) => byFilter(one as EstateResource) && also(one)
    }
  })
}
