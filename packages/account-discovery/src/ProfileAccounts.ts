/**
 * The accounts of the profiles in the shared AWS configuration files.
 *
 * @since 0.1.0
 */
import { type Account, type Accounts, type ConfiguredProfile, profiles } from "@cadastre/client-factory"
import type { AwsError, Partition } from "@cadastre/model"
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import { AccountFilterError, matching } from "./AccountFilter.ts"
import type { EstateAccount } from "./EstateAccount.ts"

/** A profile, and whether its account could be reached. */
interface Reached {
  readonly profile: ConfiguredProfile
  readonly result: Result.Result<Account, AwsError>
}

/**
 * The profiles that names and wildcards choose, in the order in which they are
 * named; those of one wildcard by name. Fails with {@link AccountFilterError}
 * when one chooses none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const known = yield* profiles
  const chosen = new Map<string, ConfiguredProfile>()
  for (const name of names) {
    const isMeant = matching(name === "all" ? "*" : name)
    const found = known.filter((profile) => isMeant(profile.name))
    if (found.length === 0) {
      return yield* new AccountFilterError({
        pattern: name,
        problem: "unknown-profile",
        valid: known.map((profile) => profile.name)
      })
    }
    for (const profile of found) chosen.set(profile.name, profile)
  }
  return [...chosen.values()]
})

/**
 * The accounts of profiles, each once: of several profiles of one account the
 * first that works is used and the others are mentioned.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reach = Effect.fnUntraced(function*(
  chosen: ReadonlyArray<ConfiguredProfile>,
  enter: Accounts["Service"]["profile"],
  options: { readonly concurrency: number; readonly partition: Partition.Partition }
) {
  const all = yield* Effect.forEach(
    chosen,
    (profile) => Effect.map(Effect.result(enter(profile.name)), (result): Reached => ({ profile, result })),
    { concurrency: options.concurrency }
  )
  const warnings: Array<string> = []
  const users = new Map<string, string>()
  // Those that work first: which profile speaks for an account.
  for (const { profile, result } of all.toSorted((a, b) => Number(isFailure(a)) - Number(isFailure(b)))) {
    const id = result._tag === "Success" ? result.success.id : profile.accountId
    if (id === undefined) continue
    const user = users.get(id)
    if (user === undefined) users.set(id, profile.name)
    else {
      const why = `is of account ${id}, which profile "${user}" is used for: it is not used`
      warnings.push(`Profile "${profile.name}" ${why}`)
    }
  }
  const accounts = all.flatMap(({ profile: { accountId, name }, result }): ReadonlyArray<EstateAccount> => {
    if (result._tag === "Success") {
      return users.get(result.success.id) === name ? [{ _tag: "Reachable", account: result.success, name }] : []
    }
    const error = result.failure
    if (accountId === undefined) return [{ _tag: "Unnamed", name, error }]
    return users.get(accountId) === name
      ? [{ _tag: "Unreachable", accountId, partition: options.partition, name, error }]
      : []
  })
  return { accounts, warnings }
})

const isFailure = ({ result }: Reached): boolean => result._tag === "Failure"
