/**
 * Writing and reading JSON as AWS's JSON protocols do.
 *
 * @since 0.1.0
 */
import * as Shape from "./Shape.ts"

type Writer = (value: unknown) => string

/** What no client knows yet, at the end of a structure. */
const extra = `"FutureMember":{"Deep":[1,null,{"Value":"unknown"}]}`

/** Writers with or without the `jsonName` trait (REST-JSON heeds it), and with members that no client knows yet. */
export const makeJson = (jsonNames: boolean, extras = false) => {
  const compiled = new Map<Shape.Shape, Writer>()

  const writer = (shape: Shape.Shape): Writer => {
    const found = compiled.get(shape)
    if (found !== undefined) return found
    const made = compile(shape)
    compiled.set(shape, made)
    return made
  }

  const compile = (shape: Shape.Shape): Writer => {
    switch (shape.kind) {
      case "string":
      case "document":
        return JSON.stringify
      case "number":
      case "boolean":
        return String
      case "blob":
        return (value) => `"${Buffer.from(value as Uint8Array).toString("base64")}"`
      case "timestamp": {
        const format = shape.format ?? "epoch-seconds"
        return format === "epoch-seconds"
          ? (value) => Shape.timestamp(value as Date, format)
          : (value) => `"${Shape.timestamp(value as Date, format)}"`
      }
      case "unit":
        return () => "{}"
      case "list": {
        let inner: Writer | undefined
        return (value) => {
          inner ??= writer(shape.member().shape)
          let text = ""
          for (const item of value as ReadonlyArray<unknown>) text += (text === "" ? "" : ",") + inner(item)
          return `[${text}]`
        }
      }
      case "map": {
        let inner: Writer | undefined
        return (value) => {
          inner ??= writer(shape.value().shape)
          let text = ""
          for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
            text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${inner(item)}`
          }
          return `{${text}}`
        }
      }
      case "structure": {
        const members = new Map<string, { readonly head: string; readonly write: Writer }>()
        return (value) => {
          if (members.size === 0) {
            for (const [name, member] of shape.members()) {
              const head = `${JSON.stringify((jsonNames ? member.traits.jsonName : undefined) ?? name)}:`
              members.set(name, { head, write: writer(member.shape) })
            }
          }
          let text = ""
          const object = value as Record<string, unknown>
          for (const name in object) {
            const item = object[name]
            if (item === undefined) continue
            const member = members.get(name)
            // A misspelt member must not become an answer that silently lacks it.
            if (member === undefined) throw new TypeError(`${shape.name} has no member ${name}`)
            text += (text === "" ? "" : ",") + member.head + member.write(item)
          }
          if (extras) text += (text === "" ? "" : ",") + extra
          return `{${text}}`
        }
      }
    }
  }

  return writer
}

/** Reads a value of a shape from parsed JSON. */
export const read = (shape: Shape.Shape, value: unknown, jsonNames: boolean): unknown => {
  if (value === null || value === undefined) return undefined
  switch (shape.kind) {
    case "structure": {
      const object = value as Record<string, unknown>
      const found: Array<readonly [string, unknown]> = []
      for (const [name, member] of shape.members()) {
        const key = (jsonNames ? member.traits.jsonName : undefined) ?? name
        const one = Object.hasOwn(object, key) ? object[key] : undefined
        if (one !== undefined && one !== null) found.push([name, read(member.shape, one, jsonNames)])
      }
      return Object.fromEntries(found)
    }
    case "list": {
      const inner = shape.member().shape
      return (value as ReadonlyArray<unknown>).map((item) => read(inner, item, jsonNames))
    }
    case "timestamp":
      return new Date(typeof value === "number" ? value * 1000 : value as string)
    default:
      return value
  }
}
