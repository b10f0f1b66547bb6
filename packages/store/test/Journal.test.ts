import { type Cell, cellKey } from "@cadastre/model"
import { Journal, type ScanJournal } from "@cadastre/scanner-core"
import { type DatabaseUrl, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Option, Stream } from "effect"
import * as fc from "fast-check"
import { backends } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const key = { estate: "aws", variant: "full" }

const begin = Effect.fnUntraced(function*(resume = false, request = "all", estate = key.estate) {
  const journal = yield* Journal
  const begun = yield* journal.begin({ key: { ...key, estate }, request, resume })
  if (begun === undefined) return assert.fail("the journal did not begin")
  return begun
})

/** What the journal has of a cell: ARNs with all that belongs to them. */
const read = Effect.fnUntraced(function*(journal: ScanJournal, cell: Cell) {
  const found = yield* journal.find(cell)
  if (Option.isNone(found)) return undefined
  const pages = yield* Stream.runCollect(found.value.pages)
  return { scanId: found.value.scanId, result: found.value.result, resources: pages.flat() }
})

const write = Effect.fnUntraced(function*(journal: ScanJournal, cell: Cell, count: number, round = 0) {
  const resources = Array.from({ length: count }, (_, n) => resourceOf(cell, n, round))
  for (let at = 0; at < count; at += 3) yield* journal.append(cell, resources.slice(at, at + 3))
  yield* journal.end(resultOf(cell, count))
  return resources
})

/** Which of two was seen last is known to the millisecond. */
const later = Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.repeat(Clock.currentTimeMillis, { until: (at) => at > now }))

/** Everything that a process does with the database, from opening to closing it. */
const inProcess = <A, E>(url: DatabaseUrl.DatabaseUrl, work: Effect.Effect<A, E>) =>
  Effect.scoped(Effect.provide(work, Store.journal(url)))

describe.each(backends())("the journal in $name", ({ fresh }) => {
  it.live("keeps a cell with all that was found, for the next process", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      const written = yield* inProcess(url, Effect.gen(function*() {
        const { journal, resumed } = yield* begin()
        assert.isFalse(resumed)
        const written = yield* write(journal, cells[0]!, 20)
        yield* write(journal, cells[1]!, 0)
        yield* journal.append(cells[2]!, [resourceOf(cells[2]!, 1)])
        return written
      }))
      yield* inProcess(url, Effect.gen(function*() {
        const { journal } = yield* begin()
        const found = yield* read(journal, cells[0]!)
        assert.deepStrictEqual(found?.resources, written)
        assert.isTrue(Object.hasOwn(found!.resources[1]!.tags!, "__proto__"))
        assert.deepStrictEqual(found?.result, resultOf(cells[0]!, 20))
        assert.deepStrictEqual((yield* read(journal, cells[1]!))?.resources, [])
        assert.isUndefined(yield* read(journal, cells[2]!), "what has not ended is not there")
      }))
    }).pipe(Effect.scoped))

  it.live("keeps only what was seen; what was known before stays until then", () =>
    Effect.gen(function*() {
      yield* inProcess(yield* fresh, Effect.gen(function*() {
        const [cell] = cells as [Cell]
        const { journal: first } = yield* begin()
        const written = yield* write(first, cell, 4)
        const { journal: second } = yield* begin()
        yield* second.append(cell, [resourceOf(cell, 9)])
        assert.deepStrictEqual((yield* read(second, cell))?.resources, written)
        yield* second.end(resultOf(cell, 1, "denied"))
        assert.deepStrictEqual((yield* read(second, cell))?.resources, written)
        const again = yield* write(second, cell, 2, 1)
        assert.deepStrictEqual((yield* read(first, cell))?.resources, again)
        assert.strictEqual((yield* read(first, cell))?.scanId, second.scanId)
      }))
    }).pipe(Effect.scoped))

  it.live("goes on with the last scan of the same request that did not see everything", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      const ids = yield* inProcess(url, Effect.gen(function*() {
        const complete = yield* begin()
        yield* complete.journal.close(true)
        const other = yield* begin(false, "other")
        yield* other.journal.close(false)
        const cut = yield* begin()
        yield* write(cut.journal, cells[0]!, 3)
        yield* cut.journal.append(cells[1]!, [resourceOf(cells[1]!, 1)])
        // Nobody goes on with what still runs.
        assert.isFalse((yield* begin(true)).resumed)
        yield* cut.journal.close(false)
        return { cut: cut.journal.scanId, other: other.journal.scanId }
      }))
      yield* inProcess(url, Effect.gen(function*() {
        const { journal, resumed } = yield* begin(true)
        assert.isTrue(resumed)
        assert.strictEqual(journal.scanId, ids.cut)
        assert.strictEqual((yield* read(journal, cells[0]!))?.scanId, ids.cut)
        assert.isUndefined(yield* read(journal, cells[1]!))
        yield* journal.close(true)
        assert.strictEqual((yield* begin(true, "other")).journal.scanId, ids.other)
        const next = yield* begin(true)
        assert.notStrictEqual(next.journal.scanId, ids.cut)
      }))
    }).pipe(Effect.scoped))

  it.live("tells how much each cell held when it was last seen, under whatever key of the estate", () =>
    Effect.gen(function*() {
      yield* inProcess(yield* fresh, Effect.gen(function*() {
        const journals = yield* Journal
        const { journal } = yield* begin()
        yield* write(journal, cells[0]!, 5)
        yield* write(journal, cells[1]!, 0)
        yield* later
        const quick = yield* journals.begin({ key: { ...key, variant: "quick" }, request: "all", resume: false })
        yield* write(quick!.journal, cells[0]!, 7)
        const elsewhere = yield* journals.begin({ key: { ...key, estate: "http://x" }, request: "all", resume: false })
        yield* write(elsewhere!.journal, cells[2]!, 7)
        const counts = yield* journals.lastCounts("aws", cells)
        assert.sameDeepMembers(
          [...counts].map(([name, { calls, resources }]) => [name, resources, calls]),
          [[cellKey(cells[0]!), 7, 8], [cellKey(cells[1]!), 0, 1]]
        )
        assert.strictEqual((yield* journals.lastCounts("aws", [cells[1]!])).size, 1)
      }))
    }).pipe(Effect.scoped))

  it.live("18: is what a simple table in memory would be, whatever happens", () => {
    type Step = "append" | "scanned" | "denied" | "unsupported" | "cut" | "close" | "begin" | "resume"
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom<Step>("append", "append", "scanned", "scanned", "denied", "unsupported", "cut", "close", "begin", "resume"),
        fc.nat(cells.length - 1),
        fc.nat(7)
      ),
      { maxLength: 40 }
    )
    let run = 0
    // One database for all runs, each with an estate of its own.
    const check = (url: DatabaseUrl.DatabaseUrl) => fc.assert(
      fc.asyncProperty(steps, (steps) =>
        Effect.gen(function*() {
          const estate = `run ${run++}`
          const kept = new Map<string, { readonly scanId: string; readonly arns: ReadonlyArray<string> }>()
          const unfinished: Array<string> = []
          /** The last that has something, else the last. */
          const next = () =>
            unfinished.findLast((id) => [...kept.values()].some(({ scanId }) => scanId === id)) ?? unfinished.at(-1)
          let rest = steps
          while (rest.length > 0) {
            // One process: until it is cut off.
            const at = rest.findIndex(([step]) => step === "cut")
            const part = at < 0 ? rest : rest.slice(0, at)
            rest = at < 0 ? [] : rest.slice(at + 1)
            yield* inProcess(url, Effect.gen(function*() {
              const enter = Effect.fnUntraced(function*(resume: boolean) {
                const expected = resume ? next() : undefined
                const { journal, resumed } = yield* begin(resume, "all", estate)
                assert.strictEqual(resumed, expected !== undefined)
                if (expected !== undefined) assert.strictEqual(journal.scanId, expected)
                else unfinished.push(journal.scanId)
                return journal
              })
              let journal = yield* enter(true)
              let pending = new Map<string, Array<string>>()
              for (const [step, which, count] of part) {
                const cell = cells[which]!
                const name = cellKey(cell)
                if (step === "append") {
                  const found = Array.from({ length: count }, (_, n) => resourceOf(cell, n))
                  yield* journal.append(cell, found)
                  pending.set(name, [...pending.get(name) ?? [], ...found.map(({ arn }) => arn)])
                } else if (step === "close" || step === "begin" || step === "resume") {
                  yield* journal.close(step === "close")
                  if (step === "close") unfinished.splice(unfinished.indexOf(journal.scanId), 1)
                  journal = yield* enter(step === "resume")
                  pending = new Map()
                } else if (step !== "cut") {
                  const arns = pending.get(name) ?? []
                  pending.delete(name)
                  yield* journal.end(resultOf(cell, arns.length, step))
                  if (step !== "denied") kept.set(name, { scanId: journal.scanId, arns })
                }
              }
              for (const cell of cells) {
                const found = yield* read(journal, cell)
                const expected = kept.get(cellKey(cell))
                assert.strictEqual(found?.scanId, expected?.scanId)
                assert.deepStrictEqual(found?.resources.map(({ arn }) => arn), expected?.arns)
              }
            }))
          }
        }).pipe(Effect.scoped, Effect.runPromise)),
      { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100 }
    )
    return Effect.scoped(Effect.flatMap(fresh, (url) => Effect.promise(() => check(url))))
  }, 120_000)
})
