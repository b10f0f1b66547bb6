/** Connects what is tested to a simulated AWS, over HTTP, as the product connects to the real one. */
import type { Simulator } from "@cadastre/aws-simulator"
import { AccountId, RegionId } from "@cadastre/model"
import { Clock, type Config, ConfigProvider, Duration, Effect, Layer, Random } from "effect"
import { type Account, Aws, AwsClients, AwsSettings, CurrentAccount, CurrentRegion, Pacer } from "../src/index.ts"

type Running = Simulator["Service"]

/** The first account of an estate, or another. */
export const accountOf = (simulator: Running, id = simulator.estate.accounts[0]!): Account => ({
  id: AccountId.make(id),
  partition: "aws",
  arn: `arn:aws:iam::${id}:user/simulated`,
  credentials: () => Promise.resolve(simulator.credentials(id))
})

/** The settings and the environment that the layers under test read. */
export const environment = (url: string, variables: Readonly<Record<string, string>> = {}) =>
  Layer.mergeAll(
    Layer.succeed(AwsSettings, { endpointUrl: url }),
    ConfigProvider.layer(ConfigProvider.fromEnvRecord({ RATE_LIMIT_SHARE: "1", ...variables }))
  )

/** Everything a call needs: the door, an account and a Region. */
export const connected = (
  simulator: Running,
  options: {
    readonly region?: string
    readonly account?: Account
    readonly variables?: Readonly<Record<string, string>>
    readonly pacer?: Layer.Layer<Pacer, Config.ConfigError>
  } = {}
) =>
  Layer.mergeAll(
    Aws.Aws.layerNoDeps.pipe(
      Layer.provide([AwsClients.layer, options.pacer ?? Pacer.layer]),
      Layer.provide(environment(simulator.url, options.variables))
    ),
    Layer.succeed(CurrentAccount, options.account ?? accountOf(simulator)),
    Layer.succeed(CurrentRegion, RegionId.make(options.region ?? "us-east-1"))
  )

/** What the simulator was asked, summed up. */
export const callsOf = (simulator: Running) =>
  simulator.calls().reduce(
    (sum, { calls, throttled }) => ({ calls: sum.calls + calls, throttles: sum.throttles + throttled }),
    { calls: 0, throttles: 0 }
  )

/** How many requests the simulator has not answered; starts its counts anew. */
export const inFlight = (simulator: Running): number => {
  simulator.reset()
  return simulator.maxInFlight()
}

/** Waits for something that happens outside of Effect's clock. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (!condition()) yield* Effect.yieldNow
  }).pipe(Effect.timeout("10 seconds"), Effect.orDie, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/** Jitter that always comes out as the same share of the longest wait. */
export const jitter = (share: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => share, nextIntUnsafe: () => 0 })

/** Lets every call pass at once. */
export const unpaced = Pacer.layerOff

/** Time that goes fifty times as fast: real limits and waits, seen in a fiftieth of their time. */
export const hurried = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const real = Clock.Clock.defaultValue()
    const start = performance.now()
    const now = () => Math.round((performance.now() - start) * 50)
    const nanos = () => BigInt(now()) * 1_000_000n
    return Effect.provideService(effect, Clock.Clock, {
      currentTimeMillisUnsafe: now,
      currentTimeMillis: Effect.sync(now),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => real.sleep(Duration.millis(Duration.toMillis(duration) / 50))
    })
  })
