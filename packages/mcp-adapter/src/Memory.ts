/**
 * What is answered where nothing is remembered.
 *
 * @since 0.1.0
 */
import type { NoMemoryError } from "@cadastre/compliance"
import * as Effect from "effect/Effect"
import { safe } from "./ErrorSanitiser.ts"
import { RequestRefused } from "./ToolFailure.ts"

/**
 * Says that there is no store, and how to have one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refused = ({ problem, reason }: NoMemoryError): Effect.Effect<never, RequestRefused> =>
  Effect.fail(
    new RequestRefused({
      why: `The server remembers nothing: ${safe(problem, 300)}.`,
      remedy: reason === "none"
        ? "Start it with a store: DATABASE_URL names a SQLite file or a PostgreSQL database; then scan, and call again."
        : "Make the store that DATABASE_URL names available where the server runs, then call again."
    })
  )
