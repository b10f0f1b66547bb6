/**
 * One account × Region × type of a simulated estate.
 *
 * @since 0.1.0
 */
import type { Partition } from "./Region.ts"
import type { ResourceType } from "./ResourceType.ts"

/** All resources of one type in one Region (or `"global"`) of one account. */
export interface Cell {
  readonly accountId: string
  readonly region: string
  readonly partition: Partition
  readonly type: ResourceType
  /** The hash of seed and cell. */
  readonly hash: number
  /** The hash of seed, account and Region: what the types of one Region have in common. */
  readonly placeHash: number
  /** How many resources the estate began with; later changes leave it alone. */
  readonly size: number
  /** The cell of another type in the same place, if it has any resources. */
  readonly sibling: (type: ResourceType) => Cell | undefined
  readonly idAt: (index: number) => string
  readonly nameAndIdAt: (index: number) => { readonly id: string; readonly name: string; readonly arn: string }
  readonly stateAt: (index: number) => string
  /** The index in a permuted index, as ids hold it. */
  readonly indexOf: (permuted: number) => number
}
