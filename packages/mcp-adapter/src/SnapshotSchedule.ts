/**
 * Snapshots that the server takes by itself, by a schedule.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import type { Compliance } from "@cadastre/compliance"
import type { Leases } from "@cadastre/store"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { safe } from "./ErrorSanitiser.ts"
import { PolicyInForce } from "./PolicyInForce.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface SnapshotSchedule {
  readonly cron: Cron.Cron
  /** As it was written, with its time zone. */
  readonly text: string
}

const timezone = Config.schema(
  Schema.String.check(Schema.makeFilter((text: string) =>
    text.trim() === "" || Option.isSome(DateTime.zoneFromString(text.trim())) ||
    `SNAPSHOT_TIMEZONE is "${text}": write a time zone such as Europe/Berlin, UTC or +02:00`
  )),
  "SNAPSHOT_TIMEZONE"
).pipe(Config.map((text) => text.trim() || "UTC"), Config.withDefault("UTC"))

const Expression = Schema.String.check(
  Schema.makeFilter((text: string) => isOff(text) || parsed(text, "UTC") !== undefined || `SNAPSHOT_SCHEDULE is "${text}": ${expected}`)
)

const expected = "write a cron expression that comes true some day, with five fields (minute, hour, day of the month, month, " +
  "day of the week), such as 0 2 * * * or 30 6 * * MON-FRI; or off"

const isOff = (text: string): boolean => /^\s*(?:off|none|false)?\s*$/iu.test(text)

/** Nothing where it is no expression, or one for the 30th of February. */
const parsed = (text: string, zone: string): Cron.Cron | undefined => {
  const cron = Option.getOrUndefined(Result.getSuccess(Cron.parse(text, zone)))
  if (cron === undefined) return undefined
  try {
    Cron.next(cron, 0)
    return cron
  } catch {
    return undefined
  }
}

/**
 * `SNAPSHOT_SCHEDULE`: a cron expression, `off` by default; six fields begin with
 * the second. `SNAPSHOT_TIMEZONE`: whose clock it means, UTC by default. A time
 * that the clock leaves out in spring is taken when it would have been; one that
 * comes twice in autumn is taken once.
 *
 * @category settings
 * @since 0.1.0
 */
export const settings: Config.Config<SnapshotSchedule | undefined> = Config.all({
  text: Config.schema(Expression, "SNAPSHOT_SCHEDULE").pipe(Config.withDefault("off")),
  zone: timezone
}).pipe(Config.map(({ text, zone }) => {
  const cron = isOff(text) ? undefined : parsed(text, zone)
  return cron === undefined ? undefined : { cron, text: `${text.trim()} (${zone})` }
}))

/**
 * Takes a snapshot of the whole estate by the policy in force at each time of
 * the schedule, for ever: what `check_tag_compliance` with `store_snapshot`
 * stores, from a scan of its own.
 *
 * One that was due while no server ran is caught up, once: when the newest stored
 * snapshot is older than the last time of the schedule, or there is none. Among
 * all servers that use one store a single one takes it; when that one is gone, another
 * does. A time that comes while a snapshot is taken is passed over. While the store is away it
 * waits for it. What fails otherwise is logged and counted, and tried again at the next time.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function*(
  schedule: SnapshotSchedule
): Effect.fn.Return<never, never, Compliance | PolicyInForce> {
  const { Compliance, EstateMemory } = yield* Effect.promise(() => import("@cadastre/compliance"))
  const memory = yield* EstateMemory
  const { check, latestSnapshot } = yield* Compliance
  const { policy } = yield* PolicyInForce
  const request = { policy }
  const holder = randomUUID()

  const take: Effect.Effect<void, Failure> = Effect.gen(function*() {
    const { coverage, notStored, snapshotId } = yield* check({ ...request, storeSnapshot: true, forceRefresh: true })
    if (snapshotId === undefined) return yield* Effect.fail({ message: `what was seen could not be stored${notStored === undefined ? "" : `: ${notStored}`}` })
    yield* Effect.logInfo(`A snapshot is stored by the schedule: ${snapshotId}${coverage.complete ? "" : ", of what could be seen"}`)
    yield* counted("stored")
  })

  /** Whether nobody has taken the snapshot that was due then. */
  const isMissing = (due: number) =>
    whenThere(Effect.map(latestSnapshot(request), (latest) => latest === undefined || Date.parse(latest.takenAt) < due))

  const alone = memory._tag === "Open" ? holding(memory.leases, holder) : <A, E>(work: Effect.Effect<A, E>) => Effect.asSome(work)

  /** Waits for whoever takes it, who may fail or be gone. */
  const takeOnce = (due: number): Effect.Effect<void, Failure> =>
    Effect.flatMap(isMissing(due), (missing) =>
      missing
        ? Effect.flatMap(
          // Somebody may have done so meanwhile.
          alone(Effect.flatMap(isMissing(due), (missing) => missing ? take : Effect.void)),
          (done) => Option.isSome(done) ? Effect.void : Effect.andThen(Effect.sleep(retryMs), takeOnce(due))
        )
        : Effect.void)

  const dealWith = (due: number): Effect.Effect<void> =>
    takeOnce(due).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Effect.andThen(
            Effect.logError(`The snapshot that was due ${DateTime.formatIso(DateTime.makeUnsafe(due))} could not be taken: ${whyOf(cause)}`),
            counted("failed")
          )
      )
    )

  /** The last time of the schedule. */
  const lastDue = Effect.map(Clock.currentTimeMillis, (now) => Cron.prev(schedule.cron, now + 1).getTime())

  yield* Effect.logInfo(`Snapshots are taken by the schedule ${schedule.text}`)
  let due = yield* lastDue
  for (;;) {
    yield* dealWith(due)
    due = Math.max(due, yield* lastDue)
    const next = Cron.next(schedule.cron, due).getTime()
    for (let left = next - (yield* Clock.currentTimeMillis); left > 0; left = next - (yield* Clock.currentTimeMillis)) {
      // Nothing sleeps for longer: a machine that was asleep, or whose clock was set, notices.
      yield* Effect.sleep(Math.min(left, 60_000))
    }
    // Of several that have passed meanwhile, the last.
    due = Math.max(next, yield* lastDue)
  }
})

type Failure = Error | { readonly message: string }

const whyOf = (cause: Cause.Cause<Failure>): string => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return safe(error === undefined ? Cause.pretty(cause) : error.message, 1000)
}

const leaseName = "scheduled snapshot"
const leaseMs = 120_000
const renewMs = 30_000
const retryMs = 30_000

/**
 * Waits for a store that is away: what was due meanwhile is caught up, and
 * nothing is scanned before it can be stored.
 */
const whenThere = <A, E extends { readonly message: string }>(work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let isSaid = false
    return work.pipe(
      Effect.tapError((error) => {
        if (isSaid || !isStoreAway(error)) return Effect.void
        isSaid = true
        return Effect.logWarning(`The snapshot of the schedule waits for the store: ${safe(error.message, 500)}`)
      }),
      Effect.retry({ while: isStoreAway, schedule: Schedule.spaced(retryMs) })
    )
  })

const isStoreAway = (error: object): boolean => "_tag" in error && error._tag === "StoreError"

/** Does what one process at a time may do, as long as the lease is held; nothing where another one has it. */
const holding = (leases: Leases["Service"], holder: string) => <A, E>(work: Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.interruptible(whenThere(leases.take(leaseName, holder, leaseMs))),
    (taken) => {
      if (!taken) return Effect.succeed(Option.none<A>())
      const lost = leases.take(leaseName, holder, leaseMs).pipe(
        Effect.catch(() => Effect.succeed(true)),
        Effect.delay(renewMs),
        Effect.repeat({ while: (held) => held }),
        Effect.andThen(Effect.fail({ message: "another server has taken it over" }))
      )
      return Effect.asSome(Effect.raceFirst(work, lost))
    },
    (taken) => taken ? Effect.ignore(leases.giveBack(leaseName, holder)) : Effect.void
  )

const counted = (outcome: "stored" | "failed"): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(snapshots, { outcome }), 1)

const snapshots = Metric.counter("cadastre_scheduled_snapshots_total", {
  description: "Snapshots that were due by SNAPSHOT_SCHEDULE and taken by this server, by what became of them",
  incremental: true
})
