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
 * what it is about is not there, and why. Given by the layer of the server's services.
 *
 * @category services
 * @since 0.1.0
 */
export const Dependencies = Context.Reference<Readonly<Record<string, Effect.Effect<unknown, string | { readonly message: string }>>>>(
  "@cadastre/mcp-adapter/Dependencies",
  { defaultValue: () => ({}) }
)

/**
 * - `ready`: whether none of them is down; one that is `degraded` does its work still
 * - `problems`: of those that are not up, why, without anything that must not leave this machine
 *
 * @category models
 * @since 0.1.0
 */
export interface Readiness {
  readonly ready: boolean
  readonly dependencies: Readonly<Record<string, "up" | "degraded" | "down">>
  readonly problems: Readonly<Record<string, string>>
}

/** Why one was down when it was looked at last; nothing where it was up. */
type States = Map<string, string | undefined>

/** Of each server. */
const statesOf = new WeakMap<object, States>()

/**
 * Looks at everything at once: what does not answer in 5 seconds is down. That
 * one is down, and that it is back, is said in the log once.
 *
 * @category getters
 * @since 0.1.0
 */
export const readiness: Effect.Effect<Readiness> = Effect.suspend(() => look(5000))

/**
 * The same in half a second: what has not answered by then is what it was when it last did, and
 * left out where it never did.
 *
 * @category getters
 * @since 0.1.0
 */
export const soon: Effect.Effect<Readiness> = Effect.suspend(() => look(500, true))

const look = Effect.fnUntraced(function*(patienceMs: number, isHasty = false): Effect.fn.Return<Readiness> {
  const all = yield* Dependencies
  const states: States = statesOf.get(all) ?? new Map()
  statesOf.set(all, states)
  const found = yield* Effect.forEach(Object.entries(all), ([name, check]) =>
    check.pipe(
      Effect.as(undefined),
      Effect.catchCause((cause) => Effect.succeed(whyOf(cause))),
      Effect.tap((why) => tell(states, name, why)),
      Effect.timeoutOrElse({
        duration: patienceMs,
        orElse: () => {
          if (isHasty) return Effect.succeed(states.has(name) ? states.get(name) : unknown)
          const why = `it did not answer in ${patienceMs / 1000} seconds`
          return Effect.as(tell(states, name, why), why)
        }
      }),
      Effect.map((why) => [name, why] as const)
    ), { concurrency: 8 })
  const known = found.filter(([, why]) => why !== unknown)
  const problems = known.flatMap(([name, why]) => typeof why === "string" ? [[name, why] as const] : [])
  return {
    ready: problems.length === 0,
    dependencies: Object.fromEntries(known.map(([name, why]) => [name, why === undefined ? "up" as const : "down" as const])),
    problems: Object.fromEntries(problems)
  }
})

const unknown = Symbol("unknown")

const tell = (states: States, name: string, why: string | undefined): Effect.Effect<void> =>
  Effect.suspend(() => {
    const before = states.get(name)
    states.set(name, why)
    if ((before === undefined) === (why === undefined)) return Effect.void
    // The connection has said so itself.
    if (before === redisAway || why === redisAway) return Effect.void
    return Effect.logWarning(why === undefined ? `${name} is back` : `${name} is down: ${why}`)
  })

const redisAway = "Redis does not answer"

const whyOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return safe(error instanceof Error && error.message !== "" ? error.message : String(error), 500)
}

/**
 * The services with what there is to look at of them:
 *
 * - `aws`: whether AWS accepts the credentials now
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
      const { accepted } = yield* Accounts
      const { EstateMemory } = yield* Effect.promise(() => import("@cadastre/compliance"))
      const memory = yield* EstateMemory
      const redis = yield* RedisAnswers
      return {
        aws: accepted,
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
        answer === undefined ? Effect.fail(redisAway) : Effect.void)
    })
  ).pipe(Layer.provide(RedisLink.layer))
}))
