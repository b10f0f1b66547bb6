/**
 * What people call a snapshot.
 *
 * @since 0.1.0
 */
import type { SnapshotKey, SnapshotSummary } from "@cadastre/aggregation"
import { SnapshotError, type StoreError } from "@cadastre/store"
import * as Effect from "effect/Effect"
import { EstateMemory, type Memory, type NoMemoryError } from "./EstateMemory.ts"

/**
 * Finds a snapshot by its id, by eight or more of the first characters of it, or
 * by:
 *
 * - `latest`: the newest
 * - `previous`: the newest but one of the same scope and policy
 * - a day, as `2026-11-20`: the newest that was taken on that day (UTC) or before
 *
 * The last two are meant of the history that the snapshot `beside` belongs to;
 * by default, of the history of the newest of all. Fails with a `SnapshotError` that names what there is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const find = Effect.fnUntraced(function*(
  memory: Memory,
  name: string,
  beside?: string
): Effect.fn.Return<SnapshotSummary, NoMemoryError | StoreError | SnapshotError> {
  const { snapshots } = yield* EstateMemory.opened(memory)
  const day = /^\d{4}-\d{2}-\d{2}$/u.test(name) ? Date.parse(`${name}T00:00:00Z`) : undefined
  const isRelative = name === "latest" || name === "previous" || day !== undefined
  if (!isRelative) {
    const known = yield* Effect.result(snapshots.find(name))
    if (known._tag === "Success") return known.success
    if (known.failure._tag !== "SnapshotError" || known.failure.reason !== "unknown") return yield* known.failure
  }
  const all = isRelative ? [] : (yield* snapshots.list({ limit: Number.MAX_SAFE_INTEGER })).filter(({ id }) => id.startsWith(name))
  if (name.length >= shortest && all.length === 1) return all[0]!
  if (all.length > 1) return yield* unknown(name, `${all.length} snapshots begin with ${name}: write more of its id`)
  const [newest] = yield* snapshots.list({ limit: 1 })
  if (newest === undefined) {
    return yield* unknown(name, "No snapshot is stored yet. Store one with a check that stores its snapshot")
  }
  if (!isRelative) {
    return yield* unknown(name, `There is no snapshot ${name}. The newest is ${newest.id}, taken ${newest.takenAt}`)
  }
  const key: SnapshotKey = beside === undefined ? newest : yield* snapshots.find(beside)
  const chosen = yield* snapshots.list({
    scope: key.scope,
    policyHash: key.policyHash,
    ...(day === undefined || Number.isNaN(day) ? {} : { to: day + dayMs }),
    limit: 2
  })
  const found = day !== undefined && Number.isNaN(day) ? undefined : chosen[name === "previous" ? 1 : 0]
  return found ?? (yield* unknown(
    name,
    name === "previous"
      ? "There is no snapshot before the newest one"
      : Number.isNaN(day)
      ? `${name} is no day`
      : `There is no snapshot of ${name} or before`
  ))
})

const shortest = 8
const dayMs = 86_400_000

const unknown = (id: string, message: string) => new SnapshotError({ id, reason: "unknown", message })
