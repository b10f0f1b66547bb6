import { AccessDenied, AwsError, NotFound, type RegionId, TimedOut } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { DescribeConcurrency, Lookup } from "../src/index.ts"

const region = "eu-west-1" as RegionId
const failing = (reason: AwsError["reason"]) => new AwsError({ operation: "svc:Look", region, reason })
const gone = failing(new NotFound({ message: "gone", code: "ResourceNotFoundException" }))
const denied = failing(new AccessDenied({ message: "no", byScp: false }))
const late = failing(new TimedOut({ message: "no answer" }))

/** What a stream gives, and what it fails with. */
const outcome = <A>(stream: Stream.Stream<ReadonlyArray<A>, AwsError>) =>
  Effect.gen(function*() {
    const seen: Array<A> = []
    const end = yield* Effect.result(Stream.runForEach(stream, (page) => Effect.sync(() => void seen.push(...page))))
    return { seen, error: end._tag === "Failure" ? end.failure : undefined }
  })

const pagesOf = (pages: ReadonlyArray<ReadonlyArray<number>>) => Stream.fromIterable(pages)
const somePages = fc.array(fc.uniqueArray(fc.nat(999), { maxLength: 12 }), { maxLength: 6 })

describe("Lookup", () => {
  it("each and batches look at every item once, and never at more than fit into a call", () =>
    fc.assert(
      fc.asyncProperty(somePages, fc.integer({ min: 1, max: 7 }), (pages, size) =>
        Effect.gen(function*() {
          const calls: Array<ReadonlyArray<number>> = []
          const batches = yield* outcome(Lookup.batches(pagesOf(pages), size, (items) =>
            Effect.sync(() => {
              calls.push(items)
              return items.map((item) => `${item}`)
            }), (answer) => answer))
          assert.sameMembers(batches.seen, pages.flat().map(String))
          assert.isTrue(calls.every((items) => items.length >= 1 && items.length <= size))
          assert.strictEqual(calls.length, pages.reduce((sum, page) => sum + Math.ceil(page.length / size), 0))

          const each = yield* outcome(Lookup.each(pagesOf(pages), (item) => Effect.succeed(item), (item) =>
            item % 2 === 0 ? `${item}` : undefined))
          assert.sameMembers(each.seen, pages.flat().filter((item) => item % 2 === 0).map(String))
          // An answer that says nothing of what was listed is not what is gone.
          assert.strictEqual(each.error !== undefined, pages.flat().some((item) => item % 2 !== 0))
        }).pipe(Effect.runPromise)),
      { numRuns: 100 }
    ))

  it.effect("an answer must speak of all that was asked for", () =>
    Effect.gen(function*() {
      const look = (answer: { readonly seen?: ReadonlyArray<string>; readonly others?: ReadonlyArray<Lookup.NotShown> }, counts = true) =>
        outcome(
          counts
            ? Lookup.batches(pagesOf([[1, 2, 2]]), 9, () => Effect.succeed(answer), ({ seen }) => seen, ({ others }) => others)
            : Lookup.batches(pagesOf([[1, 2]]), 9, () => Effect.succeed(answer), ({ seen }) => seen)
        )
      const missing = { reason: "MISSING" }
      assert.isUndefined((yield* look({ seen: ["a", "b"], others: [] })).error)
      assert.isUndefined((yield* look({ seen: ["a", "b"] })).error)
      assert.isUndefined((yield* look({ seen: ["a"], others: [missing] })).error)
      assert.isUndefined((yield* look({ seen: [], others: [missing, missing] })).error)
      // Where the service names nobody, what it leaves out is gone.
      assert.isUndefined((yield* look({ seen: ["a"] }, false)).error)
      for (const [answer, message] of [
        [{}, "lacks what was asked for"],
        [{ others: [missing, missing] }, "lacks what was asked for"],
        [{ seen: ["a"], others: [] }, "nothing of 1 of 2"],
        [{ seen: ["a"], others: [{ reason: "ACCESS_DENIED", detail: "no" }] }, "not shown, as ACCESS_DENIED: no"]
      ] as const) {
        const { error, seen } = yield* look(answer)
        assert.include(error?.message, message)
        assert.deepStrictEqual(seen, "seen" in answer ? [...answer.seen] : [])
        assert.strictEqual(error?.outcome, "failed")
      }
      assert.include((yield* look({}, false)).error?.message, "lacks what was asked for")
    }))

  it("what is gone is dropped; any other failure lets the rest be seen, and comes at the end", () =>
    fc.assert(
      fc.asyncProperty(somePages, fc.func(fc.constantFrom(undefined, gone, denied, late)), (pages, fateOf) =>
        Effect.gen(function*() {
          const items = pages.flat()
          const well = items.filter((item) => fateOf(item) === undefined)
          const wrong = items.flatMap((item) => fateOf(item) ?? []).filter((error) => error !== gone)
          const look = (item: number) => {
            const fate = fateOf(item)
            return fate === undefined ? Effect.succeed(item) : Effect.fail(fate)
          }
          const each = yield* outcome(Lookup.each(pagesOf(pages), look, (item) => item))
          const within = yield* outcome(Lookup.within(pagesOf(pages), (item) =>
            Stream.mapEffect(Stream.make(item), (one) => Effect.map(look(one), (seen) => [seen, seen + 1000]))))
          assert.sameMembers(each.seen, well)
          assert.sameMembers(within.seen, well.flatMap((item) => [item, item + 1000]))
          for (const { error } of [each, within]) {
            if (wrong.length === 0) assert.isUndefined(error)
            else assert.include(wrong, error)
          }
        }).pipe(Effect.runPromise)),
      { numRuns: 100 }
    ))

  it.effect("looks at as many at once as it may", () =>
    Effect.gen(function*() {
      let now = 0
      let most = 0
      yield* outcome(Lookup.each(pagesOf([Array.from({ length: 50 }, (_, item) => item)]), (item) =>
        Effect.gen(function*() {
          most = Math.max(most, ++now)
          yield* Effect.yieldNow
          now--
          return item
        }), (item) => item)).pipe(Effect.provideService(DescribeConcurrency, 7))
      assert.strictEqual(most, 7)
    }))

  it.effect("a list of parents that fails is no list of children", () =>
    Effect.gen(function*() {
      const parents = Stream.concat(pagesOf([[1, 2]]), Stream.fail(denied))
      const { error, seen } = yield* outcome(Lookup.within(parents, (item) => pagesOf([[item]])))
      assert.strictEqual(error, denied)
      assert.isTrue(seen.every((item) => item === 1 || item === 2))
    }))
})
