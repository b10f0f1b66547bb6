/**
 * Lists that take more than one step: first the names, then what they stand
 * for, or first the parents, then what each of them holds.
 *
 * What is gone between two steps is dropped. A step that fails for one item
 * does not keep the others from being seen; the stream fails at its end, so
 * that nobody takes it for the whole.
 *
 * @since 0.1.0
 */
import type { AwsError } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { DescribeConcurrency } from "./TaggingApi.ts"

/** Parents whose children are listed at once. */
const parentsAtOnce = 16

/**
 * Looks at every listed item by a call of its own, as many at once as
 * `DescribeConcurrency` allows.
 *
 * - `look`: the call for one item
 * - `read`: what the call's answer says of it; `undefined` for nothing
 *
 * @category combinators
 * @since 0.1.0
 */
export const each = <Item, Answer, Seen, R, R2>(
  pages: Stream.Stream<ReadonlyArray<Item>, AwsError, R>,
  look: (item: Item) => Effect.Effect<Answer, AwsError, R2>,
  read: (answer: Answer) => Seen | undefined
): Stream.Stream<ReadonlyArray<Seen>, AwsError, R | R2> =>
  batches(pages, 1, ([item]) => look(item), (answer) => {
    const seen = read(answer)
    return seen === undefined ? [] : [seen]
  })

/**
 * Looks at the listed items so many at a time, `size` being what the call
 * takes. Batches do not reach over pages.
 *
 * @category combinators
 * @since 0.1.0
 */
export const batches = <Item, Answer, Seen, R, R2>(
  pages: Stream.Stream<ReadonlyArray<Item>, AwsError, R>,
  size: number,
  look: (items: readonly [Item, ...Array<Item>]) => Effect.Effect<Answer, AwsError, R2>,
  read: (answer: Answer) => ReadonlyArray<Seen> | undefined
): Stream.Stream<ReadonlyArray<Seen>, AwsError, R | R2> =>
  settled((failures) =>
    Stream.mapEffect(pages, (page) =>
      Effect.flatMap(DescribeConcurrency, (concurrency) =>
        Effect.forEach(chunked(page, size), (items) =>
          look(items).pipe(
            Effect.map((answer) => read(answer) ?? []),
            Effect.catch((error) => Effect.sync((): ReadonlyArray<Seen> => (failures.add(error), [])))
          ), { concurrency })).pipe(Effect.map((seen) => seen.flat())))
  )

/**
 * Lists what every listed parent holds, some parents at once.
 *
 * @category combinators
 * @since 0.1.0
 */
export const within = <Parent, Item, R, R2>(
  parents: Stream.Stream<ReadonlyArray<Parent>, AwsError, R>,
  list: (parent: Parent) => Stream.Stream<ReadonlyArray<Item>, AwsError, R2>
): Stream.Stream<ReadonlyArray<Item>, AwsError, R | R2> =>
  settled((failures) =>
    parents.pipe(
      Stream.flatMap(Stream.fromIterable),
      Stream.flatMap((parent) =>
        Stream.catch(list(parent), (error) => {
          failures.add(error)
          return Stream.empty
        }), { concurrency: parentsAtOnce })
    )
  )

/** What went wrong with single items. */
interface Failures {
  readonly add: (error: AwsError) => void
}

/** Fails at the end with the first failure that is more than a vanished item. */
const settled = <A, E, R>(
  stream: (failures: Failures) => Stream.Stream<A, E, R>
): Stream.Stream<A, E | AwsError, R> =>
  Stream.suspend(() => {
    let first: AwsError | undefined
    const failures: Failures = {
      add: (error) => {
        if (error.reason._tag !== "NotFound") first ??= error
      }
    }
    return Stream.concat(
      stream(failures),
      Stream.suspend(() => first === undefined ? Stream.empty : Stream.fail(first))
    )
  })

const chunked = <Item>(items: ReadonlyArray<Item>, size: number): ReadonlyArray<readonly [Item, ...Array<Item>]> => {
  const chunks: Array<readonly [Item, ...Array<Item>]> = []
  for (let at = 0; at < items.length; at += size) {
    const [first, ...others] = items.slice(at, at + size)
    if (first !== undefined) chunks.push([first, ...others])
  }
  return chunks
}
