/** @since 0.1.0 */
import * as Context from "effect/Context"

/**
 * When the current work must be over, in milliseconds since the epoch; none by
 * default. A call gets no more time than is left, and is not made again when
 * the wait before it would pass the deadline.
 *
 * @category configuration
 * @since 0.1.0
 */
export class Deadline extends Context.Reference<number>("@cadastre/client-factory/Deadline", {
  defaultValue: () => Number.POSITIVE_INFINITY
}) {}
