/** The flags that say which accounts the estate has, and how they are entered: shared by all commands that scan. */
import * as Flag from "effect/cli/Flag"
import type * as Option from "effect/Option"
import { list } from "./EstateFlags.ts"

const ids = list("accounts").pipe(
  Flag.withDescription("Accounts by id or name, also prod-* or !sandbox; with --role-name: ids to enter")
)

const file = Flag.String("accounts-file").pipe(
  Flag.optional,
  Flag.withDescription("A JSON, YAML, CSV or text file of the accounts")
)

const profiles = list("profiles").pipe(
  Flag.withDescription("Accounts of these profiles of the AWS configuration files; * for all of them")
)

const organization = Flag.Boolean("org").pipe(
  Flag.withDefault(false),
  Flag.withDescription("All active accounts of AWS Organizations")
)

const units = list("ou").pipe(
  Flag.withDescription("With --org: only these organizational units (ou-… or /Prod/Web), or all but !/Sandbox")
)

const roleName = Flag.String("role-name").pipe(
  Flag.optional,
  Flag.withDescription("The role to enter accounts with (OrganizationAccountAccessRole by default)")
)

const externalId = Flag.String("external-id").pipe(
  Flag.optional,
  Flag.withDescription("The external id that the role asks for")
)

const sessionPolicy = Flag.String("session-policy").pipe(
  Flag.optional,
  Flag.withDescription("A JSON file of a policy that the sessions are confined to, besides the role's own")
)

const roleDuration = Flag.Int("role-duration").pipe(
  Flag.optional,
  Flag.withDescription("How long a session lasts before it is renewed: seconds from 900 to 43200")
)

/** Which accounts, and how they are entered. */
export const accounts = {
  accounts: ids,
  accountsFile: file,
  profiles,
  org: organization,
  ou: units,
  roleName,
  externalId,
  sessionPolicy,
  roleDuration
}

/** What {@link accounts} parses to. */
export interface AccountScope {
  readonly accounts: ReadonlyArray<string>
  readonly accountsFile: Option.Option<string>
  readonly profiles: ReadonlyArray<string>
  readonly org: boolean
  readonly ou: ReadonlyArray<string>
  readonly roleName: Option.Option<string>
  readonly externalId: Option.Option<string>
  readonly sessionPolicy: Option.Option<string>
  readonly roleDuration: Option.Option<number>
}
