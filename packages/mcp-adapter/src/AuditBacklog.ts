/**
 * Rows of the audit trail that cannot be written at present.
 *
 * @since 0.1.0
 */
import type { AuditLog, AuditRow } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import { safe } from "./ErrorSanitiser.ts"

/** So many wait in memory; beyond, the oldest are given up. */
const mostRows = 10_000

/** A call waits no longer for its row; then it waits here. */
const patience = "2 seconds"

/** After so long those that wait are tried again. */
const pause = "2 seconds"

/** What is left at the end has so long. */
const lastPatience = "500 millis"

/**
 * Writes rows one after the other, in the order of their calls. While the store
 * is away they wait in memory, 10,000 at most, and are written when it is there.
 * That it is away is said once; each row that waits is in the log meanwhile,
 * without its parameters, so that not even the death of the process hides a call.
 * What is given up, and what waits still when the scope closes, is said and counted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  log: AuditLog["Service"]
): Effect.fn.Return<(row: AuditRow) => Effect.Effect<void>, never, Scope.Scope> {
  let waiting: Array<AuditRow> = []
  let isOver = false

  const giveUp = (rows: ReadonlyArray<AuditRow>, why: string) =>
    rows.length === 0 ? Effect.void : Effect.andThen(
      Effect.logError(`${rows.length} calls are missing in the audit trail: ${why}. Each of them is in this log`),
      counted("lost", rows.length)
    )

  const wait = Effect.fnUntraced(function*(row: AuditRow, why: string) {
    if (waiting.length === 0) {
      yield* Effect.logError(
        `The audit trail cannot be written: ${safe(why)}. Calls wait in memory and are written when that is over, ${mostRows} at most`
      )
    }
    yield* Effect.logWarning("A call waits for the audit trail", withoutParameters(row))
    if (isOver) return yield* giveUp([row], "the server is ending")
    waiting.push(row)
    const tooMany = waiting.splice(0, Math.max(0, waiting.length - mostRows))
    yield* giveUp(tooMany, `more than ${mostRows} wait`)
    yield* Metric.update(rowsWaiting, waiting.length)
  })

  /** Those that wait, the oldest first, until one cannot be written. */
  const drain = Effect.gen(function*() {
    const before = waiting.length
    for (let row = waiting[0]; row !== undefined; row = waiting[0]) {
      // One whose answer did not come in time may have been written.
      const known = yield* log.query({ correlationId: row.correlationId, limit: 1 })
      if (known.length === 0) yield* log.append(row)
      if (waiting[0] === row) waiting.shift()
      yield* counted("late", 1)
      yield* Metric.update(rowsWaiting, waiting.length)
    }
    if (before > 0) yield* Effect.logWarning(`The audit trail is written again: the ${before} calls that waited are in it`)
  })

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      isOver = true
      if (waiting.length === 0) return Effect.void
      return drain.pipe(Effect.timeout(lastPatience), Effect.ignore, Effect.andThen(Effect.suspend(() => {
        const left = waiting
        waiting = []
        return giveUp(left, "the server has ended before they could be written")
      })))
    })
  )
  yield* Effect.ignore(drain).pipe(Effect.delay(pause), Effect.forever, Effect.forkScoped)

  return (row) =>
    // Written or waiting, whatever becomes of the call.
    Effect.uninterruptible(Effect.suspend(() =>
      waiting.length > 0 ? wait(row, "") : log.append(row).pipe(
        Effect.timeout(patience),
        Effect.andThen(counted("written", 1)),
        Effect.catch(({ message }) => wait(row, message))
      )
    ))
})

/** The log is read by more people, and is kept in more places. */
export const withoutParameters = ({ parameters: _, ...row }: AuditRow): Omit<AuditRow, "parameters"> => row

const counted = (outcome: "written" | "late" | "lost", rows: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(auditRows, { outcome }), rows)

const auditRows = Metric.counter("cadastre_audit_rows_total", {
  description: "Rows of the audit trail: written at once, written after they had waited for the store, and lost",
  incremental: true
})

const rowsWaiting = Metric.gauge("cadastre_audit_rows_waiting", {
  description: "Rows of the audit trail that wait for the store"
})
