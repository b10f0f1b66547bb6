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
import { CurrentRegion } from "@cadastre/client-factory"
import { AwsError, Unexpected } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { DescribeConcurrency } from "./TaggingApi.ts"

/** Parents whose children are listed at once. */
const parentsAtOnce = 16

/**
 * Looks at every listed item by a call of its own, as many at once as
 * `DescribeConcurrency` allows.
 *
 * - `look`: the call for one item
 * - `read`: what the call's answer says of it. An answer that says nothing (`undefined`) is a failure: what was listed
 *   has not been seen. To leave an item out is for the scanner's `describe`
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
    return seen === undefined ? undefined : [seen]
  })

/**
 * Something that an answer names instead of showing it; `reason` as AWS gives
 * it, where anything but `MISSING` is a failure.
 *
 * @category models
 * @since 0.1.0
 */
export interface NotShown {
  readonly reason?: string | undefined
  readonly detail?: string | undefined
}

/**
 * Looks at the listed items so many at a time, `size` being what the call
 * takes. Batches do not reach over pages.
 *
 * - `look`: the call for some items
 * - `read`: what the call's answer says of them; an answer that says nothing (`undefined`) is a failure
 * - `others`: where the service names what it does not show: those. Then an answer that has less than was asked for,
 *   even so, is a failure as well
 *
 * @category combinators
 * @since 0.1.0
 */
export const batches = <Item, Answer, Seen, R, R2>(
  pages: Stream.Stream<ReadonlyArray<Item>, AwsError, R>,
  size: number,
  look: (items: readonly [Item, ...Array<Item>]) => Effect.Effect<Answer, AwsError, R2>,
  read: (answer: Answer) => ReadonlyArray<Seen> | undefined,
  others?: (answer: Answer) => ReadonlyArray<NotShown> | undefined
): Stream.Stream<ReadonlyArray<Seen>, AwsError, R | R2> =>
  settled((failures) =>
    Stream.mapEffect(pages, (page) =>
      Effect.flatMap(DescribeConcurrency, (concurrency) =>
        Effect.forEach(chunked(page, size), (items) =>
          look(items).pipe(
            Effect.flatMap((answer) => {
              const seen = read(answer)
              const fault = faultOf(new Set(items).size, seen, others === undefined ? undefined : others(answer) ?? [])
              return fault === undefined ? Effect.succeed(seen ?? []) : Effect.andThen(noted(failures, fault), Effect.succeed(seen ?? []))
            }),
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

/** What is wrong with an answer about so many items, if anything. */
const faultOf = (
  asked: number,
  seen: ReadonlyArray<unknown> | undefined,
  others: ReadonlyArray<NotShown> | undefined
): { readonly code: string; readonly message: string } | undefined => {
  if (seen === undefined) return { code: malformed, message: "the answer lacks what was asked for" }
  const refused = others?.find(({ reason }) => reason !== undefined && reason !== "MISSING")
  if (refused !== undefined) {
    const detail = refused.detail === undefined ? "" : `: ${refused.detail}`
    return { code: refused.reason!, message: `not shown, as ${refused.reason}${detail}` }
  }
  const missing = others === undefined ? 0 : asked - seen.length - others.length
  return missing <= 0 ? undefined : { code: malformed, message: `the answer says nothing of ${missing} of ${asked} that were asked for` }
}

const malformed = "MalformedAnswer"

const noted = (failures: Failures, { code, message }: { readonly code: string; readonly message: string }): Effect.Effect<void> =>
  Effect.map(Effect.serviceOption(CurrentRegion), (region) =>
    failures.add(
      new AwsError({
        operation: "describe what was listed",
        region: Option.getOrElse(region, () => "global" as const),
        reason: new Unexpected({ message, code, status: 200 })
      })
    ))

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
