/**
 * What the server needs to answer, and whether it is there.
 *
 * @since 0.1.0
 */
import { Accounts } from "@cadastre/client-factory"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { safe } from "./ErrorSanitiser.ts"

/**
 * What is looked at to say whether the server is ready, by name: each fails when
 * what it is about is not there. Only the name and the outcome are shown. Given
 * by the layer of the server's services.
 *
 * @category services
 * @since 0.1.0
 */
export const Dependencies = Context.Reference<Readonly<Record<string, Effect.Effect<unknown, unknown>>>>(
  "@cadastre/mcp-adapter/Dependencies",
  { defaultValue: () => ({}) }
)

/**
 * @category models
 * @since 0.1.0
 */
export interface Readiness {
  readonly ready: boolean
  readonly dependencies: Readonly<Record<string, "up" | "down">>
}

/**
 * Looks at everything at once, 5 seconds at most.
 *
 * @category getters
 * @since 0.1.0
 */
export const readiness: Effect.Effect<Readiness> = Effect.gen(function*() {
  const checks = Object.entries(yield* Dependencies)
  const states = yield* Effect.forEach(checks, ([name, check]) =>
    Effect.timeout(check, "5 seconds").pipe(
      Effect.as("up" as const),
      Effect.catchCause((cause) => Effect.as(Effect.logWarning(`${name} is down: ${safe(Cause.pretty(cause))}`), "down" as const)),
      Effect.map((state) => [name, state] as const)
    ), { concurrency: 8 })
  return { ready: states.every(([, state]) => state === "up"), dependencies: Object.fromEntries(states) }
})

/**
 * The services with what there is to look at of them: `aws`, whether AWS accepts
 * the credentials.
 *
 * @category layers
 * @since 0.1.0
 */
export const watched = <A, E, R>(services: Layer.Layer<A | Accounts, E, R>): Layer.Layer<A | Accounts, E, R> =>
  Layer.effect(Dependencies, Effect.map(Accounts, ({ current }) => ({ aws: current }))).pipe(
    Layer.provideMerge(services)
  )
