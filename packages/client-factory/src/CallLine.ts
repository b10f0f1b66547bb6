/**
 * The line before one bucket of tokens.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Seat } from "./InFlight.ts"
import type { Grant, TokenSource } from "./TokenSource.ts"

/**
 * A call would not have been let through before its deadline, so it does not
 * wait for it. Says what the limit is, in calls per second, and how long the
 * wait would be, in milliseconds.
 *
 * @category errors
 * @since 0.1.0
 */
export class PacedOut extends Schema.TaggedError<PacedOut>()("PacedOut", {
  /** `service:bucket`. */
  bucket: Schema.String,
  ratePerSecond: Schema.Number,
  /** Calls that stood before it. */
  ahead: Schema.Int,
  waitMs: Schema.Number,
  leftMs: Schema.Number,
  /** What it waited before it gave up. */
  waitedMs: Schema.Number,
  /** There were tokens, but as many calls in flight as may be. */
  seats: Schema.optionalKey(Schema.Int)
}) {
  override get message(): string {
    const left = `${seconds(Math.max(0, this.leftMs))} were left`
    return this.seats === undefined
      ? `waited for the rate limit: ${this.bucket}, ${number(this.ratePerSecond)} calls/s allowed here; ` +
        `${this.ahead} calls before it, its turn would have come in ${seconds(this.waitMs)}, ${left}`
      : `waited for a place among the ${this.seats} calls in flight (MAX_CONCURRENT_CALLS): ${this.bucket}, ` +
        `${this.ahead} calls before it, ${left}`
  }
}

const number = (value: number): string => `${Number(value.toPrecision(3))}`
const seconds = (milliseconds: number): string => `${number(milliseconds / 1000)} s`

/**
 * What became of the calls that came to one bucket. Times in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface LineCounts {
  admitted: number
  refused: number
  throttles: number
  waitedMs: number
  longestWaitMs: number
  longestQueue: number
}

/** One who waits. `resume` is known from when its fiber sleeps; `verdict` from when it is decided. */
interface Waiter {
  readonly seat: Seat | undefined
  readonly since: number
  readonly until: number
  granted: boolean
  verdict: Effect.Effect<number, PacedOut> | undefined
  resume: ((verdict: Effect.Effect<number, PacedOut>) => void) | undefined
}

/** Asked again at least this often: the rate may have risen meanwhile. */
const longestSleepMs = 1000

/** Tokens are asked for in one go for at most so many. */
const batch = 64

/**
 * Milliseconds of a clock that nobody sets and that stands still while the
 * machine sleeps, where the system has one.
 *
 * @category time
 * @since 0.1.0
 */
export const steadyMs = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/**
 * Lets calls through in the order in which they came. One fiber serves the
 * line while there is one; it takes a call's seat before its token, so that a
 * call goes out when its token is due.
 *
 * @category models
 * @since 0.1.0
 */
export class CallLine {
  readonly counts: LineCounts = {
    admitted: 0,
    refused: 0,
    throttles: 0,
    waitedMs: 0,
    longestWaitMs: 0,
    longestQueue: 0
  }
  readonly #label: string
  readonly #tokens: TokenSource
  readonly #fullRate: number
  readonly #scope: Scope.Scope
  readonly #queue = new Set<Waiter>()
  #served = false
  /** The seat that the first in line waits for, its token being there. */
  #seatWanted: Seat | undefined
  #seenRate: number

  constructor(options: {
    readonly label: string
    readonly tokens: TokenSource
    readonly fullRate: number
    readonly scope: Scope.Scope
  }) {
    this.#label = options.label
    this.#tokens = options.tokens
    this.#fullRate = options.fullRate
    this.#scope = options.scope
    this.#seenRate = options.tokens.rate()
  }

  /** Calls per second that pass at present. */
  get rate(): number {
    return this.#tokens.rate()
  }

  /** `leftMs`: until the call's deadline. Answers how many milliseconds it waited. */
  admit(clock: Clock.Clock, leftMs: number, seat: Seat | undefined): Effect.Effect<number, PacedOut> {
    const now = steadyMs(clock)
    const free = this.#queue.size === 0 && !this.#served && this.#tokens.ready(now)
    if (free && (seat?.tryTake() ?? true) && this.#tokens.tryTake(now)) {
      this.counts.admitted++
      return Effect.succeed(0)
    }
    const waitMs = this.#tokens.waitMs(this.#queue.size + 1, now)
    if (waitMs >= leftMs) return Effect.fail(this.#refusal({ waitMs, leftMs, ahead: this.#queue.size, waitedMs: 0 }))
    const waiter: Waiter = {
      seat,
      since: now,
      until: now + leftMs,
      granted: false,
      verdict: undefined,
      resume: undefined
    }
    this.#queue.add(waiter)
    this.counts.longestQueue = Math.max(this.counts.longestQueue, this.#queue.size)
    const turn = Effect.callback<number, PacedOut>((resume) => {
      if (waiter.verdict !== undefined) return resume(waiter.verdict)
      waiter.resume = resume
    })
    const timely = Number.isFinite(leftMs)
      ? Effect.timeoutOrElse(turn, { duration: leftMs, orElse: () => this.#outOfTime(waiter, clock) })
      : turn
    return Effect.andThen(this.#served ? Effect.void : this.#serve(clock), timely).pipe(
      Effect.onInterrupt(() => {
        this.#queue.delete(waiter)
        // Let through and cut off in the same moment: the token was not used.
        return waiter.granted ? this.#tokens.giveBack(1, steadyMs(clock)) : Effect.void
      })
    )
  }

  /** A call that was sent `agoMs` ago was throttled by AWS. */
  throttled(clock: Clock.Clock, agoMs: number): Effect.Effect<void> {
    this.counts.throttles++
    const now = steadyMs(clock)
    return Effect.andThen(this.#tokens.throttled(agoMs, now), Effect.suspend(() => this.#noteRate(clock)))
  }

  /** A call passed. */
  succeeded(clock: Clock.Clock): Effect.Effect<void> {
    this.#tokens.succeeded(steadyMs(clock))
    return this.#noteRate(clock)
  }

  /** Says when the rate falls or is whole again. Whoever is too late at the lower one hears so at once. */
  #noteRate(clock: Clock.Clock): Effect.Effect<void> {
    const rate = this.#tokens.rate()
    const before = this.#seenRate
    if (rate === before) return Effect.void
    this.#seenRate = rate
    const of = `${number(rate)} of ${number(this.#fullRate)} calls/s`
    if (rate > before) {
      return rate < this.#fullRate ? Effect.void : Effect.logDebug(`pacing: ${this.#label} is back at ${of}`)
    }
    let ahead = 0
    const now = steadyMs(clock)
    for (const waiter of this.#queue) {
      const waitMs = this.#tokens.waitMs(ahead + 1, now)
      if (now + waitMs < waiter.until) ahead++
      else this.#refuse(waiter, now, waitMs, ahead)
    }
    return Effect.logDebug(`pacing: ${this.#label} was slowed to ${of}`)
  }

  #refusal(of: { waitMs: number; leftMs: number; ahead: number; waitedMs: number }): PacedOut {
    this.counts.refused++
    this.#countWait(of.waitedMs)
    const seats = this.#seatWanted?.of.size
    return new PacedOut({
      ...of,
      bucket: this.#label,
      ratePerSecond: this.#tokens.rate(),
      ...(seats === undefined ? {} : { seats })
    })
  }

  #countWait(waitedMs: number): void {
    this.counts.waitedMs += waitedMs
    this.counts.longestWaitMs = Math.max(this.counts.longestWaitMs, waitedMs)
  }

  /** The deadline of one who waited came first. */
  #outOfTime(waiter: Waiter, clock: Clock.Clock): Effect.Effect<number, PacedOut> {
    if (waiter.verdict !== undefined) return waiter.verdict
    let ahead = 0
    for (const one of this.#queue) {
      if (one === waiter) break
      ahead++
    }
    this.#queue.delete(waiter)
    const now = steadyMs(clock)
    const waitMs = this.#tokens.waitMs(ahead + 1, now)
    return Effect.fail(this.#refusal({ waitMs, leftMs: waiter.until - now, ahead, waitedMs: now - waiter.since }))
  }

  #refuse(waiter: Waiter, now: number, waitMs: number, ahead: number): void {
    const error = this.#refusal({ waitMs, leftMs: waiter.until - now, ahead, waitedMs: now - waiter.since })
    this.#decide(waiter, Effect.fail(error))
  }

  #letThrough(waiter: Waiter, now: number): void {
    const waitedMs = Math.max(0, now - waiter.since)
    this.counts.admitted++
    this.#countWait(waitedMs)
    waiter.granted = true
    this.#decide(waiter, Effect.succeed(waitedMs))
  }

  #decide(waiter: Waiter, verdict: Effect.Effect<number, PacedOut>): void {
    this.#queue.delete(waiter)
    waiter.verdict = verdict
    waiter.resume?.(verdict)
  }

  get #head(): Waiter | undefined {
    for (const waiter of this.#queue) return waiter
    return undefined
  }

  /** Starts the fiber that serves the line until it is empty. */
  #serve(clock: Clock.Clock): Effect.Effect<void> {
    this.#served = true
    return this.#work(clock).pipe(
      Effect.onExit((exit) => {
        this.#served = false
        // Nobody is left standing, whatever went wrong.
        if (exit._tag === "Success") return Effect.void
        for (const waiter of this.#queue) this.#decide(waiter, Effect.failCause(exit.cause))
        return Effect.void
      }),
      Effect.forkIn(this.#scope),
      Effect.asVoid
    )
  }

  #work(clock: Clock.Clock): Effect.Effect<void> {
    /** Tokens that are ours and not used yet. */
    let own = 0
    const giveBack = Effect.suspend(() => {
      const unused = own
      own = 0
      return unused === 0 ? Effect.void : this.#tokens.giveBack(unused, steadyMs(clock))
    })
    return Effect.gen({ self: this }, function*() {
      while (true) {
        const head = this.#head
        if (head === undefined) {
          yield* giveBack
          // Somebody may have come meanwhile; whoever comes after this finds nobody who serves.
          if (this.#queue.size > 0) continue
          this.#served = false
          return
        }
        yield* this.#seat(head)
        const seated = own > 0 ? [head] : this.#seated(head, steadyMs(clock))
        if (own === 0 && this.#queue.has(head)) {
          const grant = yield* this.#tokens.take(seated.length, steadyMs(clock))
          own = grant.granted
          yield* this.#noteRate(clock)
          if (own === 0) {
            for (const { seat } of seated) if (seat !== undefined) yield* seat.release
            if (yield* this.#sleep(clock, grant)) own = 1
            continue
          }
        }
        for (const waiter of seated) {
          if (own > 0 && this.#queue.has(waiter)) {
            own--
            this.#letThrough(waiter, steadyMs(clock))
          } else if (waiter.seat !== undefined) {
            // It has left, or there was no token for it: the seat is for others.
            yield* waiter.seat.release
          }
        }
      }
    }).pipe(Effect.onInterrupt(() => giveBack))
  }

  /** Waits for the seat of the first in line. */
  #seat({ seat }: Waiter): Effect.Effect<void> {
    if (seat === undefined || seat.tryTake()) return Effect.void
    this.#seatWanted = seat
    return Effect.ensuring(seat.take, Effect.sync(() => this.#seatWanted = undefined))
  }

  /** The first in line, and those behind it for whom there may be tokens and for whom there are seats. */
  #seated(head: Waiter, now: number): ReadonlyArray<Waiter> {
    const seated = [head]
    for (const waiter of this.#queue) {
      if (waiter === head) continue
      if (seated.length === batch || this.#tokens.waitMs(seated.length + 1, now) > 0) break
      if (waiter.seat !== undefined && !waiter.seat.tryTake()) break
      seated.push(waiter)
    }
    return seated
  }

  /** Sleeps until there may be a token; whether there is one that is ours. */
  readonly #sleep = (clock: Clock.Clock, { reserved, waitMs }: Grant): Effect.Effect<boolean> => {
    const now = steadyMs(clock)
    for (const waiter of this.#queue) {
      if (now + waitMs < waiter.until) break
      this.#refuse(waiter, now, waitMs, 0)
    }
    const asleep = Effect.sleep(reserved ? waitMs : Math.min(waitMs, longestSleepMs))
    if (!reserved) return Effect.as(asleep, false)
    return Effect.as(asleep, true).pipe(
      Effect.onInterrupt(() => this.#tokens.giveBack(1, steadyMs(clock)))
    )
  }
}
