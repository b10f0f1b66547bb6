/**
 * What the server needs to answer, and whether it is there.
 *
 * @since 0.1.0
 */
import { Accounts } from "@cadastre/client-factory"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
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
 * The services with what there is to look at of them:
 *
 * - `aws`: whether AWS accepts the credentials, so that it is known who asks
 * - `store`: whether what was seen can be read, where there is an `EstateMemory`
 * - `redis`: whether the Redis of `REDIS_URL` answers, where that is set
 * - `policy`: whether the policy file is there and means something still, where it is told how to `loadPolicy`: a server
 *   that starts again needs it
 *
 * @category layers
 * @since 0.1.0
 */
export const watched = <A, E, R>(
  services: Layer.Layer<A | Accounts, E, R>,
  { loadPolicy }: { readonly loadPolicy?: Effect.Effect<object, { readonly message: string }> | undefined } = {}
): Layer.Layer<A | Accounts, E | Config.ConfigError, R> =>
  Layer.effect(
    Dependencies,
    Effect.gen(function*() {
      const { current } = yield* Accounts
      const { EstateMemory } = yield* Effect.promise(() => import("@cadastre/compliance"))
      const memory = yield* EstateMemory
      const redis = yield* RedisAnswers
      return {
        aws: current,
        ...(memory._tag === "None" ? {} : {
          store: Effect.flatMap(EstateMemory.opened(memory), ({ snapshots }) => snapshots.histories({ limit: 1 }))
        }),
        ...(redis === undefined ? {} : { redis }),
        ...(loadPolicy === undefined ? {} : { policy: loadPolicy })
      }
    })
  ).pipe(Layer.provide(redisAnswers), Layer.provideMerge(services))

const RedisAnswers = Context.Reference<Effect.Effect<void, string> | undefined>("@cadastre/mcp-adapter/RedisAnswers", {
  defaultValue: () => undefined
})

/** By the connection that everything else in this process uses. */
const redisAnswers = Layer.unwrap(Effect.gen(function*(): Effect.fn.Return<Layer.Layer<never, Config.ConfigError>, Config.ConfigError> {
  if (Option.isNone(yield* Config.option(Config.Redacted("REDIS_URL")))) return Layer.empty
  const { RedisLink } = yield* Effect.promise(() => import("@cadastre/redis"))
  return Layer.effect(
    RedisAnswers,
    Effect.gen(function*() {
      const { send } = yield* (yield* RedisLink).join(() => "The server says that it is not ready.")
      return Effect.flatMap(Effect.mapError(send(["PING"]), ({ message }) => message), (answer) =>
        answer === undefined ? Effect.fail("Redis does not answer") : Effect.void)
    })
  ).pipe(Layer.provide(RedisLink.layer))
}))
