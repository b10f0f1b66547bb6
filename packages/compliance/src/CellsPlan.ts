/**
 * The plan of some cells of an estate, and of no other call.
 *
 * @since 0.1.0
 */
import { type Cell, cellKey } from "@cadastre/model"
import type { CatalogEntry, PlannedRegion, ScanPlan } from "@cadastre/scanner-core"

/**
 * What is left of a plan: these cells, as far as it has them.
 *
 * - `asides`: more to be read in a place, such as the tagging API for some ARNs
 *
 * @category combinators
 * @since 0.1.0
 */
export const only = (
  plan: ScanPlan,
  cells: ReadonlyArray<Cell>,
  asides: ReadonlyArray<{ readonly place: Omit<PlannedRegion, "services">; readonly entry: CatalogEntry }> = []
): ScanPlan => {
  const wanted = new Set(cells.map(cellKey))
  const regions = plan.regions.flatMap((planned): ReadonlyArray<PlannedRegion> => {
    const services = planned.services
      .map((entries) => entries.filter(({ type }) => wanted.has(cellKey({ ...planned, type }))))
      .filter((entries) => entries.length > 0)
    return services.length === 0 ? [] : [{ ...planned, services }]
  })
  const all = [...regions, ...asides.map(({ entry, place }): PlannedRegion => ({ ...place, services: [[entry]] }))]
  const planned = all.flatMap(({ accountId, region, services }) =>
    services.flat().map(({ type }): Cell => ({ accountId, region, type }))
  )
  return {
    ...plan,
    sweeps: [],
    isOpen: false,
    regions: all,
    cells: planned,
    // Another request than that of the whole: neither goes on where the other was cut off.
    request: JSON.stringify([plan.request, planned.map(cellKey)])
  }
}

/**
 * One plan with the places of another that it does not have itself.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withMore = (plan: ScanPlan, more: ScanPlan): ScanPlan => {
  const own = new Set(plan.regions.map(placeOf))
  const regions = [...new Set([...plan.scope.regions, ...more.scope.regions])].toSorted()
  return {
    ...plan,
    scope: { ...plan.scope, regions },
    // What a global list holds of a narrowed plan depends on its Regions.
    key: plan.narrowed ? { ...plan.key, variant: JSON.stringify([plan.key.variant, regions]) } : plan.key,
    regions: [...plan.regions, ...more.regions.filter((one) => !own.has(placeOf(one)) && one.region !== "global")],
    absent: (service, region) => plan.absent(service, region) ?? more.absent(service, region)
  }
}

const placeOf = ({ accountId, region }: Pick<PlannedRegion, "accountId" | "region">): string => `${accountId}/${region}`
