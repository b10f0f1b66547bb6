/**
 * Plans that were made of late. Who asks the same again and again, as an
 * assistant does, gets the same plan as long as it would come out the same.
 *
 * @since 0.1.0
 */
import type { ScanPlan } from "./ScanPlan.ts"
import type { ScanRequest } from "./ScanRequest.ts"

const mostPlans = 16

/**
 * The plans of one `Scan`, by the request and by what was found then: types,
 * accounts and their lists of Regions, each the very same.
 *
 * @category models
 * @since 0.1.0
 */
export class PlansMade {
  readonly #plans = new Map<string, { readonly from: ReadonlyArray<unknown>; readonly plan: ScanPlan }>()

  get(request: ScanRequest, from: ReadonlyArray<unknown>): ScanPlan | undefined {
    const made = this.#plans.get(JSON.stringify(request))
    return made?.from.length === from.length && made.from.every((one, at) => one === from[at]) ? made.plan : undefined
  }

  set(request: ScanRequest, from: ReadonlyArray<unknown>, plan: ScanPlan): void {
    const key = JSON.stringify(request)
    this.#plans.delete(key)
    this.#plans.set(key, { from, plan })
    for (const [oldest] of this.#plans) {
      if (this.#plans.size <= mostPlans) return
      this.#plans.delete(oldest)
    }
  }
}
