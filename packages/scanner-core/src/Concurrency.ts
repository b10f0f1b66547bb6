/** @since 0.1.0 */
import { Setting } from "@cadastre/model"
import * as Config from "effect/Config"

/**
 * How much of a scan runs at once, each with its default and range:
 *
 * - `MAX_CONCURRENT_ACCOUNTS`: accounts, 5 (1–64)
 * - `MAX_CONCURRENT_REGIONS`: Regions of an account, 20 (1–64)
 * - `MAX_CONCURRENT_SERVICES`: services of a Region, 10 (1–64)
 * - `MAX_CONCURRENT_DESCRIBES`: resources of a cell read one by one, 50 (1–256)
 *
 * @category configuration
 * @since 0.1.0
 */
export const concurrency = Config.all({
  accounts: Setting.number("MAX_CONCURRENT_ACCOUNTS", 5, { minimum: 1, maximum: 64 }),
  regions: Setting.number("MAX_CONCURRENT_REGIONS", 20, { minimum: 1, maximum: 64 }),
  services: Setting.number("MAX_CONCURRENT_SERVICES", 10, { minimum: 1, maximum: 64 }),
  describes: Setting.number("MAX_CONCURRENT_DESCRIBES", 50, { minimum: 1, maximum: 256 })
})
