/**
 * What an account file says of an account, whatever its format.
 *
 * @since 0.1.0
 */
import { AccountId } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { RoleSettings } from "./AccountSource.ts"

/**
 * One problem of an account file. `column` is absent where it cannot be told.
 *
 * @category errors
 * @since 0.1.0
 */
export const AccountFileIssue = Schema.Struct({
  line: Schema.Int,
  column: Schema.optionalKey(Schema.Int),
  message: Schema.String,
  hint: Schema.optionalKey(Schema.String)
})
/** @since 0.1.0 */
export type AccountFileIssue = typeof AccountFileIssue.Type

/** A text of the file and where it stands. */
export interface Field {
  readonly text: string
  readonly line: number
  readonly column?: number
}

/** One account as the file has it, before it is checked: fields by their name. */
export interface RawEntry {
  readonly line: number
  readonly column?: number
  readonly fields: ReadonlyMap<string, Field>
}

/** What a reader of one format answers. */
export interface RawFile {
  readonly entries: ReadonlyArray<RawEntry>
  readonly issues: ReadonlyArray<AccountFileIssue>
}

/** The fields of an account, under the name that they have in the messages, and what they are checked by. */
export const fields = {
  account_id: [AccountId, "an account id has 12 digits"],
  name: [
    Schema.String.check(Schema.isPattern(/^[^\p{Cc}]{1,256}$/u)),
    "a name has 1 to 256 characters, and no control characters"
  ],
  role_arn: [
    Schema.String.check(Schema.isPattern(/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[!-~]{1,576}$/u)),
    "write it as arn:aws:iam::111122223333:role/Name"
  ],
  role_name: [RoleSettings.fields.roleName.schema, "write the role's name, with its path where it has one"],
  external_id: [
    RoleSettings.fields.externalId.schema,
    "an external id has 2 to 1,224 letters, digits or any of +=,.@:/-"
  ]
} as const

/** The name of a field. */
export type FieldName = keyof typeof fields

/** Other ways to write a field's name, once upper case, spaces and dashes are out of the way. */
const synonyms: Readonly<Record<string, FieldName>> = {
  account: "account_id",
  accountid: "account_id",
  aws_account_id: "account_id",
  id: "account_id",
  account_name: "name",
  alias: "name",
  arn: "role_arn",
  rolearn: "role_arn",
  role: "role_name",
  rolename: "role_name",
  externalid: "external_id"
}

/** The field that a key or a heading of a file means. */
export const fieldNamed = (text: string): FieldName | undefined => {
  const name = text.trim().toLowerCase().replace(/[\s-]+/gu, "_")
  return isField(name) ? name : Object.hasOwn(synonyms, name) ? synonyms[name] : undefined
}

const isField = (name: string): name is FieldName => Object.hasOwn(fields, name)

/** All of them. */
export const fieldNames: ReadonlyArray<string> = Object.keys(fields)

