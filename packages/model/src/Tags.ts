/**
 * Tags, in the one shape that the rest of the code sees.
 *
 * Keys and values are untrusted text: a key may be `__proto__`. They are read
 * with `Object.hasOwn` and written with `Object.fromEntries`, by assignment only
 * here, where that name is looked for first.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Tag key to tag value.
 *
 * @since 0.1.0
 */
export const Tags = Schema.Record(Schema.String, Schema.String)
/** @since 0.1.0 */
export type Tags = typeof Tags.Type

/**
 * The shapes in which AWS's APIs return tags.
 *
 * @since 0.1.0
 */
export type AwsTags =
  | Readonly<Record<string, string>>
  | ReadonlyArray<{ readonly Key?: string | undefined; readonly Value?: string | undefined }>
  | ReadonlyArray<{ readonly key?: string | undefined; readonly value?: string | undefined }>
  | ReadonlyArray<{ readonly TagKey?: string | undefined; readonly TagValue?: string | undefined }>
  | undefined

interface AnyTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
  readonly key?: string | undefined
  readonly value?: string | undefined
  readonly TagKey?: string | undefined
  readonly TagValue?: string | undefined
}

/**
 * No tags, known to be none.
 *
 * @since 0.1.0
 */
export const none: Tags = Object.freeze({})

/**
 * Reads any of AWS's shapes. A tag without a value has the empty value; an
 * entry without a key is no tag. `undefined` means that the answer named no
 * tags, which is known to be none.
 *
 * @since 0.1.0
 */
export const fromAws = (tags: AwsTags): Tags => {
  if (tags === undefined || tags === null) return none
  if (!Array.isArray(tags)) return Object.fromEntries(Object.entries(tags as Tags))
  const list = tags as ReadonlyArray<AnyTag>
  if (list.length === 0) return none
  const read: Record<string, string> = {}
  for (const tag of list) {
    const key = tag.Key ?? tag.key ?? tag.TagKey
    if (key === undefined) continue
    // The one name to which assigning means something else: `Object.fromEntries` for all takes five times as long.
    if (key === "__proto__") return fromEntries(list)
    read[key] = tag.Value ?? tag.value ?? tag.TagValue ?? ""
  }
  return read
}

const fromEntries = (list: ReadonlyArray<AnyTag>): Tags =>
  Object.fromEntries(list.flatMap((tag) => {
    const key = tag.Key ?? tag.key ?? tag.TagKey
    return key === undefined ? [] : [[key, tag.Value ?? tag.value ?? tag.TagValue ?? ""] as const]
  }))

/**
 * The value of `key`, `undefined` when it is not there.
 *
 * @since 0.1.0
 */
export const get = (tags: Tags, key: string): string | undefined => Object.hasOwn(tags, key) ? tags[key] : undefined
