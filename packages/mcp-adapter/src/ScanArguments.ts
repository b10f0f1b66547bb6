/**
 * What callers say of which part of the estate they mean, the same in every
 * tool that scans.
 *
 * @since 0.1.0
 */
import type { ListRequest } from "@cadastre/compliance"
import type { TagPolicy } from "@cadastre/policy"
import * as Schema from "effect/Schema"

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
  "Resource types such as ec2:instance; ec2:* for all of a service; all by default. The resource cadastre://types lists them."
)

/**
 * @category parameters
 * @since 0.1.0
 */
export const filters = Schema.optionalKey(Schema.Struct({
  regions: texts("Region codes or wildcards such as eu-*; all enabled Regions by default."),
  region: texts("The same as regions."),
  account_ids: texts("Accounts of the estate, by 12-digit id or name, * as wildcard; all by default."),
  account_id: texts("The same as account_ids."),
  tags: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Array(Schema.String)).annotate({
      description: "Only resources with all of these tags: a value or a list of values for each key, * for any value."
    })
  )
}).annotate({ description: "Which part of the estate is meant; all of it by default. Counts and scores are of that part." }))

/**
 * @category parameters
 * @since 0.1.0
 */
export const include = Schema.optionalKey(
  Schema.Array(Schema.Literals(["free", "default", "aws-created"])).annotate({
    description: "What is scored although it is left out by default: resources of types that cost nothing, what came " +
      "with the account, what AWS made. None by default."
  })
)

/**
 * @category parameters
 * @since 0.1.0
 */
export const forceRefresh = Schema.optionalKey(
  Schema.Boolean.annotate({
    description: "Scans even where a complete result is known that is at most COMPLIANCE_CACHE_TTL_SECONDS old (an hour, unless " +
      "the server is set otherwise). False by default."
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
