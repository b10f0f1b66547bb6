/**
 * A reproducible schedule of faults: plain data in, plain data out.
 *
 * What befalls a call is drawn from the seed, the call's account, Region,
 * service and operation, and its number among the calls of these: however
 * calls interleave, the same call meets the same faults.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Fault } from "./Fault.ts"
import type { FaultEntry } from "./FaultLog.ts"
import { draw, hashText, unit } from "./Hash.ts"
import { befalls, concerns, hashOf, type Match, Rule, type Subject } from "./Rule.ts"

/** How long a kind of fault lasts: for one call, for ever in a place, for a window of calls, or for one session. */
type Spell = "call" | "place" | "storm" | "session"

interface Kind {
  readonly spell: Spell
  readonly fault: Fault
  /** Holds its caller until that gives up: drawn only where it is asked for by name. */
  readonly waits?: true
  /** Harmless by AWS's rules, but read wrongly by the stock SDK: drawn only where it is asked for by name. */
  readonly trap?: true
}

const catalog = {
  "throttle": { spell: "call", fault: { type: "throttle" } },
  "throttle-storm": { spell: "storm", fault: { type: "throttle" } },
  "throttle-lasting": { spell: "place", fault: { type: "throttle" } },
  "internal-error": { spell: "call", fault: { type: "status", status: 500 } },
  "unavailable": { spell: "call", fault: { type: "status", status: 503 } },
  "bad-gateway": { spell: "call", fault: { type: "status", status: 502 } },
  "gateway-timeout": { spell: "call", fault: { type: "status", status: 504, body: "empty" } },
  "outage": { spell: "storm", fault: { type: "status", status: 503 } },
  "outage-lasting": { spell: "place", fault: { type: "status", status: 500 } },
  "reset": { spell: "call", fault: { type: "reset" } },
  "reset-after-headers": { spell: "call", fault: { type: "reset", when: "headers" } },
  "reset-in-body": { spell: "call", fault: { type: "reset", when: "body" } },
  "reset-lasting": { spell: "place", fault: { type: "reset" } },
  "truncate": { spell: "call", fault: { type: "truncate" } },
  "truncate-chunked": { spell: "call", fault: { type: "truncate", as: "chunked" } },
  "malformed": { spell: "call", fault: { type: "malformed" } },
  "malformed-lasting": { spell: "place", fault: { type: "malformed" } },
  "html": { spell: "call", fault: { type: "html" } },
  "html-ok": { spell: "call", fault: { type: "html", status: 200 } },
  "empty": { spell: "call", fault: { type: "empty" } },
  "content-type": { spell: "call", fault: { type: "content-type" } },
  "oversized": { spell: "call", fault: { type: "oversized", bytes: 200_000 } },
  "oversized-chunked": { spell: "call", fault: { type: "oversized", bytes: 200_000, chunked: true } },
  "entity-bomb": { spell: "call", fault: { type: "doctype" } },
  "external-entity": { spell: "call", fault: { type: "doctype", entities: "external" } },
  "nesting": { spell: "call", fault: { type: "nesting" } },
  "invalid-utf8": { spell: "call", fault: { type: "invalid-utf8" } },
  "references": { spell: "call", fault: { type: "references" }, trap: true },
  "extra-members": { spell: "call", fault: { type: "extra-members" } },
  "unknown-enum": { spell: "call", fault: { type: "unknown-enum" } },
  "slow": { spell: "call", fault: { type: "slow", milliseconds: 5 } },
  "clock-skew": { spell: "call", fault: { type: "clock-skew" } },
  "expired-once": { spell: "session", fault: { type: "expired", until: "refreshed", where: "operation" } },
  "expired": { spell: "place", fault: { type: "expired" } },
  "invalid-credentials": { spell: "place", fault: { type: "invalid-credentials" } },
  "bad-signature": { spell: "place", fault: { type: "bad-signature" } },
  "denied": { spell: "place", fault: { type: "deny" } },
  "denied-by-scp": { spell: "place", fault: { type: "deny", by: "scp" } },
  "not-allowed-by-scp": { spell: "place", fault: { type: "deny", by: "scp", explicit: false } },
  "denied-by-boundary": { spell: "place", fault: { type: "deny", by: "boundary" } },
  "denied-by-endpoint": { spell: "place", fault: { type: "deny", by: "vpc-endpoint" } },
  "denied-in-between": { spell: "call", fault: { type: "deny" } },
  "disabled-region": { spell: "place", fault: { type: "disabled-region" } },
  "not-subscribed": { spell: "place", fault: { type: "not-subscribed" } },
  "unsupported": { spell: "place", fault: { type: "unsupported" } },
  "vanish": { spell: "call", fault: { type: "vanish", share: 0.5 } },
  "empty-page": { spell: "call", fault: { type: "empty-page" } },
  "short-page": { spell: "call", fault: { type: "short-page" } },
  "duplicates": { spell: "call", fault: { type: "duplicates" } },
  "repeated-token": { spell: "call", fault: { type: "repeated-token" } },
  "expired-page-token": { spell: "call", fault: { type: "expired-page-token" } },
  "hang": { spell: "call", fault: { type: "hang" }, waits: true },
  "hang-lasting": { spell: "place", fault: { type: "hang" }, waits: true },
  "stall": { spell: "call", fault: { type: "stall" }, waits: true },
  "drip": { spell: "call", fault: { type: "drip" }, waits: true }
} as const satisfies Record<string, Kind>

/**
 * A kind of fault that a schedule can draw.
 *
 * @since 0.1.0
 */
export type FaultKind = keyof typeof catalog

const kindOf = (name: FaultKind): Kind => catalog[name]

/**
 * Every kind. Those that hold their caller until it gives up (`hang`, `hang-lasting`, `stall`, `drip`) and `references`
 * are drawn only when they are named.
 *
 * @since 0.1.0
 */
export const faultKinds = Object.keys(catalog) as ReadonlyArray<FaultKind>

/**
 * The kinds that a schedule draws from when none are named.
 *
 * @since 0.1.0
 */
export const defaultKinds: ReadonlyArray<FaultKind> = faultKinds.filter((name) => {
  const { trap, waits } = kindOf(name)
  return waits !== true && trap !== true
})

const Names = Schema.Array(Schema.String)

/**
 * How a schedule is drawn.
 *
 * - `intensity`: the share of calls that some passing fault befalls, and half of it the share of places (account ×
 *   Region × service) that some lasting fault befalls; from 0 to 1, default 0.2
 * - `kinds`: what may happen (default {@link defaultKinds}); which of them often and which seldom, the seed says
 * - `accounts`, `regions`, `services`, `operations`: where (default everywhere), `*` stands for any text
 *
 * @since 0.1.0
 */
export const ScheduleOptions = Schema.Struct({
  intensity: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  kinds: Schema.optionalKey(Schema.Array(Schema.Literals(Object.keys(catalog) as ReadonlyArray<FaultKind>))),
  accounts: Schema.optionalKey(Names),
  regions: Schema.optionalKey(Names),
  services: Schema.optionalKey(Names),
  operations: Schema.optionalKey(Names)
})

/** @since 0.1.0 */
export type ScheduleOptions = typeof ScheduleOptions.Type

/**
 * A schedule: its seed and options, and the rules that follow from them. Any
 * subset of the rules is a schedule too, so that a failing test can shrink.
 *
 * @since 0.1.0
 */
export const Schedule = Schema.Struct({
  seed: Schema.Int,
  options: ScheduleOptions,
  rules: Schema.Array(Rule)
})

/** @since 0.1.0 */
export type Schedule = typeof Schedule.Type

/**
 * Draws a schedule. The same arguments give the same schedule.
 *
 * @since 0.1.0
 */
export const make = (seed: number, options: ScheduleOptions = {}): Schedule => {
  const { accounts, intensity = 0.2, kinds = defaultKinds, operations, regions, services } = options
  const where: Match = {
    ...(accounts === undefined ? {} : { account: accounts }),
    ...(regions === undefined ? {} : { region: regions }),
    ...(services === undefined ? {} : { service: services }),
    ...(operations === undefined ? {} : { operation: operations })
  }
  // A kind draws by its name: another kind beside it changes how often it comes, not what it draws.
  const own = (kind: FaultKind) => hashText(kind, seed) | 0
  // Exponential weights: a seed has its favourites.
  const weight = (kind: FaultKind) => -Math.log(1 - unit(own(kind), 1)) + 0.05
  const shares = (names: ReadonlyArray<FaultKind>, whole: number) => {
    const sum = names.reduce((total, kind) => total + weight(kind), 0)
    return names.map((kind) => [kind, Math.min(1, (whole * weight(kind)) / sum)] as const)
  }
  const passing = kinds.filter((kind) => kindOf(kind).spell === "call")
  const lasting = kinds.filter((kind) => kindOf(kind).spell !== "call")
  const rule = (kind: FaultKind, match: Match): Rule => ({
    match: { ...where, per: "operation", ...match, seed: own(kind) },
    fault: kindOf(kind).fault
  })
  const windowOf = (kind: FaultKind): Match => {
    const after = draw(own(kind), 2) % 8
    return kindOf(kind).spell === "storm"
      ? { after, upTo: after + 3 + (draw(own(kind), 3) % 30) }
      : kindOf(kind).spell === "session"
      ? { nth: 1 + after }
      : {}
  }
  return {
    seed,
    options,
    rules: intensity === 0 ? [] : [
      ...shares(lasting, intensity / 2).map(([kind, share]) => rule(kind, { share, ...windowOf(kind) })),
      ...shares(passing, intensity).map(([kind, probability]) => rule(kind, { probability }))
    ]
  }
}

/** @since 0.1.0 */
export class ScheduleError extends RangeError {
  override readonly name = "ScheduleError"
}

/**
 * Reads a schedule from the command line or a test's output: `SEED`, `SEED:INTENSITY`, or the JSON of a schedule with
 * or without its rules. Fails with {@link ScheduleError}.
 *
 * @since 0.1.0
 */
export const parse = (text: string): Schedule => {
  const [, seed, intensity] = /^(-?\d+)(?::(\d*\.?\d+))?$/u.exec(text.trim()) ?? []
  if (seed !== undefined) {
    return decode({ seed: Number(seed), options: intensity === undefined ? {} : { intensity: Number(intensity) } })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ScheduleError(`not a schedule of faults: SEED, SEED:INTENSITY or JSON is expected, not ${text}`)
  }
  return decode(value)
}

const Recipe = Schema.Struct({
  seed: Schema.Int,
  options: Schema.optionalKey(ScheduleOptions),
  rules: Schema.optionalKey(Schema.Array(Rule))
})
const decodeRecipe = Schema.decodeUnknownResult(Recipe, { onExcessProperty: "error" })

/**
 * Reads a schedule from plain JSON data; one without rules is drawn. Fails with {@link ScheduleError}.
 *
 * @since 0.1.0
 */
export const decode = (value: unknown): Schedule => {
  const result = decodeRecipe(value)
  if (result._tag === "Failure") throw new ScheduleError(`not a schedule of faults: ${String(result.failure)}`)
  const { options = {}, rules, seed } = result.success
  return rules === undefined ? make(seed, options) : { seed, options, rules }
}

/**
 * What to give to {@link parse} (and to `--faults`) to meet the same faults again: one line.
 *
 * @since 0.1.0
 */
export const print = (schedule: Schedule): string => {
  const { options, rules, seed } = schedule
  const whole = JSON.stringify(make(seed, options).rules) === JSON.stringify(rules)
  return JSON.stringify(whole ? { seed, options } : schedule)
}

const hashOfRule = ({ match = {} }: Rule) => hashOf(match.seed ?? 0)

/**
 * The faults that can befall calls of an operation in a place, or with no operation named all calls of the service
 * there, whatever their number: a cell whose calls can meet none must be scanned.
 *
 * @since 0.1.0
 */
export const possible = (
  schedule: Schedule,
  place: Omit<Subject, "operation"> & { readonly operation?: string }
): ReadonlyArray<Fault> =>
  schedule.rules
    .filter((rule) => {
      const { operation, ...match } = rule.match ?? {}
      const { operation: asked = "" } = place
      const named = operation === undefined || place.operation === undefined ? match : { ...match, operation }
      return concerns(named, { ...place, operation: asked }, hashOfRule(rule))
    })
    .map(({ fault }) => fault)

/**
 * The faults that befall one call, by its number among those of its account × Region × service × operation, from 1
 * on. Exact for schedules of {@link make}, but that sessions that have expired (`expired-once`) are also refused after
 * that call, until they are refreshed. Rules by time, or numbered `per: "rule"`, depend on what else goes on and count
 * here as befalling.
 *
 * @since 0.1.0
 */
export const faultsOf = (schedule: Schedule, subject: Subject, call: number): ReadonlyArray<Fault> =>
  schedule.rules
    .filter((rule) => {
      const { match = {} } = rule
      const hash = hashOfRule(rule)
      return concerns(match, subject, hash) && (match.per !== "operation" || befalls(match, subject, hash, call))
    })
    .map(({ fault }) => fault)

/**
 * Exactly the faults of a log, each pinned to its call: the smallest schedule that does the same again.
 *
 * @since 0.1.0
 */
export const pinned = (entries: ReadonlyArray<FaultEntry>): Schedule => ({
  seed: 0,
  options: {},
  rules: entries.map(({ accountId, call, fault, operation, region, service }) => ({
    match: { account: accountId, region, service, operation, per: "operation", nth: call, seed: 0 },
    fault
  }))
})
