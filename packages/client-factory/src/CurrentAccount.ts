/** @since 0.1.0 */
import type { AccountId, Partition } from "@cadastre/model"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import * as Context from "effect/Context"

/**
 * An account that we can call AWS in.
 *
 * - `arn`: the principal that we are there, as STS names it
 * - `credentials`: memoised, so that a thousand clients ask for them once; refreshed before they
 *   expire; asked with `{ forceRefresh: true }` it gets new ones
 * - `profile`: the profile of the shared configuration files whose endpoints and certificates its calls use, where
 *   that is not the one in use
 *
 * @category models
 * @since 0.1.0
 */
export interface Account {
  readonly id: AccountId
  readonly partition: Partition.Partition
  readonly arn: string
  readonly credentials: AwsCredentialIdentityProvider
  readonly profile?: string
}

/**
 * The account that the current call is made in.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentAccount extends Context.Service<CurrentAccount, Account>()(
  "@cadastre/client-factory/CurrentAccount"
) {}
