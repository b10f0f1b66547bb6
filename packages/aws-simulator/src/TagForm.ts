/**
 * Tags in the form that a member of an API has.
 *
 * @since 0.1.0
 */
import type { Shape } from "./Shape.ts"

type Tags = Readonly<Record<string, string>>

const forms = new WeakMap<Shape, (tags: Tags) => unknown>()

const formOf = (shape: Shape): (tags: Tags) => unknown => {
  if (shape.kind === "map") return (tags) => tags
  const item = shape.kind === "list" ? shape.member().shape : undefined
  if (item?.kind !== "structure") throw new TypeError(`no form of tags: ${shape.kind}`)
  const names = [...item.members().keys()]
  const key = names.find((name) => /key$/iu.test(name))
  const value = names.find((name) => /value$/iu.test(name))
  if (key === undefined || value === undefined) throw new TypeError(`no tag: ${item.name}`)
  // A key of a tag is a value here: names of members come from the schema alone.
  return (tags) => Object.entries(tags).map(([one, text]) => ({ [key]: one, [value]: text }))
}

/** A list of `Key` and `Value` in one spelling or another, or a map: whatever the shape is. */
export const tagsAs = (shape: Shape, tags: Tags): unknown => {
  let form = forms.get(shape)
  if (form === undefined) forms.set(shape, form = formOf(shape))
  return form(tags)
}
