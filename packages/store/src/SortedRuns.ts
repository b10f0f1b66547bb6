/**
 * Reads runs, each sorted by itself, as one sorted stream. One block of each is
 * in memory at a time.
 *
 * @since 0.1.0
 */
import { byArn, type ResourceState } from "@cadastre/aggregation"
import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** A run and how many blocks it has. */
export interface Run {
  readonly run: number
  readonly blocks: number
}

interface Cursor extends Run {
  next: number
  page: ReadonlyArray<ResourceState>
  at: number
}

/** What is handed on at once. */
const pageSize = 1000

/**
 * The states of all runs by `byArn`. What is in them twice comes once.
 */
export const merge = <E>(
  runs: ReadonlyArray<Run>,
  read: (run: number, block: number) => Effect.Effect<ReadonlyArray<ResourceState>, E>
): Stream.Stream<ResourceState, E> =>
  Stream.fromPull(Effect.sync(() => {
    let waiting: ReadonlyArray<Cursor> = runs.map((run) => ({ ...run, next: 0, page: [], at: 0 }))
    /** A heap: the first is the one with the least state. */
    const heap: Array<Cursor> = []
    let last: ResourceState | undefined

    const fill = (cursor: Cursor) =>
      Effect.map(read(cursor.run, cursor.next), (page) => {
        cursor.next++
        cursor.page = page
        cursor.at = 0
      })

    return Effect.gen(function*() {
      const page: Array<ResourceState> = []
      while (page.length < pageSize) {
        if (waiting.length > 0) {
          yield* Effect.forEach(waiting.filter(({ blocks, next }) => next < blocks), fill, { concurrency: 4, discard: true })
          for (const cursor of waiting) if (cursor.at < cursor.page.length) push(heap, cursor)
          waiting = []
        }
        const [first] = heap
        if (first === undefined) break
        const state = first.page[first.at++]!
        if (last === undefined || byArn(last, state) !== 0) page.push(state)
        last = state
        if (first.at < first.page.length) sink(heap, first)
        else {
          const moved = heap.pop()!
          if (moved !== first) sink(heap, moved)
          if (first.next < first.blocks) waiting = [first]
        }
      }
      return Array.isArrayNonEmpty(page) ? page : yield* Cause.done()
    })
  }))

const isLess = (a: Cursor, b: Cursor): boolean => byArn(a.page[a.at]!, b.page[b.at]!) < 0

const push = (heap: Array<Cursor>, cursor: Cursor): void => {
  let place = heap.length
  heap.push(cursor)
  while (place > 0) {
    const parent = (place - 1) >> 1
    if (!isLess(cursor, heap[parent]!)) break
    heap[place] = heap[parent]!
    place = parent
  }
  heap[place] = cursor
}

/** Puts a cursor at the top of the heap and lets it down to its place. */
const sink = (heap: Array<Cursor>, cursor: Cursor): void => {
  let place = 0
  for (;;) {
    let child = 2 * place + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isLess(heap[child + 1]!, heap[child]!)) child++
    if (!isLess(heap[child]!, cursor)) break
    heap[place] = heap[child]!
    place = child
  }
  heap[place] = cursor
}
