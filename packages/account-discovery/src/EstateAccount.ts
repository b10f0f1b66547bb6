/**
 * An account of the estate, reached or not.
 *
 * @since 0.1.0
 */
import type { Account } from "@cadastre/client-factory"
import type { AccountId, AwsError, Partition } from "@cadastre/model"

/**
 * - `Reachable`: `account` can be called in, and STS named it
 * - `Unreachable`: it belongs to the estate and cannot be called in; `error` says why
 * - `Unnamed`: e.g. a profile that does not work and whose account nobody can tell
 *
 * `name` is what the organization, the file or the profile calls it.
 *
 * @category models
 * @since 0.1.0
 */
export type EstateAccount =
  | { readonly _tag: "Reachable"; readonly account: Account; readonly name?: string }
  | {
    readonly _tag: "Unreachable"
    readonly accountId: AccountId
    readonly partition: Partition.Partition
    readonly name?: string
    readonly error: AwsError
  }
  | { readonly _tag: "Unnamed"; readonly name: string; readonly error: AwsError }

/**
 * The account's id; `undefined` where nobody can tell it.
 *
 * @category accessors
 * @since 0.1.0
 */
export const idOf = (account: EstateAccount): AccountId | undefined =>
  account._tag === "Reachable" ? account.account.id : account._tag === "Unreachable" ? account.accountId : undefined
