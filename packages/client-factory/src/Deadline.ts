/**
 * How long a call may take.
 *
 * @since 0.1.0
 */
import { Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Context from "effect/Context"

/**
 * When the current work must be over, in milliseconds since the epoch; none by
 * default. A call gets at most four fifths of the time that is left, so that
 * work in which one call hangs can still end with what it has; and it is not
 * made again when the wait before it would pass the deadline.
 *
 * @category configuration
 * @since 0.1.0
 */
export class Deadline extends Context.Reference<number>("@cadastre/client-factory/Deadline", {
  defaultValue: () => Number.POSITIVE_INFINITY
}) {}

/**
 * `AWS_CALL_TIMEOUT_SECONDS`: how long one call may take at most, whatever the
 * deadline; 30 by default (1–300). Here in milliseconds.
 *
 * @category configuration
 * @since 0.1.0
 */
export const callTimeoutMs: Config.Config<number> = Config.map(
  Setting.number("AWS_CALL_TIMEOUT_SECONDS", 30, { minimum: 1, maximum: 300 }),
  (seconds) => seconds * 1000
)
