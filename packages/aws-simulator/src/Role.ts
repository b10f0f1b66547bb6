/**
 * The roles that may be assumed in an account of a simulated estate.
 *
 * @since 0.1.0
 */

/**
 * A role and who it trusts.
 *
 * - `name`: with its path where it has one, as `audit/ReadOnly`
 * - `externalId`: the trust policy asks for it
 * - `trusts`: ids of the accounts whose principals may assume it (default: any)
 * - `maxSessionDuration`: seconds (default 3600, as in IAM)
 * - `answersFor`: the sessions are another account's: what a stand-in or a proxy does that mixes accounts up
 *
 * @since 0.1.0
 */
export interface RoleOptions {
  readonly name: string
  readonly externalId?: string
  readonly trusts?: ReadonlyArray<string>
  readonly maxSessionDuration?: number
  readonly answersFor?: string
}

/** The role with a name and path, or `undefined`: accounts that are not named have whatever role is asked for. */
export const roleOf = (
  roles: Readonly<Record<string, ReadonlyArray<RoleOptions>>>,
  accountId: string,
  name: string
): RoleOptions | undefined =>
  Object.hasOwn(roles, accountId) ? roles[accountId]?.find((role) => role.name === name) : { name }
