/**
 * Values that no client knows yet.
 *
 * @since 0.1.0
 */
import type { Shape } from "./Shape.ts"

/** Members that take one of a few values and say nothing about whether the resource lives. */
const harmless: ReadonlyArray<string> = [
  "Architecture",
  "BillingMode",
  "DBInstanceClass",
  "Engine",
  "Hypervisor",
  "InstanceType",
  "LogFormat",
  "PackageType",
  "Platform",
  "RootDeviceType",
  "Runtime",
  "StorageTier",
  "StorageType",
  "Tenancy",
  "VirtualizationType",
  "VolumeType"
]

/** A copy of an output with new values in the members of these names; `count` says in how many. */
export const renew = (
  shape: Shape,
  output: unknown,
  members: ReadonlyArray<string> = harmless
): { readonly output: unknown; readonly count: number } => {
  let count = 0
  const copy = (shape: Shape, value: unknown): unknown => {
    if (value === undefined || value === null) return value
    switch (shape.kind) {
      case "structure": {
        const known = shape.members()
        return Object.fromEntries(
          Object.entries(value).map(([name, item]: readonly [string, unknown]) => {
            const member = known.get(name)
            if (member === undefined) return [name, item]
            if (member.shape.kind === "string" && typeof item === "string" && members.includes(name)) {
              count++
              return [name, `future-${name.toLowerCase()}-2031`]
            }
            return [name, copy(member.shape, item)]
          })
        )
      }
      case "list":
        return Array.isArray(value) ? value.map((item: unknown) => copy(shape.member().shape, item)) : value
      // Maps are mostly tags: their keys and values are the customer's.
      default:
        return value
    }
  }
  const renewed = copy(shape, output)
  return { output: renewed, count }
}
