/**
 * Completes what a handler says of a resource: members that the SDK's schema requires, and those whose name says what
 * they hold.
 *
 * @since 0.1.0
 */
import type { EstateResource } from "./Estate.ts"
import { draw, hashText, hex8 } from "./Hash.ts"
import type { Member, Shape } from "./Shape.ts"
import type { Call } from "./Service.ts"

type Value = (one: EstateResource, hash: () => number, call: Call) => unknown

/** Optional members with a value that everything in an estate has. */
const known: ReadonlyArray<readonly [name: RegExp, kind: Shape["kind"], value: Value]> = [
  [/^(?:creat|launch)\w*$|^start(?:ed)?(?:time|at|date)$|^registeredAt$/iu, "timestamp", ({ createdAt }) => createdAt],
  [/^(?:last)?(?:modif|updat)\w*$|^lastModified\w*$/iu, "timestamp", ({ createdAt }) => createdAt],
  [/^description$/iu, "string", () => "Managed by Terraform"],
  [/^(?:owner(?:id|account)?|owningAccountId|ownerAccountId)$/iu, "string", ({ accountId }) => accountId]
]

/** What a required member holds of which nothing else is known. */
const plausible = (name: string, { shape }: Member, depth: number): Value => {
  switch (shape.kind) {
    case "string":
      return /arn$/iu.test(name)
        ? ({ accountId }, _hash, { partition }) => `arn:${partition}:iam::${accountId}:role/service-role/${name}`
        : /id$/iu.test(name)
        ? (_one, hash) => hex8(draw(hash(), name.length))
        : ({ name: own }) => `${own}-${name.toLowerCase()}`
    case "number":
      return (_one, hash) => draw(hash(), name.length) % 10
    case "boolean":
      return () => false
    case "timestamp":
      return ({ createdAt }) => createdAt
    case "list":
      return () => []
    case "map":
    case "document":
      return () => ({})
    case "blob":
      return () => new Uint8Array()
    case "structure": {
      const inside = filler(shape, depth + 1)
      return (one, hash, call) => inside({}, one, hash, call)
    }
    case "unit":
      return () => undefined
  }
}

type Filler = (said: Readonly<Record<string, unknown>>, one: EstateResource, hash: () => number, call: Call) => object

const fillers = new WeakMap<Shape, Filler>()

/** Values are found once for each shape; `depth` ends shapes that require themselves. */
const filler = (shape: Extract<Shape, { kind: "structure" }>, depth: number): Filler => {
  const found = fillers.get(shape)
  if (found !== undefined) return found
  let members: ReadonlyArray<readonly [name: string, value: Value]> | undefined
  let structures: ReadonlyArray<readonly [name: string, fill: Filler]> = []
  const made: Filler = (said, one, hash, call) => {
    if (members === undefined) {
      members = [...shape.members()].flatMap(([name, member]): Array<readonly [string, Value]> => {
        const usual = known.find(([pattern, kind]) => kind === member.shape.kind && pattern.test(name))?.[2]
        if (usual !== undefined) return [[name, usual]]
        return shape.required.has(name) && depth < 5 ? [[name, plausible(name, member, depth)]] : []
      })
      structures = [...shape.members()].flatMap(([name, { shape: inner }]): Array<readonly [string, Filler]> =>
        inner.kind === "structure" && depth < 5 ? [[name, filler(inner, depth + 1)]] : []
      )
    }
    const output: Record<string, unknown> = { ...said }
    for (const [name, fill] of structures) {
      const inner = said[name]
      if (inner !== undefined) output[name] = fill(inner as Record<string, unknown>, one, hash, call)
    }
    for (const [name, value] of members) if (!(name in said)) output[name] = value(one, hash, call)
    return output
  }
  fillers.set(shape, made)
  return made
}

/** What is said of a resource, with all that its shape wants besides. */
export const complete = (shape: Shape, said: unknown, one: EstateResource, call: Call): unknown => {
  if (shape.kind !== "structure") return said
  let hash: number | undefined
  return filler(shape, 0)(
    said as Record<string, unknown>,
    one,
    () => hash ??= hashText(one.arn, call.estate.seed),
    call
  )
}
