/**
 * Resources that hold others: a cluster its services, a listener its rules.
 *
 * @since 0.1.0
 */
import type { Estate, EstateResource } from "./Estate.ts"
import { type ResourceType, resourceTypes } from "./ResourceType.ts"
import { parentOf } from "./resources/catalog.ts"

type Walkable = Pick<Estate, "begunWith" | "made" | "positionOf" | "resource">

/** What a resource holds, and what goes with it when it is deleted. */
export const heldBy = (estate: Walkable, holder: EstateResource): ReadonlyArray<EstateResource> => {
  const { accountId, region } = holder
  const step = estate.begunWith(accountId, region, holder.type)
  const at = estate.positionOf(accountId, region, holder.type, holder.arn) ?? step
  // What was added after the beginning holds nothing.
  if (at >= step) return []
  return resourceTypes.filter((type) => parentOf(type) === holder.type).flatMap((type) => {
    const turns = Math.max(0, Math.ceil((estate.made(accountId, region, type) - at) / step))
    return Array.from({ length: turns }, (_, turn) => estate.resource(accountId, region, type, at + turn * step))
      .filter((one) => one !== undefined)
  })
}

/** Fails with `RangeError` where a resource would need a holder and there is none. */
export const check = (estate: Walkable, accountId: string, region: string, type: ResourceType): void => {
  const parent = parentOf(type)
  if (parent !== undefined && estate.begunWith(accountId, region, parent) === 0) {
    throw new RangeError(`${region} of account ${accountId} has no ${parent} to hold a ${type}`)
  }
}
