/**
 * The connection to a Redis that may not be there.
 *
 * @since 0.1.0
 */
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client"
import { steadyMs } from "@cadastre/client-factory"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { bucketScript, bucketScriptSha } from "./BucketScript.ts"

const Url = Schema.String.check(
  Schema.makeFilter((text: string) =>
    // Not what it is: there is a password in it.
    (URL.canParse(text) && /^rediss?:$/u.test(new URL(text).protocol) && new URL(text).hostname !== "") ||
    "REDIS_URL is not the address of a Redis: write redis://host:6379 or rediss://user:password@host:6379"
  )
)

/**
 * `REDIS_URL`: `redis://[[user]:password@]host[:port][/database]`, or `rediss://`
 * for TLS. Anything else is a `ConfigError` that does not show it.
 *
 * @category configuration
 * @since 0.1.0
 */
export const redisUrl: Config.Config<Redacted.Redacted> = Config.schema(Url, "REDIS_URL").pipe(
  Config.map((url) => Redacted.make(url))
)

/** Redis did not do what it was asked for. `reason` names no password. `answered`: it said so itself. */
class RedisAway extends Schema.TaggedError<RedisAway>()("RedisAway", { reason: Schema.String, answered: Schema.Boolean }) {}

/** A connection that is not there, or no answer, for longer than this is an outage. */
const patienceMs = 2000

/** After an outage Redis is asked again after so long, then after twice as long, and so on. */
const firstPauseMs = 5000
const longestPauseMs = 60_000

const asBytes = { [RESP_TYPES.BLOB_STRING]: Buffer }

/**
 * Redis is there and refuses what it was asked for: the wrong kind of value
 * under a key, no memory left, no permission.
 *
 * @category errors
 * @since 0.1.0
 */
export class RedisRefused extends Schema.TaggedError<RedisRefused>()("RedisRefused", { message: Schema.String }) {}

/**
 * One user's part of the connection.
 *
 * - `run`: the answer of the {@link bucketScript}; nothing while Redis is away
 * - `send`: the answer to a command, texts as bytes; `undefined` while Redis is away
 * - `met`: whether it was ever there
 * - `settled`: waits until the first connection stands or has failed
 *
 * @category models
 * @since 0.1.0
 */
export interface Joined {
  readonly run: (
    keys: readonly [bucket: string, processes: string],
    args: ReadonlyArray<string>
  ) => Effect.Effect<unknown>
  readonly send: (command: ReadonlyArray<string | Buffer>) => Effect.Effect<unknown, RedisRefused>
  readonly met: () => boolean
  readonly settled: Effect.Effect<void>
}

const clientOf = (url: Redacted.Redacted, onError: (error: unknown) => void) => {
  const client = createClient({
    url: Redacted.value(url),
    RESP: 2,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    clientInfoTag: "cadastre",
    socket: { connectTimeout: patienceMs, reconnectStrategy: false }
  })
  // Without a listener an error would end the process.
  client.on("error", onError)
  return client
}
type Client = ReturnType<typeof clientOf>

/**
 * The one connection of a process, and one warning for every outage, whoever
 * uses it. It never fails and nothing waits longer than two seconds for it.
 *
 * @category services
 * @since 0.1.0
 */
export class RedisLink extends Context.Service<RedisLink, {
  /** `meanwhile` says what its user does as long as Redis is away. The first user connects. */
  readonly join: (meanwhile: () => string) => Effect.Effect<Joined>
}>()("@cadastre/redis/RedisLink") {
  /** To the Redis of `REDIS_URL`. Fails to build with a `ConfigError` where that is none. */
  static readonly layer = Layer.effect(RedisLink, Effect.flatMap(redisUrl, (url) => make(url)))
}

const make = Effect.fnUntraced(function*(
  url: Redacted.Redacted
): Effect.fn.Return<RedisLink["Service"], never, Scope.Scope> {
  const scope = yield* Effect.scope
  const address = new URL(Redacted.value(url)).host
  const users: Array<() => string> = []
  let opening: Fiber.Fiber<void> | undefined
  let client: Client | undefined
  let met = false
  /** Whether somebody was told that it is. */
  let isAway = false
  let probing = false
  let pauseMs = firstPauseMs
  let askAt = 0
  /** Why the connection was lost; whoever asks next only hears that it is. */
  let lost: unknown

  const opened = Effect.suspend(() => {
    lost = undefined
    const made = clientOf(url, (error) => lost ??= error)
    return within(url, async () => {
      await made.connect()
      // One that reads its data still, is a mere copy or lets nobody in accepts the connection and refuses all the rest.
      await made.sendCommand(["SET", "cadastre:reached", "1", "PX", "1"])
    }).pipe(
      Effect.as(made),
      Effect.onError(() => Effect.sync(() => destroy(made)))
    )
  })

  const up = (made: Client) =>
    Effect.suspend(() => {
      const news = met ? "is back: limits are shared again" : "is there now: limits are shared"
      client = made
      met = true
      pauseMs = firstPauseMs
      if (!isAway) return Effect.void
      isAway = false
      return Effect.logInfo(`Redis at ${address} ${news}`)
    })

  /** Only the first who notices says so. */
  const down = (noticed: Client | undefined, { reason }: RedisAway) =>
    Clock.clockWith((clock) => {
      if (noticed !== client) return Effect.void
      client = undefined
      if (noticed !== undefined) destroy(noticed)
      isAway = true
      askAt = steadyMs(clock) + pauseMs
      const why = lost === undefined ? reason : reasonOf(lost, url)
      const meanwhile = new Set(users.map((say) => say()))
      return Effect.logWarning(
        `Redis at ${address} (REDIS_URL) is away: ${why}. ${[...meanwhile].join(" ")} It is asked again in ${pauseMs / 1000} s.`
      )
    })

  const probe = opened.pipe(
    Effect.matchEffect({
      onSuccess: up,
      onFailure: () =>
        Effect.map(Clock.clockWith((clock) => Effect.succeed(steadyMs(clock))), (now) => {
          pauseMs = Math.min(longestPauseMs, pauseMs * 2)
          askAt = now + pauseMs
        })
    }),
    Effect.ensuring(Effect.sync(() => probing = false))
  )

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      if (client !== undefined) destroy(client)
      client = undefined
    })
  )

  const settled = Effect.suspend(() => opening === undefined ? Effect.void : Effect.asVoid(Fiber.await(opening)))

  const outage = (asked: Client, error: RedisAway) => Effect.as(down(asked, error), undefined)

  /** Whoever asks before the first connection stands waits for it. */
  const ask = <A, E>(
    work: (client: Client) => Promise<A>,
    refused: (asked: Client, error: RedisAway) => Effect.Effect<undefined, E>
  ): Effect.Effect<A | undefined, E> =>
    Effect.andThen(
      settled,
      Clock.clockWith((clock): Effect.Effect<A | undefined, E> => {
        const asked = client
        if (asked === undefined) {
          if (probing || steadyMs(clock) < askAt) return Effect.undefined
          probing = true
          return Effect.as(Effect.forkIn(probe, scope), undefined)
        }
        return within(url, () => work(asked)).pipe(
          Effect.catchTag("RedisAway", (error) => error.answered ? refused(asked, error) : outage(asked, error))
        )
      })
    )

  const joined: Joined = {
    met: () => met,
    settled,
    run: (keys, args) => {
      const rest = ["2", ...keys, ...args]
      return ask(async (client) => {
        try {
          return await client.sendCommand(["EVALSHA", bucketScriptSha, ...rest])
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error
          return client.sendCommand(["EVAL", bucketScript, ...rest])
        }
      }, outage)
    },
    send: (command) =>
      ask(
        (client) => client.sendCommand([...command], { typeMapping: asBytes }),
        (_, { reason }) => Effect.fail(new RedisRefused({ message: reason }))
      )
  }

  return {
    join: (meanwhile) =>
      Effect.gen(function*() {
        users.push(meanwhile)
        opening ??= yield* Effect.forkIn(
          Effect.matchEffect(opened, { onSuccess: up, onFailure: (error) => down(undefined, error) }),
          scope
        )
        return joined
      })
  }
})

/** What waits for an answer hears that there will be none. A client that is closed by itself says so by throwing. */
const destroy = (client: Client): void => {
  if (client.isOpen) client.destroy()
}

/** Settles in time. */
const within = <A>(url: Redacted.Redacted, work: () => Promise<A>): Effect.Effect<A, RedisAway> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => new RedisAway({ reason: reasonOf(cause, url), answered: cause instanceof ErrorReply })
  }).pipe(
    Effect.timeoutOrElse({
      duration: patienceMs,
      orElse: () => Effect.fail(new RedisAway({ reason: `no answer within ${patienceMs / 1000} s`, answered: false }))
    })
  )

/** Redis and the sockets do not repeat a password; but nobody promises it. */
const reasonOf = (cause: unknown, url: Redacted.Redacted): string => {
  const error: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  const text = error instanceof Error ? error.message || error.name : String(error)
  const { password } = new URL(Redacted.value(url))
  return [password, decodeURIComponent(password)].reduce(
    (shown, secret) => secret === "" ? shown : shown.replaceAll(secret, "***"),
    text
  )
}
