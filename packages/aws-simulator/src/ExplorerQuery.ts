/**
 * Resource Explorer's query language.
 *
 * Terms that are filters must all match; of free words any may ("Search query syntax reference for Resource Explorer").
 *
 * @since 0.1.0
 */
import type { Indexed } from "./Explorer.ts"

type Test = (one: Indexed) => boolean

/** Tags that people set: those that AWS sets do not count. */
const own = (tags: Indexed["tags"]) => Object.entries(tags).filter(([key]) => !key.startsWith("aws:"))

/** A value as it is, or its beginning before an asterisk; in any case. */
const matches = (pattern: string) => {
  const wanted = pattern.toLowerCase()
  return wanted.endsWith("*")
    ? (value: string) => value.toLowerCase().startsWith(wanted.slice(0, -1))
    : (value: string) => value.toLowerCase() === wanted
}

const filters: Readonly<Record<string, (value: string) => Test | undefined>> = {
  accountid: (value) => {
    const is = matches(value)
    return ({ accountId }) => is(accountId)
  },
  id: (value) => {
    const is = matches(value)
    return ({ arn }) => is(arn)
  },
  region: (value) => {
    const is = matches(value)
    return ({ region }) => is(region)
  },
  resourcetype: (value) => {
    const is = matches(value)
    return ({ kind }) => is(kind)
  },
  "resourcetype.supports": (value) => value === "tags" ? () => true : undefined,
  service: (value) => {
    const is = matches(value)
    return ({ kind }) => is(kind.split(":")[0] ?? "")
  },
  tag: (value) => {
    if (value === "none") return ({ tags }) => own(tags).length === 0
    if (value === "all") return ({ tags }) => own(tags).length > 0
    const [key = "", ...rest] = value.split("=")
    const isKey = matches(key)
    const isValue = matches(rest.join("="))
    return ({ tags }) => own(tags).some(([name, text]) => isKey(name) && isValue(text))
  },
  "tag.key": (value) => {
    const is = matches(value)
    return ({ tags }) => own(tags).some(([key]) => is(key))
  },
  "tag.value": (value) => {
    const is = matches(value)
    return ({ tags }) => own(tags).some(([, text]) => is(text))
  }
}

/** A term: `-region:us-*,eu-west-1`, `"two words"`. */
const term = /(-)?(?:([A-Za-z.]+):((?:"[^"]*"|[^\s"])+)|"([^"]*)"|(\S+))/gu

/** What a query accepts, or `undefined` where it cannot be read. `words`: it may hold more than filters. */
export const parse = (query: string, words: boolean): Test | undefined => {
  const all: Array<Test> = []
  const any: Array<Test> = []
  for (const [, minus, key, values = "", quoted, word] of query.matchAll(term)) {
    if (key !== undefined) {
      const filter = Object.hasOwn(filters, key.toLowerCase()) ? filters[key.toLowerCase()] : undefined
      const tests = values.replaceAll("\"", "").split(",").map((value) => filter?.(value))
      if (tests.includes(undefined)) return undefined
      const matched: Test = (one) => tests.some((test) => test?.(one) === true)
      all.push(minus === undefined ? matched : (one) => !matched(one))
      continue
    }
    if (!words) return undefined
    const text = (quoted ?? word ?? "").toLowerCase()
    const found: Test = ({ arn, kind, tags }) =>
      [arn, kind, ...Object.entries(tags).flat()].some((part) => part.toLowerCase().includes(text.replace(/\*$/u, "")))
    if (minus === undefined) any.push(found)
    else all.push((one) => !found(one))
  }
  return (one) => all.every((test) => test(one)) && (any.length === 0 || any.some((test) => test(one)))
}
