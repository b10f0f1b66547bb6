/**
 * The days that a question about money is about.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * Whole days, UTC, as `2026-11-01`: from `start` on, **without `end`**, as Cost Explorer has it.
 *
 * @category models
 * @since 0.1.0
 */
export interface CostPeriod {
  readonly start: string
  readonly end: string
}

/**
 * The days do not make a period that costs can be asked for.
 *
 * @category errors
 * @since 0.1.0
 */
export class CostPeriodError extends Schema.TaggedError<CostPeriodError>()("CostPeriodError", {
  start: Schema.String,
  end: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `The period from ${this.start} to ${this.end} cannot be asked for: ${this.problem}`
  }
}

/** @since 0.1.0 */
export const mostDays = 365

const defaultDays = 30

/**
 * Checks what was given and fills in what was not: the last 30 complete days, or those before a given end.
 *
 * Fails with {@link CostPeriodError} for what is no day, for an end that is not after the start or later than
 * tomorrow, and for more than 365 days.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  given: Partial<CostPeriod> = {}
): Effect.fn.Return<CostPeriod, CostPeriodError> {
  const today = dayOf(yield* Clock.currentTimeMillis)
  const end = given.end ?? (given.start === undefined ? today : earlier(addDays(given.start, defaultDays), today))
  const start = given.start ?? addDays(end, -defaultDays)
  const refused = (problem: string) => new CostPeriodError({ start, end, problem })
  for (const day of [start, end]) {
    if (!isDay(day)) return yield* refused(`"${day}" is no day: write one as ${today}`)
  }
  if (start >= end) return yield* refused("it has no day: the end is the day after the last one")
  if (start >= today) return yield* refused(`it begins today (${today}) or later, and has no cost yet`)
  if (end > addDays(today, 1)) return yield* refused(`it ends after today (${today})`)
  const days = daysOf({ start, end })
  if (days > mostDays) return yield* refused(`it has ${days} days: at most ${mostDays} can be asked for`)
  return { start, end }
})

const dayMs = 86_400_000

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/u.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && addDays(text, 0) === text

/** The day of a time in milliseconds since 1970, UTC. */
export const dayOf = (milliseconds: number): string => DateTime.formatIso(DateTime.makeUnsafe(milliseconds)).slice(0, 10)

const timeOf = (day: string): number => Date.parse(`${day}T00:00:00Z`)

const earlier = (a: string, b: string): string => a < b ? a : b

/** The day so many days later; what is no day stays as it is. */
export const addDays = (day: string, days: number): string => {
  const time = timeOf(day)
  return Number.isNaN(time) ? day : dayOf(time + days * dayMs)
}

/**
 * How many days a period has.
 *
 * @since 0.1.0
 */
export const daysOf = ({ end, start }: CostPeriod): number => Math.round((timeOf(end) - timeOf(start)) / dayMs)
