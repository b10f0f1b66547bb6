import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as fc from "fast-check"
import { CurrentPages, PageBudget } from "../src/index.ts"
import * as PageStream from "../src/PageStream.ts"

/** A list of `pages` pages of `size` items; counts how many of its pages are open at once. */
const list = (name: string, pages: number, size: number, open: { now: number; most: number }) =>
  PageStream.make(name, (token) =>
    Effect.gen(function*() {
      open.now++
      open.most = Math.max(open.most, open.now)
      yield* Effect.yieldNow
      open.now--
      const page = Number(token ?? 0)
      return {
        items: Array.from({ length: size }, (_, index) => page * size + index),
        next: page + 1 < pages ? String(page + 1) : undefined
      }
    }))

/** Runs a list as a cell does, with pages of its own. */
const asCell = <A, E>(budget: PageBudget, stream: Stream.Stream<A, E>): Effect.Effect<Array<A>, E> => {
  const pages = budget.pages()
  return stream.pipe(Stream.provideService(CurrentPages, pages), Stream.ensuring(pages.close), Stream.runCollect, Effect.map((all) => [...all]))
}

describe("PageBudget", () => {
  it.effect("however small the budget, every list ends with every item, once and in order", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.record({ pages: fc.integer({ min: 1, max: 4 }), size: fc.integer({ min: 0, max: 400 }) }), { minLength: 1, maxLength: 12 }),
        async (items, cells) => {
          const budget = new PageBudget(items)
          const open = { now: 0, most: 0 }
          const found = await Effect.runPromise(Effect.forEach(
            cells,
            ({ pages, size }, index) => asCell(budget, list(`op${index % 3}`, pages, size, open)),
            { concurrency: "unbounded" }
          ))
          for (const [index, { pages, size }] of cells.entries()) {
            assert.deepStrictEqual(found[index]!.flat(), Array.from({ length: pages * size }, (_, item) => item))
          }
        }
      ), { numRuns: 100 })
    ))

  it.effect("a list within a list never waits for the page that it belongs to", () =>
    Effect.gen(function*() {
      const budget = new PageBudget(1)
      const open = { now: 0, most: 0 }
      // Both operations are known to have large pages.
      yield* asCell(budget, list("outer", 1, 1000, open))
      yield* asCell(budget, list("inner", 1, 1000, open))
      const nested = list("outer", 2, 1000, open).pipe(
        Stream.mapEffect(() => Effect.flatMap(CurrentPages, (pages) =>
          Stream.runCollect(list("inner", 2, 1000, open).pipe(Stream.provideService(CurrentPages, pages)))))
      )
      assert.strictEqual((yield* asCell(budget, nested)).length, 2)
    }))

  it.effect("large pages wait while others hold the budget, small ones do not", () =>
    Effect.gen(function*() {
      const budget = new PageBudget(500)
      const first = budget.pages()
      const page = yield* first.admit("large")
      page.holds(1000)
      const waiting = yield* Effect.forkChild(budget.pages().admit("large"))
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* budget.pages().admit("small")
      assert.isUndefined(budget.pages().tryAdmit("small"), "nothing is read ahead while there is little room")
      page.release()
      yield* Fiber.join(waiting)
    }))

  it.effect("who is interrupted while waiting takes nothing", () =>
    Effect.gen(function*() {
      const budget = new PageBudget(500)
      const holder = budget.pages()
      const page = yield* holder.admit("large")
      page.holds(1000)
      const waiting = yield* Effect.forkChild(budget.pages().admit("large"))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(waiting)
      yield* holder.close
      assert.isDefined(budget.pages().tryAdmit("large"))
    }))
})
