/**
 * Declares a resource type: how its resources look, and the operations that list and describe them.
 *
 * @since 0.1.0
 */
import type { Cell } from "./Cell.ts"
import { draw } from "./Hash.ts"
import type { DeclaredHandler, Operation } from "./Operation.ts"
import type { DeclaredType, ResourceType } from "./ResourceType.ts"
import type { Service } from "./Service.ts"
import { type OwnByAws, Spot } from "./Spot.ts"
import type { Identity, TypeModel } from "./TypeModel.ts"

/** The attributes of a declared type: text, and of what another holds `parentArn` and `parentName`. */
export type Attributes = Readonly<Record<string, string>>

/** What one file in `types` says of a resource type. */
interface Options {
  /** Its share of an estate that is spread by itself, relative to the other types. */
  readonly share: number
  /** `"global"` types exist once an account (default `"regional"`). */
  readonly scope?: "regional" | "global"
  /** The service of its ARNs, and what these have before the id, in each of their forms. */
  readonly arns: readonly [service: string, ...heads: ReadonlyArray<string>]
  readonly identify: (spot: Spot) => Identity
  /** The tagging API's name for the type (default drawn from `arns`), or that it does not know it. */
  readonly taggingApi?: string | false
  /** Resource Explorer's name for the type (default the tagging API's), or that it does not know it. */
  readonly explorer?: string | false
  /** Whether resources can carry tags at all (default true). */
  readonly taggable?: boolean
  /** Whether a `Name` tag is usual (default false). */
  readonly nameTag?: boolean
  /** The first resources of a place, which AWS made: nobody tags them. */
  readonly own?: ReadonlyArray<OwnByAws>
  /** Marks others that are no ordinary resources. */
  readonly mark?: (spot: Spot) => "aws-created" | "default" | undefined
  /** The type of the resources that hold these: number `n` is in holder `n` modulo their number. */
  readonly parent?: ResourceType
  /** (default `"active"`) */
  readonly state?: string | ((spot: Spot) => string)
  /** Resources that are gone and listed all the same: their state, and how many are so. */
  readonly deleted?: readonly [state: string, share: number]
  readonly attributes?: (spot: Spot) => Attributes
  readonly operations: Readonly<Record<string, Operation>>
}

/** A declared resource type. */
export interface Declaration<T extends DeclaredType = DeclaredType> {
  readonly type: T
  readonly service: Service
  readonly arns: Options["arns"]
  readonly parent: ResourceType | undefined
  readonly model: TypeModel<Attributes>
  readonly operations: Readonly<Record<string, DeclaredHandler>>
}

/** Declares a type of a service. */
export const declare = <T extends DeclaredType>(type: T, service: Service, options: Options): Declaration<T> => {
  const { arns: [arnService, head = ""], own = [], parent } = options
  const spotOf = (cell: Cell, index: number, hash: number) => new Spot(cell, index, hash, parent, own)
  const isDeleted = (spot: Spot) => options.deleted !== undefined && spot.chance(95, options.deleted[1])
  const identify = (cell: Cell, index: number, hash: number) => options.identify(spotOf(cell, index, hash))
  const kind = /^\/?([A-Za-z-]*)/u.exec(head)?.[1] ?? ""
  const taggingApi = options.taggingApi ?? (kind === "" ? arnService : `${arnService}:${kind}`)
  const explorer = options.explorer ?? taggingApi
  const scope = options.scope ?? "regional"
  const owner = { type, service, region: scope === "global" ? "global" as const : undefined, parent }
  return {
    type,
    service,
    arns: options.arns,
    parent,
    model: {
      share: options.share,
      scope,
      ...(taggingApi === false ? {} : { taggingApi }),
      ...(explorer === false ? {} : { explorer }),
      nameTag: options.nameTag ?? false,
      taggable: (index) => options.taggable !== false && index >= own.length,
      identify,
      locate: (cell, key) => locate(cell, key, own.length, identify),
      facts: (cell, index, hash) => {
        const spot = spotOf(cell, index, hash)
        const mark = own[index]?.[1] ?? options.mark?.(spot)
        if (mark === undefined && options.deleted !== undefined && isDeleted(spot)) {
          return { state: options.deleted[0], mark: "deleted" }
        }
        const state = typeof options.state === "function" ? options.state(spot) : options.state ?? "active"
        return mark === undefined ? { state } : { state, mark }
      },
      attributes: (cell, index, hash) => {
        const spot = spotOf(cell, index, hash)
        const attributes = options.attributes?.(spot) ?? {}
        if (parent === undefined) return attributes
        const { arn: parentArn, name: parentName } = spot.parent
        return { ...attributes, parentArn, parentName }
      }
    },
    operations: Object.fromEntries(
      Object.entries(options.operations).map(([name, operation]) => [name, operation(owner)])
    )
  }
}

/** The index that an id, a name or an ARN holds: any run of letters and digits in it may be where. */
const locate = (
  cell: Cell,
  key: string,
  own: number,
  identify: (cell: Cell, index: number, hash: number) => Identity
): number | undefined => {
  const holds = (index: number) => {
    const { arn, id, name } = identify(cell, index, draw(cell.hash, index))
    return arn === key || id === key || name === key
  }
  for (let index = 0; index < own; index++) if (holds(index)) return index
  const runs = key.toLowerCase().match(/[0-9a-z]{7,}/gu) ?? []
  for (const run of runs.toReversed()) {
    const found = [
      Number.parseInt(run.slice(-7), 36),
      /^(?:[0-9a-f]{8}){1,2}$/u.test(run) ? Number.parseInt(run.slice(0, 8), 16) : Number.NaN,
      /^0[0-9a-f]{16}$/u.test(run) ? Number.parseInt(run.slice(1, 9), 16) : Number.NaN
    ].find((held) => held < 0x1_0000_0000 && holds(cell.indexOf(held)))
    if (found !== undefined) return cell.indexOf(found)
  }
  return undefined
}
