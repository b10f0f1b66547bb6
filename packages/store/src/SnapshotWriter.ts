/**
 * Writes a snapshot while its scan runs.
 *
 * What is found is put in order in memory, some thousand at a time, and written
 * as a run that is sorted by itself. Nobody sees it before it is whole.
 *
 * @since 0.1.0
 */
import { createHash, randomUUID } from "node:crypto"
import {
  byArn,
  type ResourceState,
  type SnapshotDetails,
  type SnapshotKey,
  type SnapshotSummary,
  type Summary,
  type ViolationCount
} from "@cadastre/aggregation"
import { type Cell, cellKey, type Coverage } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import { compress } from "./Compression.ts"
import { StoreError } from "./Database.ts"
import * as SortedRuns from "./SortedRuns.ts"
import type { Sql } from "./Sql.ts"
import * as StateBlock from "./StateBlock.ts"

/**
 * A snapshot that is being written.
 *
 * - `append`: states of any cells, in any order. It never fails: when the store is gone, nothing is written any more
 *   and `finish` says so
 * - `finish`: makes it appear, whole; what was appended to cells that did not end as `scanned` is part of it. Fails with
 *   `StoreError` where anything could not be written, and then nothing of it is ever seen
 *
 * @category models
 * @since 0.1.0
 */
export interface SnapshotWriter {
  readonly id: string
  readonly append: (states: ReadonlyArray<ResourceState>) => Effect.Effect<void>
  readonly finish: (result: {
    /** When the scan began, ISO 8601, UTC. */
    readonly takenAt: string
    readonly summary: Summary
    readonly coverage: Coverage.Coverage
  }) => Effect.Effect<SnapshotSummary, StoreError>
}

/** What waits in memory: so many states, or so many characters of tags. */
const runSize = 16_384
const runCharacters = 8_000_000
/** What is sorted at once: some milliseconds of work. */
const sliceSize = 2_048

/** Changes with the shape of what is stored, so that an old snapshot is never read as a new one. */
export const form = 1

const blocksAtOnce = 8
const commonViolations = 20

/** One that was not heard of for so long is nobody's, milliseconds. */
export const abandonedMs = 3_600_000

/** What is left of it is removed when the scope closes before `finish`. */
export const make = Effect.fnUntraced(function*(
  sql: Sql["Service"],
  key: SnapshotKey
): Effect.fn.Return<SnapshotWriter, never, Scope.Scope> {
  const id = randomUUID()
  const turn = yield* Semaphore.make(1)
  let slices: Array<ReadonlyArray<ResourceState>> = []
  let slice: Array<ResourceState> = []
  let waiting = 0
  let characters = 0
  let runs = 0
  let written = 0
  let failure: StoreError | undefined
  let isFinished = false
  const broken = new Map<string, Map<string, number>>()

  const attempt = (work: Effect.Effect<unknown, StoreError>): Effect.Effect<void> =>
    Effect.suspend(() => failure === undefined
      ? Effect.catch(Effect.asVoid(work), (error) => Effect.sync(() => void (failure ??= error)))
      : Effect.void)

  const heartbeat = Effect.map(Clock.currentTimeMillis, (now) =>
    ({ sql: "UPDATE @snapshots SET heartbeat_at = ? WHERE id = ?", values: [now, id] }))

  /** Merges what is sorted slice by slice, a block at a time: others have their turn in between. */
  const writeRun = Effect.fnUntraced(function*(slices: ReadonlyArray<ReadonlyArray<ResourceState>>) {
    const run = runs++
    let blocks = 0
    const states = SortedRuns.merge(
      slices.map((_, slice) => ({ run: slice, blocks: 1 })),
      (slice) => Effect.succeed(slices[slice]!)
    )
    yield* states.pipe(
      Stream.grouped(StateBlock.blockSize),
      Stream.mapEffect((part) =>
        // A turn for each, so that two of them and what is merged for the next do not come together.
        Effect.andThen(Effect.yieldNow, Effect.map(StateBlock.encode(part), (body) => ({ count: part.length, body }))), {
        concurrency: 2
      }),
      Stream.grouped(blocksAtOnce),
      Stream.runForEach(Effect.fnUntraced(function*(encoded) {
        yield* sql.write([
          {
            table: "@snapshot_blocks",
            columns: [["snapshot", "text"], ["run", "integer"], ["number", "integer"], ["states", "integer"], ["body", "bytes"]],
            rows: encoded.map(({ body, count }) => [id, run, blocks++, count, body])
          },
          yield* heartbeat
        ])
        for (const { count } of encoded) written += count
      }))
    )
  })

  const sortSlice = (): void => {
    if (slice.length === 0) return
    slices.push(slice.sort(byArn))
    slice = []
  }

  const flush = turn.withPermit(Effect.suspend(() => {
    sortSlice()
    const sorted = slices
    if (sorted.length === 0) return Effect.void
    slices = []
    waiting = 0
    characters = 0
    return attempt(writeRun(sorted))
  }))

  yield* attempt(Effect.flatMap(Clock.currentTimeMillis, (now) =>
    sql.write([{
      sql: "INSERT INTO @snapshots (id, form, scope, policy_hash, taken_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?)",
      values: [id, form, key.scope, key.policyHash, now, now]
    }])))
  yield* Effect.addFinalizer(() => isFinished || failure !== undefined ? Effect.void : Effect.ignore(remove(sql, id)))
  yield* Effect.forkScoped(Effect.repeat(
    attempt(Effect.flatMap(heartbeat, (beat) => isFinished ? Effect.void : sql.write([beat]))),
    Schedule.spaced("1 minute")
  ))

  const count = ({ cell, violations }: ResourceState): void => {
    if (violations.length === 0) return
    const name = cellKey(cell)
    const counts = broken.get(name) ?? new Map<string, number>()
    broken.set(name, counts)
    for (const { rule, tag } of violations) {
      const violation = JSON.stringify([tag, rule])
      counts.set(violation, (counts.get(violation) ?? 0) + 1)
    }
  }

  return {
    id,
    append: (states) =>
      Effect.suspend(() => {
        if (failure !== undefined) return Effect.void
        for (const state of states) {
          slice.push(state)
          for (const key in state.tags) characters += key.length + state.tags[key]!.length
          count(state)
          if (slice.length === sliceSize) sortSlice()
        }
        waiting += states.length
        // Whoever appends without a pause of its own lets others have their turn.
        return waiting >= runSize || characters >= runCharacters ? flush : Effect.yieldNow
      }),
    finish: Effect.fn("SnapshotWriter.finish")(function*({ coverage, summary, takenAt }) {
      yield* flush
      if (failure !== undefined) return yield* failure
      const figures: SnapshotSummary = {
        ...Struct.omit(summary, ["byRegion", "byType", "byAccount", "byOwner", "byRule"]),
        id,
        ...key,
        takenAt,
        complete: coverage.complete,
        seen: namesOf(coverage.table.filter(({ outcome }) => outcome === "scanned" || outcome === "unsupported")),
        commonViolations: mostCommon(
          coverage.table.flatMap((cell) => cell.outcome === "scanned" ? [...broken.get(cellKey(cell)) ?? []] : [])
        )
      }
      const details = yield* compress(JSON.stringify(summary satisfies SnapshotDetails["summary"]))
      const cells = yield* compress(JSON.stringify(coverage.table satisfies SnapshotDetails["cells"]))
      const now = yield* Clock.currentTimeMillis
      const [changed] = yield* sql.write([{
        // Whoever took it for abandoned has removed some of it.
        sql: "UPDATE @snapshots SET stored_at = ?, taken_at = ?, states = ?, summary = ?, details = ?, cells = ? " +
          "WHERE id = ? AND ? = (SELECT CAST(coalesce(sum(states), 0) AS bigint) FROM @snapshot_blocks WHERE snapshot = ?)",
        values: [now, epochOf(takenAt), written, JSON.stringify(figures), details, cells, id, written, id]
      }])
      if (changed !== 1) {
        return yield* new StoreError({
          path: sql.address,
          problem: "a part of the snapshot is gone",
          remedy: "Another process took this one for dead: see that the clocks agree, and store it again"
        })
      }
      isFinished = true
      return figures
    })
  }
})

/** Removes a snapshot, block by block, so that nothing is kept waiting. */
export const remove = Effect.fnUntraced(function*(sql: Sql["Service"], id: string) {
  yield* removeBlocks(sql, id)
  yield* sql.write([{ sql: "DELETE FROM @snapshots WHERE id = ?", values: [id] }])
})

export const removeBlocks = Effect.fnUntraced(function*(sql: Sql["Service"], id: string) {
  for (;;) {
    const blocks = yield* sql.read("SELECT run, number FROM @snapshot_blocks WHERE snapshot = ? LIMIT 32", [id])
    if (blocks.length === 0) return
    yield* sql.write(blocks.map(({ number, run }) => ({
      sql: "DELETE FROM @snapshot_blocks WHERE snapshot = ? AND run = ? AND number = ?",
      values: [id, run!, number!]
    })))
    yield* Effect.yieldNow
  }
})

export const epochOf = (instant: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(instant))

const namesOf = (cells: ReadonlyArray<Cell>): string =>
  createHash("sha256").update(JSON.stringify(cells.map(cellKey).toSorted())).digest("hex").slice(0, 32)

const mostCommon = (counts: ReadonlyArray<readonly [violation: string, count: number]>): ReadonlyArray<ViolationCount> => {
  const sums = new Map<string, number>()
  for (const [violation, count] of counts) sums.set(violation, (sums.get(violation) ?? 0) + count)
  return [...sums]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, commonViolations)
    .map(([violation, count]) => {
      const [tag, rule] = JSON.parse(violation) as [ViolationCount["tag"], ViolationCount["rule"]]
      return { tag, rule, count }
    })
}
