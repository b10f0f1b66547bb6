/**
 * The connection to a Redis that may not be there.
 *
 * @since 0.1.0
 */
import { createClient } from "@redis/client"
import { steadyMs } from "@cadastre/client-factory"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
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

/** Redis did not do what it was asked for. `reason` names no password. */
class RedisAway extends Schema.TaggedError<RedisAway>()("RedisAway", { reason: Schema.String }) {}

/** A connection that is not there, or no answer, for longer than this is an outage. */
const patienceMs = 2000

/** After an outage Redis is asked again after so long, then after twice as long, and so on. */
const firstPauseMs = 5000
const longestPauseMs = 60_000

/**
 * - `run`: the answer of the {@link bucketScript}; nothing while Redis is away
 * - `met`: whether it was ever there
 *
 * @category models
 * @since 0.1.0
 */
export interface RedisLink {
  readonly run: (
    keys: readonly [bucket: string, processes: string],
    args: ReadonlyArray<string>
  ) => Effect.Effect<unknown>
  readonly met: () => boolean
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
 * Connects, and warns once for every outage; the scan goes on without. It never
 * fails and nothing waits longer than two seconds for it.
 *
 * `meanwhile` says what is done as long as Redis is away.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  url: Redacted.Redacted,
  meanwhile: () => string
): Effect.fn.Return<RedisLink, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const address = new URL(Redacted.value(url)).host
  let client: Client | undefined
  let met = false
  let probing = false
  let pauseMs = firstPauseMs
  let askAt = 0
  /** Why the connection was lost; whoever asks next only hears that it is. */
  let lost: unknown

  const opened = Effect.suspend(() => {
    lost = undefined
    const made = clientOf(url, (error) => lost ??= error)
    return within(url, () => made.connect()).pipe(
      Effect.as(made),
      Effect.onError(() => Effect.sync(() => destroy(made)))
    )
  })

  const up = (made: Client) =>
    Effect.suspend(() => {
      const again = met
      client = made
      met = true
      pauseMs = firstPauseMs
      return again ? Effect.logInfo(`Redis at ${address} is back: limits are shared again`) : Effect.void
    })

  /** Only the first who notices says so. */
  const down = (noticed: Client | undefined, { reason }: RedisAway) =>
    Clock.clockWith((clock) => {
      if (noticed !== client) return Effect.void
      client = undefined
      if (noticed !== undefined) destroy(noticed)
      askAt = steadyMs(clock) + pauseMs
      const why = lost === undefined ? reason : reasonOf(lost, url)
      return Effect.logWarning(
        `Redis at ${address} (REDIS_URL) is away: ${why}. ${meanwhile()} It is asked again in ${pauseMs / 1000} s.`
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
  yield* Effect.matchEffect(opened, { onSuccess: up, onFailure: (error) => down(undefined, error) })

  return {
    met: () => met,
    run: (keys, args) =>
      Clock.clockWith((clock) => {
        const asked = client
        if (asked === undefined) {
          if (probing || steadyMs(clock) < askAt) return Effect.void
          probing = true
          return Effect.asVoid(Effect.forkIn(probe, scope))
        }
        const rest = ["2", ...keys, ...args]
        return within(url, async () => {
          try {
            return await asked.sendCommand(["EVALSHA", bucketScriptSha, ...rest])
          } catch (error) {
            if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error
            return asked.sendCommand(["EVAL", bucketScript, ...rest])
          }
        }).pipe(
          Effect.catchTag("RedisAway", (error) => Effect.as(down(asked, error), undefined))
        )
      })
  }
})

/** What waits for an answer hears that there will be none. A client that is closed by itself says so by throwing. */
const destroy = (client: Client): void => {
  if (client.isOpen) client.destroy()
}

/** Settles in time. */
const within = <A>(url: Redacted.Redacted, work: () => Promise<A>): Effect.Effect<A, RedisAway> =>
  Effect.tryPromise({ try: work, catch: (cause) => new RedisAway({ reason: reasonOf(cause, url) }) }).pipe(
    Effect.timeoutOrElse({
      duration: patienceMs,
      orElse: () => Effect.fail(new RedisAway({ reason: `no answer within ${patienceMs / 1000} s` }))
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
