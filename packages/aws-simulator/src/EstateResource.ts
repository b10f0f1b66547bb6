/**
 * One resource of a simulated estate, as it is and as others see it.
 *
 * @since 0.1.0
 */
import type { ResourceType } from "./ResourceType.ts"
import type { AttributesOf } from "./resources/catalog.ts"

/**
 * One resource of the estate as it really is, whatever the API answers say.
 *
 * - `region`: `"global"` for IAM roles and hosted zones; a bucket carries the Region it lives in
 * - `tags`: own properties only, also for a key such as `__proto__`
 * - `mark`: why it is no ordinary resource: made by AWS, came with the VPC, or deleted and still listed
 *
 * @since 0.1.0
 */
export interface EstateResource<T extends ResourceType = ResourceType> {
  readonly arn: string
  readonly id: string
  readonly name: string
  readonly type: T
  readonly accountId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly state: string
  readonly mark?: "aws-created" | "default" | "deleted"
  readonly attributes: AttributesOf<T>
}

/**
 * A resource of the ground truth as JSON.
 *
 * @since 0.1.0
 */
export type Truth = Omit<EstateResource, "createdAt"> & { readonly createdAt: string }

/**
 * Which resources: all that is not named is any.
 *
 * @since 0.1.0
 */
export interface EstateFilter {
  readonly accountId?: string
  readonly region?: string
  readonly type?: ResourceType
}

/** One type in one Region of one account. */
export interface Place<T extends ResourceType = ResourceType> {
  readonly accountId: string
  readonly region: string
  readonly type: T
}

/** A resource as the tagging API knows it. */
export interface TaggingEntry {
  readonly arn: string
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
}
