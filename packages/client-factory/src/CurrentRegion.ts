/** @since 0.1.0 */
import type { RegionId } from "@cadastre/model"
import * as Context from "effect/Context"

/**
 * The Region that the current call talks to. A call that needs a Region says
 * so in its `R`: there is no default to fall back to by accident.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentRegion extends Context.Service<CurrentRegion, RegionId>()(
  "@cadastre/client-factory/CurrentRegion"
) {}
