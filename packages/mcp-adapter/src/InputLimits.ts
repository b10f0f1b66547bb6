/**
 * How large the arguments of a call may be.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

/**
 * - `string`: characters of a text or a key
 * - `array`: items of a list
 * - `depth`: levels of lists and objects in each other, the arguments themselves being the first
 * - `keys`: keys of an object
 * - `elements`: values of all kinds together
 * - `arns`, `regions`: items of a list that is named for them
 * - `days`: from `start` to `end` of a period
 *
 * @category constants
 * @since 0.1.0
 */
export const inputLimits = {
  string: 1024,
  array: 1000,
  depth: 5,
  keys: 50,
  elements: 2000,
  arns: 100,
  regions: 50,
  days: 365
} as const

/**
 * What is too large in the arguments, and how large it may be; `undefined` when
 * nothing is. Names the place and shows nothing of what is there.
 *
 * @category getters
 * @since 0.1.0
 */
export const tooLarge = (args: unknown): string | undefined => problemIn(args, "", "arguments", 1, { elements: 0 })

const problemIn = (
  value: unknown,
  name: string,
  path: string,
  depth: number,
  seen: { elements: number }
): string | undefined => {
  seen.elements++
  if (seen.elements > inputLimits.elements) {
    return `the arguments have more than ${inputLimits.elements} values in all`
  }
  if (typeof value === "string") {
    return value.length > inputLimits.string
      ? `${path} has ${value.length} characters; at most ${inputLimits.string} are allowed`
      : listTooLong(value.split(",").length, name, path)
  }
  if (!Predicate.isObjectOrArray(value)) return undefined
  if (depth > inputLimits.depth) return `${path} is nested deeper than ${inputLimits.depth} levels`
  if (Array.isArray(value)) {
    const tooLong = value.length > inputLimits.array
      ? `${path} has ${value.length} items; at most ${inputLimits.array} are allowed`
      : listTooLong(value.length, name, path)
    return tooLong ?? first(value, (item: unknown, at) => problemIn(item, name, `${path}[${at}]`, depth + 1, seen))
  }
  const entries = Object.entries(value)
  if (entries.length > inputLimits.keys) {
    return `${path} has ${entries.length} keys; at most ${inputLimits.keys} are allowed`
  }
  return periodTooLong(value, path) ?? first(entries, ([key, inner]) =>
    key.length > inputLimits.string
      ? `a key of ${path} has ${key.length} characters; at most ${inputLimits.string} are allowed`
      : problemIn(inner, key, /^\w{1,64}$/u.test(key) ? `${path}.${key}` : `a key of ${path}`, depth + 1, seen))
}

const first = <A>(items: ReadonlyArray<A>, problem: (item: A, at: number) => string | undefined): string | undefined => {
  for (const [at, item] of items.entries()) {
    const found = problem(item, at)
    if (found !== undefined) return found
  }
  return undefined
}

const listTooLong = (items: number, name: string, path: string): string | undefined => {
  const [of, limit] = /arns?$/iu.test(name)
    ? ["ARNs", inputLimits.arns] as const
    : /regions?$/iu.test(name)
    ? ["Regions", inputLimits.regions] as const
    : ["", Number.POSITIVE_INFINITY] as const
  return items > limit ? `${path} has ${items} ${of}; at most ${limit} are allowed` : undefined
}

const dayMs = 86_400_000

const periodTooLong = (value: object, path: string): string | undefined => {
  const times = new Map(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner as unknown]))
  const from = timeOf(times.get("start") ?? times.get("start_date") ?? times.get("from"))
  const to = timeOf(times.get("end") ?? times.get("end_date") ?? times.get("to"))
  return Math.abs(to - from) > inputLimits.days * dayMs
    ? `${path} spans more than ${inputLimits.days} days`
    : undefined
}

const timeOf = (value: unknown): number => typeof value === "string" ? Date.parse(value) : Number.NaN
