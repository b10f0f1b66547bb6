/**
 * What names a call in its answer, in the log and in the audit trail.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"

/**
 * Where an answer carries it, in `_meta`.
 *
 * @category constants
 * @since 0.1.0
 */
export const metaKey = "cadastre/correlation-id"

/**
 * A new one. It is ours: nothing that a caller sends is taken for one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<string> = Effect.sync(() => randomUUID())
