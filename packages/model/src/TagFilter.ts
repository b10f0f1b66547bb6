/**
 * Which resources a scan is about, by their tags.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { get, type Tags } from "./Tags.ts"

/**
 * A tag that a resource must have. Keys and values are compared as they are, case
 * and all.
 *
 * - `values`: one of these; any value when empty. The empty text is a value as any other
 *
 * @category models
 * @since 0.1.0
 */
export const TagFilter = Schema.Struct({
  key: Schema.NonEmptyString,
  values: Schema.Array(Schema.String)
})
/** @since 0.1.0 */
export type TagFilter = typeof TagFilter.Type

/**
 * Whether tags satisfy every one of the filters.
 *
 * @category predicates
 * @since 0.1.0
 */
export const matches = (filters: ReadonlyArray<TagFilter>, tags: Tags): boolean =>
  filters.every(({ key, values }) => {
    const value = get(tags, key)
    return value !== undefined && (values.length === 0 || values.includes(value))
  })

/**
 * The same filters in their one form: each key once, with all its values, in
 * order. A key that may have any value somewhere may have any.
 *
 * @category combinators
 * @since 0.1.0
 */
export const normalise = (filters: ReadonlyArray<TagFilter>): ReadonlyArray<TagFilter> => {
  const byKey = new Map<string, Set<string> | "any">()
  for (const { key, values } of filters) {
    const known = byKey.get(key)
    if (values.length === 0 || known === "any") byKey.set(key, "any")
    else byKey.set(key, new Set([...known ?? [], ...values]))
  }
  return [...byKey]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([key, values]) => ({ key, values: values === "any" ? [] : [...values].toSorted() }))
}
