/** @since 0.1.0 */
import { formats } from "./formats.ts"
import type { ReportFormat } from "./Report.ts"

/**
 * The format of that name, in any case; `undefined` when there is none.
 *
 * @category getters
 * @since 0.1.0
 */
export const formatNamed = (name: string): ReportFormat | undefined => {
  const lower = name.trim().toLowerCase()
  return formats.find(({ names }) => names.includes(lower))
}
