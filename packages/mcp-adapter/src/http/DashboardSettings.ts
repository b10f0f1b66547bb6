/**
 * What the dashboard asks for.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Config from "effect/Config"

/**
 * - `costs`: whether each of its scans asks what the estate costs
 *
 * @category models
 * @since 0.1.0
 */
export interface DashboardSettings {
  readonly costs: boolean
}

const isSet = (name: string) => Config.map(Config.withDefault(Config.String(name), ""), (text) => text.trim() !== "")

/**
 * `DASHBOARD_COSTS`: by default true where the bill is in files (`COST_FOCUS_FILES`, `COST_CUR_FILES`), which cost
 * nothing to ask, else false.
 *
 * @category settings
 * @since 0.1.0
 */
export const settings: Config.Config<DashboardSettings> = Config.all({
  isAsked: Setting.flag("DASHBOARD_COSTS", false),
  isSaid: isSet("DASHBOARD_COSTS"),
  isInFocus: isSet("COST_FOCUS_FILES"),
  isInCur: isSet("COST_CUR_FILES")
}).pipe(Config.map(({ isAsked, isInCur, isInFocus, isSaid }) => ({ costs: isSaid ? isAsked : isInFocus || isInCur })))
