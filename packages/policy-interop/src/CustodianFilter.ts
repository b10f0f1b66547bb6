/**
 * Custodian's filters about tags.
 */
import { anchored } from "./WholeValue.ts"

/** What one filter finds wrong. `optional` where a missing tag is not. */
export type Finding =
  | { readonly _tag: "Missing"; readonly key: string; readonly optional: boolean }
  | { readonly _tag: "NotIn"; readonly key: string; readonly values: ReadonlyArray<string>; readonly optional: boolean }
  | { readonly _tag: "NotMatching"; readonly key: string; readonly regex: string; readonly optional: boolean }
  | { readonly _tag: "Present"; readonly key: string }
  | { readonly _tag: "Unknown"; readonly filter: unknown }

/** Finds tags whose value is none of these, also such as are missing. */
const notIn = (key: string, values: ReadonlyArray<string>) => ({ type: "value", key: `tag:${key}`, op: "not-in", value: values })

/** Finds tags whose whole value does not match, also such as are missing. */
const notMatching = (key: string, regex: string) =>
  ({ not: [{ type: "value", key: `tag:${key}`, op: "regex-case", value: regex }] })

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined

/** Filters that all must hold, as Custodian has them: one list with `or`, or single ones. */
const read = (filters: ReadonlyArray<unknown>): ReadonlyArray<Finding> => {
  // Several filters are joined by "and": each alone does not say what is wrong.
  if (filters.length !== 1) return filters.map((filter) => ({ _tag: "Unknown", filter }))
  const or = fieldOf(filters[0], "or")
  return Array.isArray(or) ? or.flatMap((filter) => read([filter])) : one(filters[0])
}

const one = (filter: unknown): ReadonlyArray<Finding> => {
  const unknown: ReadonlyArray<Finding> = [{ _tag: "Unknown", filter }]
  const and = fieldOf(filter, "and")
  if (Array.isArray(and)) {
    const items: ReadonlyArray<unknown> = and
    const [first, second] = items
    const [guard] = one(first)
    const [finding] = and.length === 2 ? one(second) : []
    if (guard?._tag !== "Present" || finding === undefined) return unknown
    if (finding._tag === "Unknown" || finding._tag === "Present") return unknown
    return guard.key === finding.key ? [{ ...finding, optional: true }] : unknown
  }
  const not = fieldOf(filter, "not")
  if (Array.isArray(not)) {
    const inner: unknown = not[0]
    const value = fieldOf(inner, "value")
    const key = keyOf(inner)
    const op = fieldOf(inner, "op")
    if (not.length !== 1 || key === undefined || fieldOf(inner, "type") !== "value") return unknown
    if (op === "regex-case" && typeof value === "string") {
      return [{ _tag: "NotMatching", key, regex: wholeValue(value), optional: false }]
    }
    if (op === "in" && isTexts(value)) return [{ _tag: "NotIn", key, values: value, optional: false }]
    return value === "present" ? [{ _tag: "Missing", key, optional: false }] : unknown
  }
  const key = keyOf(filter)
  if (key === undefined) return unknown
  const value = fieldOf(filter, "value")
  const op = fieldOf(filter, "op")
  if (op === undefined && (value === "absent" || value === "empty")) return [{ _tag: "Missing", key, optional: false }]
  if (op === undefined && (value === "present" || value === "not-null")) return [{ _tag: "Present", key }]
  return (op === "not-in" || op === "ni") && isTexts(value) ? [{ _tag: "NotIn", key, values: value, optional: false }] : unknown
}

/** Custodian looks at the beginning of a value; what has `^` and `$` is left as it is. */
const wholeValue = (pattern: string): string => pattern.endsWith("$") ? anchored(pattern) : `^(?:${pattern}).*$`

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((item) => typeof item === "string")

/** The tag's key in `{type: value, key: "tag:X"}`; the short form `{"tag:X": absent}` is read in `expand`. */
const keyOf = (filter: unknown): string | undefined => {
  const key = fieldOf(filter, "key")
  return fieldOf(filter, "type") === "value" && typeof key === "string" && key.startsWith("tag:") ? key.slice(4) : undefined
}

/** The short form in the long one. */
const expand = (filter: unknown): unknown => {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) return filter
  const entries: ReadonlyArray<readonly [string, unknown]> = Object.entries(filter)
  const [entry] = entries
  if (entries.length === 1 && entry !== undefined && entry[0].startsWith("tag:")) {
    return { type: "value", key: entry[0], value: entry[1] }
  }
  return Object.fromEntries(entries.map(([key, value]) =>
    [key, ["or", "and", "not"].includes(key) && Array.isArray(value) ? value.map(expand) : value]))
}

export const CustodianFilter = {
  fieldOf,
  notIn,
  notMatching,
  read: (filters: ReadonlyArray<unknown>): ReadonlyArray<Finding> => read(filters.map(expand))
}
