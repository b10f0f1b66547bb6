/**
 * Files that list accounts.
 *
 * @since 0.1.0
 */
import { readFile } from "node:fs/promises"
import { type AccountId, Arn } from "@cadastre/model"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AccountDocument from "./AccountDocument.ts"
import { AccountFileIssue, type FieldName, fields, type RawEntry } from "./AccountField.ts"
import * as AccountTable from "./AccountTable.ts"

/**
 * An account file that cannot be used: all its problems, by line.
 *
 * @category errors
 * @since 0.1.0
 */
export class AccountFileError extends Schema.TaggedError<AccountFileError>()("AccountFileError", {
  source: Schema.String,
  issues: Schema.NonEmptyArray(AccountFileIssue)
}) {
  /** One line a problem: `source:line:column: what — why or what to do`. */
  override get message(): string {
    return this.issues.map(({ column, hint, line, message }) =>
      `${this.source}:${line}${column === undefined ? "" : `:${column}`}: ${message}${
        hint === undefined ? "" : ` — ${hint}`
      }`
    ).join("\n")
  }
}

/**
 * An account of a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface FileAccount {
  readonly accountId: AccountId
  readonly name?: string
  readonly roleArn?: string
  readonly roleName?: string
  readonly externalId?: string
}

const maxBytes = 1024 * 1024
const maxAccounts = 10_000
/** What is beyond is found when these are repaired. */
const maxIssues = 20

/**
 * Reads the accounts of a file.
 *
 * - `.json`, `.yaml`, `.yml`: a list of account ids or of objects with `account_id` and, where wanted, `name`,
 *   `role_name` or `role_arn`, `external_id`; or an object with such a list under `accounts`
 * - others: one account a line, `id`, name, role ARN and external id separated by commas, semicolons or tabs; the first
 *   line may name the columns; `#` begins a comment
 *
 * Fails with all problems of the file: each with its line, and its column where
 * that can be told. At most 1 MiB and 10,000 accounts; an account may be there once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fn("AccountFile.load")(function*(
  path: string
): Effect.fn.Return<ReadonlyArray<FileAccount>, AccountFileError> {
  const bytes = yield* Effect.tryPromise({
    try: () => readFile(path),
    catch: (cause) => {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
      return problem(path, code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`)
    }
  })
  if (bytes.length > maxBytes) {
    return yield* problem(path, `the file has ${bytes.length} bytes`, "at most 1 MiB is read")
  }
  const text = yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => problem(path, "the file is no UTF-8 text", "save it as UTF-8")
  })
  return yield* parse(text, path)
})

const problem = (source: string, message: string, hint?: string) =>
  new AccountFileError({ source, issues: [{ line: 1, message, ...(hint === undefined ? {} : { hint }) }] })

/**
 * The same for a text; `source` is what to call it in errors, and its ending
 * says the format.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string, source: string): Effect.Effect<ReadonlyArray<FileAccount>, AccountFileError> =>
  Effect.suspend(() => {
    const raw = /\.(?:json|ya?ml)$/iu.test(source) ? AccountDocument.read(text) : AccountTable.read(text)
    const issues = [...raw.issues]
    const accounts: Array<FileAccount> = []
    const lines = new Map<string, number>()
    for (const entry of raw.entries.slice(0, maxAccounts)) {
      const account = decode(entry, issues)
      if (account === undefined) continue
      const before = lines.get(account.accountId)
      if (before !== undefined) {
        const message = `account ${account.accountId} is on line ${before} already`
        issues.push({ ...placeOf(entry), message, hint: "remove one of the two" })
      } else {
        lines.set(account.accountId, entry.line)
        accounts.push(account)
      }
    }
    const beyond = raw.entries[maxAccounts]
    if (beyond !== undefined) {
      const message = `the file has ${raw.entries.length} accounts`
      issues.push({ ...placeOf(beyond), message, hint: "at most 10,000 are read" })
    }
    if (issues.length === 0 && accounts.length === 0) issues.push({ line: 1, message: "the file has no accounts" })
    const inOrder = issues.sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0)).slice(0, maxIssues)
    return Arr.isArrayNonEmpty(inOrder)
      ? Effect.fail(new AccountFileError({ source, issues: inOrder }))
      : Effect.succeed(accounts)
  })

const placeOf = ({ column, line }: { readonly line: number; readonly column?: number }) =>
  column === undefined ? { line } : { line, column }

const decode = (entry: RawEntry, issues: Array<AccountFileIssue>): FileAccount | undefined => {
  const before = issues.length
  const read = <A>(name: FieldName, schema: Schema.Decoder<A>, rule: string): A | undefined => {
    const field = entry.fields.get(name)
    if (field === undefined) return undefined
    const decoded = Schema.decodeUnknownOption(schema)(field.text)
    if (Option.isSome(decoded)) return decoded.value
    const written = field.text.length > 60 ? `${field.text.slice(0, 60)}…` : field.text
    const message = `${JSON.stringify(written)} is no ${name}`
    issues.push({ ...placeOf(field), message, hint: hintOf(name, field.text) ?? rule })
    return undefined
  }
  const accountId = read("account_id", ...fields.account_id)
  const name = read("name", ...fields.name)
  const roleArn = read("role_arn", ...fields.role_arn)
  const roleName = read("role_name", ...fields.role_name)
  const externalId = read("external_id", ...fields.external_id)
  if (!entry.fields.has("account_id")) issues.push({ ...placeOf(entry), message: "the account has no account_id" })
  const owner = roleArn === undefined ? undefined : Option.getOrUndefined(Arn.parse(roleArn))?.accountId
  const arnField = entry.fields.get("role_arn")
  if (arnField !== undefined && owner !== undefined && accountId !== undefined && owner !== accountId) {
    issues.push({ ...placeOf(arnField), message: `the role is account ${owner}'s, not ${accountId}'s` })
  }
  const nameField = entry.fields.get("role_name")
  if (arnField !== undefined && nameField !== undefined) {
    const message = "the account has a role_arn and a role_name"
    issues.push({ ...placeOf(nameField), message, hint: "write one of them" })
  }
  if (accountId === undefined || issues.length > before) return undefined
  return {
    accountId,
    ...(name === undefined ? {} : { name }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(roleName === undefined ? {} : { roleName }),
    ...(externalId === undefined ? {} : { externalId })
  }
}

/** What spreadsheets and YAML do to account ids. */
const hintOf = (name: FieldName, text: string): string | undefined =>
  name !== "account_id"
    ? undefined
    : /^[0-9]{1,11}$/u.test(text)
    ? "an account id has 12 digits; where zeros at the front were lost, write it as text"
    : /^[0-9.,]+e\+?[0-9]+$/iu.test(text)
    ? "a spreadsheet made a number of it: write it as text"
    : undefined
