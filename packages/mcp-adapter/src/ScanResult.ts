/**
 * What a scan came to, as answers show it: a page at a time.
 *
 * @since 0.1.0
 */
import { answerBytes, sizeOf } from "./Budget.ts"

/**
 * One page: `structured` is the whole answer but for its list, of which it holds a part; `next` is where the next page
 * begins, absent when this is the last.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<out O extends object = object> {
  readonly structured: O
  readonly text: string
  readonly next?: number
}

/**
 * The result of one scan. What it lists never changes, so that its pages are
 * the same whatever is scanned meanwhile.
 *
 * - `version`: names what was seen: results of the same request and the same version list the same
 * - `total`: items of the list, over all pages
 * - `weight`: about how many bytes it takes in memory
 * - `isError`: whether nothing could be seen
 * - `page`: the items from `from` on, as many as fit in an answer
 * - `mediaType`, `document`: all of it at once, in pieces to be written one after the other
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanResult<out O extends object = object> {
  readonly version: string
  readonly total: number
  readonly weight: number
  readonly isError: boolean
  readonly page: (from: number) => Page<O>
  readonly mediaType: string
  readonly document: () => Iterable<string>
}

/** What wraps an answer in a message, and what a page says of its scan, are below this. */
const envelope = 3000

/**
 * A result whose answer has a list that may be long.
 *
 * - `list`: the name of the list in the answer
 * - `items`: what is in it, the worst first; it must not change any more, and is a list for this tool alone
 * - `show`: an item as the answer has it
 * - `answer`: the answer with these items; all else in it is of a bounded size, unless `whole` is asked for
 * - `text`: Markdown, of 8,000 characters at most
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A, S, O extends object>(options: {
  readonly version: string
  readonly list: string & keyof O
  readonly items: ReadonlyArray<A>
  readonly show: (item: A) => S
  readonly answer: (shown: ReadonlyArray<S>, whole: boolean) => O
  readonly text: string
  readonly isError?: boolean
}): ScanResult<O> => {
  const { answer, isError = false, items, list, show, text, version } = options
  const known = knownOf<S>(items, () => {
    const { [list]: _, ...rest } = answer([], false)
    return { room: answerBytes - envelope - sizeOf(rest), weight: weightOf(items, show), first: undefined }
  })
  const pageOf = (from: number): Page<O> => {
    const bytes = Math.floor((known.room - sizeOf(text)) / 1024) * 1024
    const first = from === 0 && known.first?.bytes === bytes ? known.first : undefined
    const { next, shown } = first ?? shownOf(items, from, show, bytes)
    if (from === 0) known.first = { bytes, next, shown }
    return { structured: answer(shown, false), text, ...(next < items.length ? { next } : {}) }
  }
  return {
    version,
    total: items.length,
    weight: known.weight,
    isError,
    page: pageOf,
    mediaType: "application/json",
    *document() {
      const { [list]: _, ...rest } = answer([], true)
      yield `${JSON.stringify(rest).slice(0, -1)},${JSON.stringify(list)}:[`
      for (let at = 0; at < items.length; at += 100) {
        yield (at === 0 ? "" : ",") + items.slice(at, at + 100).map((item) => JSON.stringify(show(item))).join(",")
      }
      yield "]}"
    }
  }
}

/** What is known of a list, so that an answer from the cache is not measured and written again. */
interface Known<S> {
  readonly room: number
  readonly weight: number
  first: { readonly bytes: number; readonly shown: ReadonlyArray<S>; readonly next: number } | undefined
}

const lists = new WeakMap<ReadonlyArray<unknown>, Known<unknown>>()

/** Of a list that is never shown but in one way. */
const knownOf = <S>(items: ReadonlyArray<unknown>, make: () => Known<S>): Known<S> => {
  const known = lists.get(items) as Known<S> | undefined
  if (known !== undefined) return known
  const made = make()
  lists.set(items, made)
  return made
}

const shownOf = <A, S>(items: ReadonlyArray<A>, from: number, show: (item: A) => S, bytes: number) => {
  const shown: Array<S> = []
  let left = bytes
  let next = from
  for (; next < items.length; next++) {
    const one = show(items[next]!)
    left -= sizeOf(one) + 1
    // Something is always shown, so that what comes after it can be reached.
    if (left < 0 && shown.length > 0) break
    shown.push(one)
  }
  return { shown, next }
}

/** From some of the items, for all of them would take too long. Text takes two bytes a character at most. */
const weightOf = <A, S>(items: ReadonlyArray<A>, show: (item: A) => S): number => {
  const step = Math.max(1, Math.floor(items.length / 20))
  const some = Array.from({ length: Math.min(20, items.length) }, (_, at) => items[at * step]!)
  const bytes = some.reduce((sum, item) => sum + sizeOf(show(item)), 0)
  return some.length === 0 ? 0 : Math.ceil(bytes / some.length * items.length * 2)
}

/**
 * A result whose answer has a text that may be long.
 *
 * - `content`: the text
 * - `answer`: the answer with this part of the text; all else in it is of a bounded size
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofText = <O extends object>(options: {
  readonly version: string
  readonly content: string
  readonly mediaType: string
  readonly answer: (part: string) => O
  readonly text: string
}): ScanResult<O> => {
  const { answer, content, mediaType, text, version } = options
  return {
    version,
    total: content.length,
    weight: content.length * 2,
    isError: false,
    page: (from) => {
      const part = partOf(content, from, answerBytes - envelope - sizeOf(answer("")) - sizeOf(text))
      const next = from + part.length
      return { structured: answer(part), text, ...(next < content.length ? { next } : {}) }
    },
    mediaType,
    *document() {
      yield content
    }
  }
}

/**
 * As much of a text, from a place on, as fits in so many bytes of JSON: whole lines where there are any, never half a
 * character, and never nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const partOf = (content: string, from: number, bytes: number): string => {
  let end = Math.min(content.length, from + Math.max(1, bytes))
  while (end - from > 1 && sizeOf(content.slice(from, end)) > bytes) end = from + Math.floor((end - from) * 0.8)
  if (end === content.length) return content.slice(from)
  const line = content.lastIndexOf("\n", end - 1) + 1
  if (line > from) return content.slice(from, line)
  const isHalf = /[\uD800-\uDBFF]/u.test(content[end - 1] ?? "")
  return content.slice(from, isHalf ? end + 1 : end)
}
