/** Where the accounts of a command come from: what its flags come to. */
import { readFile } from "node:fs/promises"
import { RoleSettings, type Source } from "@cadastre/account-discovery"
import { AccountId } from "@cadastre/model"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AccountScope } from "./AccountFlags.ts"
import { ExitCode, Failure } from "./Failure.ts"

/** Where the accounts come from, and which of them are asked for. */
export interface AccountChoice {
  readonly source: Source
  readonly patterns: ReadonlyArray<string>
}

const usage = (message: string) => new Failure({ exitCode: ExitCode.usage, message })

/** Reads the flags; fails where they contradict each other, or would mean nothing. */
export const sourceOf = Effect.fnUntraced(function*(
  flags: AccountScope & { readonly profile?: Option.Option<string> }
): Effect.fn.Return<AccountChoice, Failure> {
  const sources = [
    ...(flags.org ? ["--org"] : []),
    ...(Option.isSome(flags.accountsFile) ? ["--accounts-file"] : []),
    ...(flags.profiles.length > 0 ? ["--profiles"] : [])
  ]
  if (sources.length > 1) {
    return yield* usage(`${sources.join(" and ")} each say where the accounts come from: use one of them`)
  }
  if (flags.ou.length > 0 && !flags.org) {
    return yield* usage("--ou chooses among the units of an organization: add --org")
  }
  const entering = [
    ...(Option.isSome(flags.roleName) ? ["--role-name"] : []),
    ...(Option.isSome(flags.externalId) ? ["--external-id"] : []),
    ...(Option.isSome(flags.sessionPolicy) ? ["--session-policy"] : []),
    ...(Option.isSome(flags.roleDuration) ? ["--role-duration"] : [])
  ]
  if (flags.profiles.length > 0) {
    if (entering.length > 0) {
      return yield* usage(`${entering[0]} has no meaning with --profiles: profiles say themselves how they are entered`)
    }
    if (flags.profile !== undefined && Option.isSome(flags.profile)) {
      return yield* usage("--profile and --profiles contradict each other: --profiles alone names all that are used")
    }
    const [first = "", ...others] = flags.profiles
    return { source: { _tag: "Profiles", names: [first, ...others] }, patterns: flags.accounts }
  }
  const role = yield* roleOf(flags)
  const entered = entering.length === 0 ? {} : { role }
  if (flags.org) {
    const exclude = flags.ou.filter((unit) => unit.startsWith("!")).map((unit) => unit.slice(1))
    const include = flags.ou.filter((unit) => !unit.startsWith("!"))
    return { source: { _tag: "Organization", include, exclude, ...entered }, patterns: flags.accounts }
  }
  if (Option.isSome(flags.accountsFile)) {
    return { source: { _tag: "File", path: flags.accountsFile.value, ...entered }, patterns: flags.accounts }
  }
  if (entering.length === 0) return { source: { _tag: "Current" }, patterns: flags.accounts }
  if (Option.isNone(flags.roleName)) {
    const message = "says how accounts are entered: add --org, --accounts-file, or --accounts with --role-name"
    return yield* usage(`${entering[0]} ${message}`)
  }
  const chosen: Array<AccountId> = []
  for (const id of flags.accounts) {
    const decoded = Schema.decodeUnknownOption(AccountId)(id)
    if (Option.isNone(decoded)) {
      return yield* usage(`--accounts with --role-name lists account ids of 12 digits, and "${id}" is none`)
    }
    chosen.push(decoded.value)
  }
  return Arr.isArrayNonEmpty(chosen)
    ? { source: { _tag: "List", accounts: chosen, ...entered }, patterns: [] }
    : yield* usage("--role-name says how accounts are entered: name them with --accounts, --accounts-file or --org")
})

const roleOf = Effect.fnUntraced(function*(flags: AccountScope): Effect.fn.Return<RoleSettings, Failure> {
  const { fields } = RoleSettings
  const expected = {
    roleName: "a role's name, with its path where it has one",
    externalId: "2 to 1224 letters, digits or any of +=,.@:/-",
    duration: "seconds from 900 to 43200"
  }
  const roleName = yield* checked("--role-name", flags.roleName, fields.roleName.schema, expected.roleName)
  const externalId = yield* checked("--external-id", flags.externalId, fields.externalId.schema, expected.externalId)
  const seconds = fields.durationSeconds.schema
  const durationSeconds = yield* checked("--role-duration", flags.roleDuration, seconds, expected.duration)
  const sessionPolicy = Option.isNone(flags.sessionPolicy) ? undefined : yield* policyIn(flags.sessionPolicy.value)
  return {
    ...(roleName === undefined ? {} : { roleName }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(sessionPolicy === undefined ? {} : { sessionPolicy })
  }
})

const checked = <A>(
  flag: string,
  value: Option.Option<unknown>,
  schema: Schema.Decoder<A>,
  expected: string
): Effect.Effect<A | undefined, Failure> =>
  Option.isNone(value) ? Effect.undefined : Effect.mapError(
    Schema.decodeUnknownEffect(schema)(value.value),
    // An external id is shared with few: it is not repeated.
    () => {
      const given = flag === "--external-id" ? "cannot be used" : `is "${String(value.value)}"`
      return usage(`${flag} ${given}: write ${expected}`)
    }
  )

const policyIn = (path: string): Effect.Effect<string, Failure> =>
  Effect.tryPromise({
    try: async () => JSON.stringify(JSON.parse(await readFile(path, "utf8"))),
    catch: (cause) =>
      usage(
        cause instanceof SyntaxError
          ? `--session-policy names ${path}, which is no JSON: ${cause.message}`
          : `--session-policy names ${path}, which cannot be read: ${
            cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
          }`
      )
  })
