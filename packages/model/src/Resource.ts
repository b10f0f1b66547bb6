/**
 * One AWS resource, in the one form that every scanner produces.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccountId } from "./AccountId.ts"
import { Location } from "./RegionId.ts"
import { ResourceType } from "./ResourceType.ts"
import { Tags } from "./Tags.ts"

/**
 * Who saw a resource: its own service, the Resource Groups Tagging API, or
 * Resource Explorer.
 *
 * @since 0.1.0
 */
export const Source = Schema.Literals(["service-api", "tagging-api", "resource-explorer"])
/** @since 0.1.0 */
export type Source = typeof Source.Type

/**
 * Why a resource is shown but not scored.
 *
 * - `aws-created`: AWS made it and keeps it (service-linked roles)
 * - `default`: came with the account or the VPC (default security groups)
 * - `deleted`: AWS still lists it although it is gone (terminated instances)
 * - `untaggable`: AWS has no tags for its type, so that none can be missing (launch configurations)
 * - `unconfirmed`: only the tagging API or Resource Explorer tells of it, which list what is gone as well, and no
 *   service was asked or could be asked
 *
 * @since 0.1.0
 */
export const Mark = Schema.Literals(["aws-created", "default", "deleted", "untaggable", "unconfirmed"])
/** @since 0.1.0 */
export type Mark = typeof Mark.Type

/**
 * One AWS resource as one scan saw it. **Its identity is its ARN.**
 *
 * - `region`: the Region where it is, `"global"` for types that have none; an S3 bucket carries
 *   the Region it lives in
 * - `tags`: known tags; the empty record when known to have none; **`null` when they could not be read**
 * - `createdAt`, `observedAt`: ISO 8601, UTC
 * - `state`: the service's own word (`running`, `available`, …)
 * - `attributes`: service-specific, JSON
 * - `marks`: absent for an ordinary resource
 *
 * @since 0.1.0
 */
export const Resource = Schema.Struct({
  arn: Schema.NonEmptyString,
  id: Schema.NonEmptyString,
  name: Schema.optionalKey(Schema.String),
  type: ResourceType,
  service: Schema.NonEmptyString,
  accountId: AccountId,
  region: Location,
  tags: Schema.NullOr(Tags),
  createdAt: Schema.optionalKey(Schema.String),
  state: Schema.optionalKey(Schema.String),
  attributes: Schema.Record(Schema.String, Schema.Json),
  marks: Schema.optionalKey(Schema.NonEmptyArray(Mark)),
  sources: Schema.NonEmptyArray(Source),
  observedAt: Schema.String
})
/** @since 0.1.0 */
export type Resource = typeof Resource.Type
