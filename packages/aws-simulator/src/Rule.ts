/**
 * Faults on demand: which calls a rule matches, and the fault that befalls them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Fault } from "./Fault.ts"
import { hashText, unit } from "./Hash.ts"

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const portion = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const pattern = Schema.Union([Schema.String, Schema.Array(Schema.String)])

/**
 * Which calls a rule is for: all that is not named is any.
 *
 * - `account`, `region`, `service` (the SigV4 signing name), `operation`: one name or several; `*` stands for any text
 * - `share`: only in so many places (between 0 and 1), drawn for each account × Region × service
 * - `from`, `until`: only in this time, in milliseconds of the simulator's clock since its start
 *
 * The calls that match so far are numbered from 1 on: by the rule, or with `per: "operation"` for each account ×
 * Region × service × operation by itself, whatever other calls come between them. Of these:
 *
 * - `nth`: only those with these numbers
 * - `after`, `upTo`: only those with greater numbers, and with numbers up to this
 * - `every`: only each so many-th, the first of them after `after`
 * - `probability`: only so many, between 0 and 1, drawn by the number
 *
 * `seed` is what is drawn from (default: the simulator's seed and how many rules came before).
 *
 * @since 0.1.0
 */
export const Match = Schema.Struct({
  account: Schema.optionalKey(pattern),
  region: Schema.optionalKey(pattern),
  service: Schema.optionalKey(pattern),
  operation: Schema.optionalKey(pattern),
  share: Schema.optionalKey(portion),
  from: Schema.optionalKey(Schema.Finite),
  until: Schema.optionalKey(Schema.Finite),
  per: Schema.optionalKey(Schema.Literals(["rule", "operation"])),
  nth: Schema.optionalKey(Schema.Union([count, Schema.Array(count)])),
  after: Schema.optionalKey(count),
  upTo: Schema.optionalKey(count),
  every: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  probability: Schema.optionalKey(portion),
  seed: Schema.optionalKey(Schema.Int)
})

/** @since 0.1.0 */
export type Match = typeof Match.Type

/**
 * A fault and the calls that it befalls.
 *
 * @since 0.1.0
 */
export const Rule = Schema.Struct({ match: Schema.optionalKey(Match), fault: Fault })

/** @since 0.1.0 */
export type Rule = typeof Rule.Type

/**
 * What a rule is matched against.
 *
 * @since 0.1.0
 */
export interface Subject {
  readonly accountId: string
  /** The Region that is signed for. */
  readonly region: string
  /** The SigV4 signing name. */
  readonly service: string
  readonly operation: string
}

/** The rules in force. */
export interface Rules {
  /** Adds a rule; the answer removes it again. */
  readonly add: (rule: Rule) => () => void
  readonly all: () => ReadonlyArray<Rule>
  readonly clear: () => void
  /** The faults of one call, `at` so many milliseconds; counts it for `nth` and the like. */
  readonly faultsFor: (subject: Subject, call: number, at: number) => ReadonlyArray<Fault>
}

const patterns = new Map<string, RegExp>()

/** Whether a text fits a pattern in which `*` stands for anything. */
const like = (text: string, wanted: string): boolean => {
  if (!wanted.includes("*")) return text === wanted
  let found = patterns.get(wanted)
  if (found === undefined) {
    found = new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/gu, "\\$&").replaceAll("*", ".*")}$`, "su")
    patterns.set(wanted, found)
  }
  return found.test(text)
}

const fitsOne = (wanted: string | ReadonlyArray<string> | undefined, text: string): boolean =>
  wanted === undefined || (typeof wanted === "string" ? like(text, wanted) : wanted.some((one) => like(text, one)))

/**
 * Whether a rule is for calls such as this at all, whatever their number and
 * the time. `hash` is what the rule's draws come from.
 */
export const concerns = (match: Match, subject: Subject, hash: number): boolean =>
  fitsOne(match.account, subject.accountId) &&
  fitsOne(match.region, subject.region) &&
  fitsOne(match.service, subject.service) &&
  fitsOne(match.operation, subject.operation) &&
  (match.share === undefined ||
    unit(hashText(`${subject.accountId}/${subject.region}/${subject.service}`, hash), 0) < match.share)

/** Whether a rule befalls the call with this number among those that it concerns. */
export const befalls = (match: Match, subject: Subject, hash: number, number: number): boolean => {
  const { after = 0, every, nth, probability, upTo } = match
  if (nth !== undefined && !(typeof nth === "number" ? nth === number : nth.includes(number))) return false
  if (number <= after || (upTo !== undefined && number > upTo)) return false
  if (every !== undefined && (number - after - 1) % every !== 0) return false
  if (probability === undefined) return true
  const drawn = match.per === "operation"
    ? hashText(`${subject.accountId}/${subject.region}/${subject.service}/${subject.operation}`, hash)
    : hash
  return unit(drawn, number) < probability
}

/** What a rule with a seed of its own draws from. */
export const hashOf = (seed: number): number => hashText("rule", seed)

/** No rules yet. */
export const make = (seed: number): Rules => {
  const active = new Set<{ readonly rule: Rule; readonly hash: number; seen: number }>()
  let added = 0
  return {
    add: (rule) => {
      const own = rule.match?.seed
      const entry = { rule, hash: own === undefined ? hashText(`rule ${added}`, seed) : hashOf(own), seen: 0 }
      added++
      active.add(entry)
      return () => {
        active.delete(entry)
      }
    },
    all: () => [...active].map(({ rule }) => rule),
    clear: () => active.clear(),
    faultsFor: (subject, call, at) => {
      if (active.size === 0) return none
      const faults: Array<Fault> = []
      for (const entry of active) {
        const { match = {}, fault } = entry.rule
        if ((match.from !== undefined && at < match.from) || (match.until !== undefined && at >= match.until)) continue
        if (!concerns(match, subject, entry.hash)) continue
        const number = match.per === "operation" ? call : ++entry.seen
        if (befalls(match, subject, entry.hash, number)) faults.push(fault)
      }
      return faults
    }
  }
}

const none: ReadonlyArray<Fault> = []
