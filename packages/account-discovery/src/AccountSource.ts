/**
 * Where the accounts of the estate come from.
 *
 * @since 0.1.0
 */
import { AccountId } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"

/**
 * How each account is entered: by AssumeRole from the credentials in use.
 *
 * - `roleName`: with its path where it has one, as `audit/ReadOnly`; `OrganizationAccountAccessRole` by default
 * - `externalId`: what the role's trust policy may ask for
 * - `sessionName`: what CloudTrail shows; `cadastre` by default
 * - `durationSeconds`: how long a session lasts before it is renewed, 900–43200; 3600 by default
 * - `sessionPolicy`: JSON text of a policy that the session is confined to, besides the role's own
 * - `policyArns`: managed policies that do the same, at most 10
 *
 * @category models
 * @since 0.1.0
 */
export const RoleSettings = Schema.Struct({
  roleName: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^(?:[!-.0-~]+\/)*[\w+=,.@-]{1,64}$/u))),
  externalId: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[\w+=,.@:/-]{2,1224}$/u))),
  sessionName: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[\w+=,.@-]{2,64}$/u))),
  durationSeconds: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 900, maximum: 43_200 }))),
  sessionPolicy: Schema.optionalKey(Schema.String),
  policyArns: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(10)))
})
/** @since 0.1.0 */
export type RoleSettings = typeof RoleSettings.Type

/**
 * The role that AWS Organizations makes in the accounts that it creates.
 *
 * @category models
 * @since 0.1.0
 */
export const defaultRoleName = "OrganizationAccountAccessRole"

/**
 * - `Current`: the account of the credentials in use
 * - `List`: accounts by id. The account of the credentials itself is used as it is, without AssumeRole, unless
 *   `assumeOwn` asks for it
 * - `File`: a JSON, YAML, CSV or plain text file of accounts, see `AccountFile`
 * - `Profiles`: of the shared AWS configuration files, by name; `*` stands for any run of characters
 * - `Organization`: the active accounts of AWS Organizations. `include` and `exclude` name organizational units by id
 *   (`ou-…`, `r-…`) or path (`/Prod/Web`), with all that is below them; `tags` keeps accounts that have each of the
 *   keys, with one of its values where it lists any. The account of the credentials itself is used as it is
 *
 * @category models
 * @since 0.1.0
 */
export const Source = Schema.TaggedUnion({
  Current: {},
  List: {
    accounts: Schema.NonEmptyArray(AccountId),
    role: Schema.optionalKey(RoleSettings),
    assumeOwn: Schema.optionalKey(Schema.Boolean)
  },
  File: { path: Schema.String, role: Schema.optionalKey(RoleSettings) },
  Profiles: { names: Schema.NonEmptyArray(Schema.String) },
  Organization: {
    include: Schema.optionalKey(Schema.Array(Schema.String)),
    exclude: Schema.optionalKey(Schema.Array(Schema.String)),
    tags: Schema.optionalKey(
      Schema.Array(Schema.Struct({ key: Schema.String, values: Schema.Array(Schema.String) }))
    ),
    role: Schema.optionalKey(RoleSettings)
  }
})
/** @since 0.1.0 */
export type Source = typeof Source.Type

/**
 * The source in use: by default the account of the credentials in use, alone.
 *
 * @category configuration
 * @since 0.1.0
 */
export class AccountSource extends Context.Reference<Source>("@cadastre/account-discovery/AccountSource", {
  defaultValue: (): Source => ({ _tag: "Current" })
}) {}
