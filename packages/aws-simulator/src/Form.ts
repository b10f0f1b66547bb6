/**
 * Reading the form bodies of the query protocols: `Filter.1.Value.2=x` names a
 * place in the input by its path.
 *
 * @since 0.1.0
 */
import type { Member, Shape } from "./Shape.ts"

/** A form as a tree along the dots of its keys. */
export interface Form {
  value: string | undefined
  readonly children: Map<string, Form>
}

/** Reads a form body, or a query string. */
export const parse = (text: string): Form => {
  const root: Form = { value: undefined, children: new Map() }
  for (const [key, value] of new URLSearchParams(text)) {
    let at = root
    for (const part of key.split(".")) {
      let next = at.children.get(part)
      if (next === undefined) at.children.set(part, next = { value: undefined, children: new Map() })
      at = next
    }
    at.value = value
  }
  return root
}

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/** Reads a value of a shape; `ec2` for EC2's variant of the protocol. */
export const read = (shape: Shape, form: Form, ec2: boolean): unknown => {
  switch (shape.kind) {
    case "structure": {
      const found: Array<readonly [string, unknown]> = []
      for (const [name, member] of shape.members()) {
        const key = ec2
          ? member.traits.ec2QueryName ?? capitalised(member.traits.xmlName ?? name)
          : nameOf(name, member)
        const child = form.children.get(key)
        if (child !== undefined) found.push([name, read(member.shape, flattened(member, child, ec2), ec2)])
      }
      return Object.fromEntries(found)
    }
    case "list": {
      const inner = shape.member()
      return [...form.children]
        .filter(([key]) => /^\d+$/u.test(key))
        .toSorted(([a], [b]) => Number(a) - Number(b))
        .map(([, child]) => read(inner.shape, child, ec2))
    }
    case "number":
      return Number(form.value)
    case "boolean":
      return form.value === "true"
    case "timestamp":
      return new Date(form.value ?? "")
    default:
      return form.value ?? ""
  }
}

/** Lists of the older query protocol have one more step in their path, unless they are flattened. */
const flattened = (member: Member, form: Form, ec2: boolean): Form => {
  if (ec2 || member.shape.kind !== "list" || member.traits.xmlFlattened === 1) return form
  return form.children.get(member.shape.member().traits.xmlName ?? "member") ?? form
}

const nameOf = (name: string, member: Member): string =>
  member.shape.kind === "list" && member.traits.xmlFlattened === 1
    ? member.shape.member().traits.xmlName ?? member.traits.xmlName ?? name
    : member.traits.xmlName ?? name
