/**
 * An account that the estate is said to have, before it is reached.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import type { AccountId, AwsError, Partition } from "@cadastre/model"
import type * as Effect from "effect/Effect"

/**
 * `reach` enters the account; each time anew.
 *
 * @category models
 * @since 0.1.0
 */
export interface Candidate {
  readonly accountId: AccountId
  readonly partition: Partition.Partition
  readonly name?: string
  readonly reach: Effect.Effect<Account, AwsError>
}

/**
 * An account that the estate has and that is not looked at, and why.
 *
 * @category models
 * @since 0.1.0
 */
export interface LeftOut {
  readonly accountId: AccountId
  readonly name?: string
  readonly why: string
}

/**
 * What a source of accounts answers. `warnings` are for people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Candidates {
  readonly accounts: ReadonlyArray<Candidate>
  readonly leftOut: ReadonlyArray<LeftOut>
  readonly warnings: ReadonlyArray<string>
}
