/** @since 0.1.0 */
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
