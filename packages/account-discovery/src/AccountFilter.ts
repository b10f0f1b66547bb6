/**
 * Which of the estate's accounts are asked for.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * What names an account, an organizational unit or a profile names none that
 * there is.
 *
 * - `pattern`: as it was written
 * - `problem`: what is wrong with it
 * - `valid`: what can be named
 *
 * @category errors
 * @since 0.1.0
 */
export class AccountFilterError extends Schema.TaggedError<AccountFilterError>()("AccountFilterError", {
  pattern: Schema.String,
  problem: Schema.Literals(["matches-nothing", "nothing-left", "unknown-unit", "unknown-profile"]),
  valid: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const [what, why, kind] = {
      "matches-nothing": ["Account", "matches no account of the estate", "accounts"],
      "nothing-left": ["Account filter", "leaves no account of the estate", "accounts"],
      "unknown-unit": ["Organizational unit", "does not exist in this organization", "units"],
      "unknown-profile": ["Profile", "is in none of the AWS configuration files", "profiles"]
    }[this.problem]
    const shown = this.valid.slice(0, maxShown).join(", ")
    const more = this.valid.length > maxShown ? ` and ${this.valid.length - maxShown} more` : ""
    return `${what} "${this.pattern}" ${why}${shown === "" ? "" : `. Valid ${kind}: ${shown}${more}`}`
  }
}

const maxShown = 20

/**
 * What patterns choose, in its own order. `labels` are what an account is known
 * by: its id first, where it is known, and its name.
 *
 * A pattern is an account id or a name (upper and lower case are the same), in
 * which `*` stands for any run of characters; one that begins with `!` leaves
 * accounts out. No pattern, or none but such, begins with all accounts.
 *
 * Fails with {@link AccountFilterError} when a pattern matches nothing, or when
 * nothing is left.
 *
 * @category constructors
 * @since 0.1.0
 */
export const choose = Effect.fnUntraced(function*<A>(
  accounts: ReadonlyArray<A>,
  patterns: ReadonlyArray<string>,
  labels: (account: A) => ReadonlyArray<string>
): Effect.fn.Return<ReadonlyArray<A>, AccountFilterError> {
  const all = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== "")
  if (all.length === 0) return accounts
  const known = accounts.map((account) => labels(account).map((label) => label.toLowerCase()))
  const valid = () => accounts.map((account) => shown(labels(account)))
  const included = new Set<number>()
  const excluded = new Set<number>()
  for (const pattern of all) {
    const chosen = pattern.startsWith("!") ? excluded : included
    const isMeant = matching(bare(pattern))
    let found = false
    for (const [at, names] of known.entries()) {
      if (!names.some(isMeant)) continue
      chosen.add(at)
      found = true
    }
    if (!found) return yield* new AccountFilterError({ pattern, problem: "matches-nothing", valid: valid() })
  }
  const onlyExcludes = all.every((pattern) => pattern.startsWith("!"))
  const left = accounts.filter((_, at) => (onlyExcludes || included.has(at)) && !excluded.has(at))
  return left.length > 0
    ? left
    : yield* new AccountFilterError({ pattern: all.join(","), problem: "nothing-left", valid: valid() })
})

const bare = (pattern: string): string => {
  const text = (pattern.startsWith("!") ? pattern.slice(1) : pattern).trim().toLowerCase()
  return text === "all" ? "*" : text
}

const shown = ([first = "", ...others]: ReadonlyArray<string>): string =>
  others.length === 0 ? first : `${first} (${others.join(", ")})`

/**
 * Whether a text fits a pattern in which `*` stands for any run of characters;
 * told without a regular expression made of input.
 *
 * @category accessors
 * @since 0.1.0
 */
export const matching = (pattern: string): (text: string) => boolean => {
  const parts = pattern.split("*")
  if (parts.length === 1) return (text) => text === pattern
  const first = parts[0]!
  const last = parts.at(-1)!
  const between = parts.slice(1, -1)
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const part of between) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at + last.length <= text.length
  }
}
