/**
 * The accounts of the estate, each reached and verified.
 *
 * @since 0.1.0
 */
import { type Account, Accounts, Aws, type AssumedRole, defaultRegion } from "@cadastre/client-factory"
import { AwsError, Partition, Setting, Unexpected } from "@cadastre/model"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AccountFile from "./AccountFile.ts"
import { type AccountFilterError, choose } from "./AccountFilter.ts"
import { AccountSource, defaultRoleName, type RoleSettings, type Source } from "./AccountSource.ts"
import type { Candidate, Candidates, LeftOut } from "./Candidate.ts"
import { type EstateAccount, idOf } from "./EstateAccount.ts"
import * as OrganizationAccounts from "./OrganizationAccounts.ts"
import * as ProfileAccounts from "./ProfileAccounts.ts"
import * as Remembered from "./Remembered.ts"

/**
 * Why it is not known which accounts there are.
 *
 * @category errors
 * @since 0.1.0
 */
export type EstateError = AwsError | AccountFilterError | AccountFile.AccountFileError

/**
 * Where the accounts come from is what {@link AccountSource} says when the layer
 * is built. They are entered in parallel, and one that cannot be entered is told
 * as that: it stops none of the others.
 *
 * What was found is remembered for as long as the layer lives; what failed is
 * asked again.
 *
 * @category services
 * @since 0.1.0
 */
export class Estate extends Context.Service<Estate, {
  /**
   * The accounts of the estate, or those that patterns choose: ids and names,
   * with `*` for any run of characters and `!` to leave out. Only those are
   * entered.
   *
   * Fails when it is not known which accounts there are: the source is refused
   * or wrong, a pattern matches nothing, or the own credentials do not work.
   */
  readonly accounts: (patterns?: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<EstateAccount>, EstateError>
  /** Accounts that the source has and that are not looked at (they are closed, say), and what people should know of. */
  readonly notes: Effect.Effect<
    { readonly leftOut: ReadonlyArray<LeftOut>; readonly warnings: ReadonlyArray<string> },
    EstateError
  >
}>()("@cadastre/account-discovery/Estate") {
  /** Reads `MAX_CONCURRENT_ACCOUNTS`: accounts entered at once, 5 (1–64). */
  static readonly layerNoDeps = Layer.effect(
    Estate,
    Effect.gen(function*() {
      const accounts = yield* Accounts
      const aws = yield* Aws.Aws
      const source = yield* AccountSource
      const scope = yield* Effect.scope
      const partition = Partition.ofRegion(yield* defaultRegion)
      const concurrency = yield* Setting.number("MAX_CONCURRENT_ACCOUNTS", 5, { minimum: 1, maximum: 64 })
      const entered = new Map<string, Effect.Effect<Account, AwsError>>()

      /** One session for each account and role, however often the estate is asked for. */
      const once = (key: string, enter: Effect.Effect<Account, AwsError>): Effect.Effect<Account, AwsError> => {
        const known = entered.get(key)
        if (known !== undefined) return known
        const made = Remembered.make(enter, scope)
        entered.set(key, made)
        return made
      }

      const candidates = Remembered.make(
        listed(source, accounts).pipe(Effect.provideService(Aws.Aws, aws), Effect.tap(warn)),
        scope
      )

      const enter = (candidate: Candidate): Effect.Effect<EstateAccount> => {
        const { accountId, name, partition } = candidate
        const named = name === undefined ? {} : { name }
        return Effect.match(caught(once(accountId, candidate.reach)), {
          onSuccess: (account): EstateAccount => ({ _tag: "Reachable", account, ...named }),
          onFailure: (error): EstateAccount => ({ _tag: "Unreachable", accountId, partition, error, ...named })
        })
      }

      const ofProfiles = (names: ReadonlyArray<string>) =>
        Effect.flatMap(ProfileAccounts.named(names), (chosen) => {
          const enterBy = (name: string) => caught(once(name, accounts.profile(name)))
          return ProfileAccounts.reach(chosen, enterBy, { concurrency, partition })
        })

      return Estate.of({
        accounts: Effect.fn("Estate.accounts")(function*(patterns = []) {
          if (source._tag === "Profiles") {
            // Whose a profile is is known when it has been entered.
            const found = yield* ofProfiles(source.names)
            for (const warning of found.warnings) yield* Effect.logWarning(warning)
            return yield* choose(found.accounts, patterns, (account) => labelsOf(idOf(account), account.name))
          }
          const all = (yield* candidates).accounts
          const chosen = yield* choose(all, patterns, ({ accountId, name }) => labelsOf(accountId, name))
          return yield* Effect.forEach(chosen, enter, { concurrency })
        }),
        notes: source._tag === "Profiles"
          ? Effect.map(ofProfiles(source.names), ({ warnings }) => ({ leftOut: [], warnings }))
          : Effect.map(candidates, ({ leftOut, warnings }) => ({ leftOut, warnings }))
      })
    })
  )
}

const labelsOf = (id: string | undefined, name: string | undefined): ReadonlyArray<string> =>
  [id, name].filter((label) => label !== undefined)

/** A defect on the way to one account is that account's, too. */
const caught = (enter: Effect.Effect<Account, AwsError>): Effect.Effect<Account, AwsError> =>
  Effect.catchDefect(enter, (defect) =>
    Effect.fail(
      new AwsError({
        operation: "sts:AssumeRole",
        region: "global",
        reason: new Unexpected({ message: Cause.pretty(Cause.die(defect)), code: "Defect", status: 0 })
      })
    ))

const warn = ({ leftOut, warnings }: Candidates): Effect.Effect<void> => {
  const closed = leftOut.map(({ accountId, why }) => `Account ${accountId} is left out: ${why}`)
  return Effect.forEach([...closed, ...warnings], (text) => Effect.logWarning(text), { discard: true })
}

/** What the source says; nothing is entered but the own account. */
const listed = Effect.fnUntraced(function*(
  source: Source,
  accounts: Accounts["Service"]
): Effect.fn.Return<Candidates, EstateError, Aws.Aws> {
  if (source._tag === "File") {
    // A file that is wrong is told before anybody is asked anything.
    const rows = yield* AccountFile.load(source.path)
    const own = yield* accounts.current
    return only(rows.map((row) => {
      const { accountId, externalId, name, roleArn, roleName } = row
      const isSaid = roleArn !== undefined || roleName !== undefined
      const role: AssumedRole = {
        ...roleOf(accountId, source.role),
        ...(externalId === undefined ? {} : { externalId }),
        ...(roleName === undefined ? {} : { roleName }),
        ...(roleArn === undefined ? {} : { roleArn })
      }
      return candidate(own, role, accounts, { name, direct: !isSaid })
    }))
  }
  const own = yield* accounts.current
  switch (source._tag) {
    case "Current":
    case "Profiles":
      return only([{ accountId: own.id, partition: own.partition, reach: Effect.succeed(own) }])
    case "List":
      return only([...new Set(source.accounts)].map((accountId) =>
        candidate(own, roleOf(accountId, source.role), accounts, { direct: source.assumeOwn !== true })))
    case "Organization": {
      const { accounts: active, leftOut, management } = yield* OrganizationAccounts.list(source, own)
      const found = active.map(({ accountId, name }) =>
        candidate(own, roleOf(accountId, source.role), accounts, { name, direct: true }))
      const isElsewhere = management !== undefined && management !== own.id &&
        source.role?.roleName === undefined && active.some(({ accountId }) => accountId === management)
      const warnings = isElsewhere
        ? [`Account ${management} is the management account, which has no ${defaultRoleName} unless somebody made one`]
        : []
      return { accounts: found, leftOut, warnings }
    }
  }
})

const only = (accounts: ReadonlyArray<Candidate>): Candidates => ({ accounts, leftOut: [], warnings: [] })

const roleOf = (accountId: AssumedRole["accountId"], settings: RoleSettings = {}): AssumedRole => ({
  roleName: defaultRoleName,
  ...settings,
  accountId
})

/** Nobody needs a role to enter where they are: `direct` says that this counts. */
const candidate = (
  own: Account,
  role: AssumedRole,
  accounts: Accounts["Service"],
  { direct, name }: { readonly direct: boolean; readonly name?: string | undefined }
): Candidate => ({
  accountId: role.accountId,
  partition: own.partition,
  ...(name === undefined ? {} : { name }),
  reach: direct && role.accountId === own.id ? Effect.succeed(own) : accounts.assume({ ...role, from: own })
})
