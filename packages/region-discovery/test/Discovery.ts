/** Region discovery against a simulated AWS, over HTTP. */
import type { Simulator } from "@cadastre/aws-simulator"
import { type Account, Aws, AwsSettings } from "@cadastre/client-factory"
import { AccountId } from "@cadastre/model"
import { Clock, ConfigProvider, Effect, Layer, Random } from "effect"
import { Regions } from "../src/index.ts"

/** The first account of an estate, or another. */
export const accountOf = (
  simulator: Simulator["Service"],
  id = simulator.estate.accounts[0]!,
  partition: Account["partition"] = "aws"
): Account => ({
  id: AccountId.make(id),
  partition,
  arn: `arn:${partition}:iam::${id}:user/simulated`,
  credentials: () => Promise.resolve(simulator.credentials(id))
})

/** `Regions`, and the variables that it and the selection read. Nothing waits for jitter. */
export const discovering = (url: string, variables: Readonly<Record<string, string>> = {}) => {
  const environment = ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))
  return Regions.layerNoDeps.pipe(
    Layer.provide(Aws.Aws.layer),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: url })),
    Layer.provideMerge(environment),
    Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
  )
}

/** `service:Operation Region` for each row of the simulator's counts, in the order of the first calls. */
export const asked = (simulator: Simulator["Service"]): ReadonlyArray<string> =>
  simulator.calls().map(({ calls, operation, region, service }) => `${service}:${operation} ${region} ×${calls}`)

/** Waits in true time, whatever the test's clock says. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (!condition()) yield* Effect.yieldNow
  }).pipe(Effect.timeout("10 seconds"), Effect.orDie, Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/** Asks for an account's Regions. */
export const discover = (account: Account) => Regions.use((regions) => regions.discover(account))

/** The Regions that may be scanned, out of a list. */
export const enabledOf = (list: Effect.Success<ReturnType<typeof discover>>): ReadonlyArray<string> =>
  list.regions.filter(({ state }) => state === "enabled").map(({ id }) => id)
