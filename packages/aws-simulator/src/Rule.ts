/**
 * Faults on demand: what a rule matches, and what then happens.
 *
 * @since 0.1.0
 */
import { hashText, unit } from "./Hash.ts"

/**
 * What goes wrong.
 *
 * - `deny`: no permission; `scp` for the text of a service control policy's explicit deny
 * - `throttle`: the service's throttle error
 * - `hang`: the request is accepted and never answered
 * - `reset`: the connection is reset, before the answer or in the middle of its body
 * - `status`: the service's own error for 500 or 503
 * - `truncate`: the connection closes cleanly in the middle of a body whose length is not announced
 * - `malformed`: a complete answer that cannot be parsed
 * - `html`: a proxy's 502 page
 * - `expired`, `invalid-credentials`, `bad-signature`, `disabled-region`: the service's error for each
 * - `slow`: answers later, by so many milliseconds
 * - `vanish`: resources are listed, and not found when asked for one by one
 * - `oversized`: white space after the answer, by default 64 MiB
 *
 * @since 0.1.0
 */
export type Fault =
  | { readonly type: "deny"; readonly by?: "identity" | "scp" }
  | { readonly type: "throttle" }
  | { readonly type: "hang" }
  | { readonly type: "reset"; readonly when?: "before" | "body" }
  | { readonly type: "status"; readonly status: 500 | 503 }
  | { readonly type: "truncate" }
  | { readonly type: "malformed" }
  | { readonly type: "html" }
  | { readonly type: "expired" }
  | { readonly type: "invalid-credentials" }
  | { readonly type: "bad-signature" }
  | { readonly type: "disabled-region" }
  | { readonly type: "slow"; readonly milliseconds: number }
  | { readonly type: "vanish"; readonly resource?: string }
  | { readonly type: "oversized"; readonly bytes?: number }

/**
 * Which calls a rule is for: all that is not named is any. `service` is the
 * SigV4 signing name; a `*` at the end of `operation` stands for anything.
 *
 * - `nth`: only the calls with these numbers among those that match otherwise, from 1 on
 * - `probability`: only so many of them, between 0 and 1, drawn from the simulator's seed
 *
 * @since 0.1.0
 */
export interface Match {
  readonly account?: string
  readonly region?: string
  readonly service?: string
  readonly operation?: string
  readonly nth?: number | ReadonlyArray<number>
  readonly probability?: number
}

/**
 * A fault and the calls that it befalls.
 *
 * @since 0.1.0
 */
export interface Rule {
  readonly match?: Match
  readonly fault: Fault
}

/** What a rule is matched against. */
export interface Subject {
  readonly accountId: string
  readonly region: string
  readonly service: string
  readonly operation: string
}

/** The rules in force. */
export interface Rules {
  /** Adds a rule; the answer removes it again. */
  readonly add: (rule: Rule) => () => void
  readonly clear: () => void
  /** The faults of one call; counts it for `nth` and `probability`. */
  readonly faultsFor: (subject: Subject) => ReadonlyArray<Fault>
}

const fits = (match: Match, subject: Subject): boolean =>
  (match.account === undefined || match.account === subject.accountId) &&
  (match.region === undefined || match.region === subject.region) &&
  (match.service === undefined || match.service === subject.service) &&
  (match.operation === undefined || (match.operation.endsWith("*")
    ? subject.operation.startsWith(match.operation.slice(0, -1))
    : match.operation === subject.operation))

/** No rules yet. */
export const make = (seed: number): Rules => {
  const active = new Set<{ readonly rule: Rule; readonly hash: number; seen: number }>()
  let added = 0
  return {
    add: (rule) => {
      const entry = { rule, hash: hashText(`rule ${added++}`, seed), seen: 0 }
      active.add(entry)
      return () => {
        active.delete(entry)
      }
    },
    clear: () => active.clear(),
    faultsFor: (subject) => {
      const faults: Array<Fault> = []
      for (const entry of active) {
        const { match = {}, fault } = entry.rule
        if (!fits(match, subject)) continue
        const number = ++entry.seen
        const { nth, probability } = match
        if (nth !== undefined && !(typeof nth === "number" ? nth === number : nth.includes(number))) continue
        if (probability !== undefined && unit(entry.hash, number) >= probability) continue
        faults.push(fault)
      }
      return faults
    }
  }
}
