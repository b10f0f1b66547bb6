/**
 * What callers say of which part of the estate they mean, the same in every
 * tool that scans.
 *
 * @since 0.1.0
 */
import type { ListRequest } from "@cadastre/compliance"
import type { TagPolicy } from "@cadastre/policy"
import * as Schema from "effect/Schema"
import { unlisted } from "./Arguments.ts"

/**
 * A parameter that takes texts; one is as good as a list.
 *
 * @category parameters
 * @since 0.1.0
 */
export const texts = (description: string) =>
  Schema.optionalKey(Schema.Array(Schema.String).annotate({ description }))

/**
 * @category parameters
 * @since 0.1.0
 */
export const resourceTypes = texts(
  "Such as ec2:instance or ec2:*; all by default. cadastre://types lists them."
)

/** Taken, as other servers name it so, and not told of. */
const hidden = Schema.optionalKey(Schema.Array(Schema.String).annotate({ description: unlisted }))

/**
 * @category parameters
 * @since 0.1.0
 */
export const filters = Schema.optionalKey(Schema.Struct({
  regions: texts("Codes or wildcards such as eu-*; all enabled Regions by default."),
  region: hidden,
  account_ids: texts("12-digit ids or names, * as wildcard; all by default."),
  account_id: hidden,
  tags: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Array(Schema.String)).annotate({
      description: "Only resources with all of these: values for each key, * for any."
    })
  )
}).annotate({ description: "Counts and scores are of this part of the estate." }))

/**
 * @category parameters
 * @since 0.1.0
 */
export const include = Schema.optionalKey(
  Schema.Array(Schema.Literals(["free", "default", "aws-created"])).annotate({
    description: "Scores also types that cost nothing, what came with the account, what AWS made."
  })
)

/**
 * @category parameters
 * @since 0.1.0
 */
export const forceRefresh = Schema.optionalKey(
  Schema.Boolean.annotate({
    description: "Scans even where a fresh complete result is known (of the last hour, unless the server is set otherwise); false by default."
  })
)

/**
 * The request that the parameters make.
 *
 * @category constructors
 * @since 0.1.0
 */
export const requestOf = (policy: TagPolicy, args: {
  readonly resource_types?: typeof resourceTypes.Type
  readonly regions?: typeof resourceTypes.Type
  readonly filters?: typeof filters.Type
  readonly include?: typeof include.Type
  readonly force_refresh?: boolean
}): ListRequest => {
  const { account_id = [], account_ids = [], region = [], regions = [], tags = {} } = args.filters ?? {}
  return {
    policy,
    types: args.resource_types ?? [],
    regions: [...args.regions ?? [], ...region, ...regions].filter(isNarrower),
    accounts: [...account_id, ...account_ids].filter(isNarrower),
    tags: Object.entries(tags).map(([key, values]) => ({ key, values: values.includes("*") ? [] : values })),
    ...(args.include === undefined ? {} : { include: args.include }),
    forceRefresh: args.force_refresh ?? false
  }
}

const isNarrower = (name: string): boolean => name.trim().toLowerCase() !== "all"
