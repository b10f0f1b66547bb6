/** Region discovery against a simulated AWS, over HTTP. */
import type { Simulator } from "@cadastre/aws-simulator"
import { type Account, Aws, AwsSettings } from "@cadastre/client-factory"
import { AccountId } from "@cadastre/model"
import type { Effect} from "effect";
import { ConfigProvider, Layer, Random } from "effect"
import { Regions } from "../src/index.ts"

/** The first account of an estate, or another. */
export const accountOf = (simulator: Simulator["Service"], id = simulator.estate.accounts[0]!): Account => ({
  id: AccountId.make(id),
  partition: "aws",
  arn: `arn:aws:iam::${id}:user/simulated`,
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

/** Asks for an account's Regions. */
export const discover = (account: Account) => Regions.use((regions) => regions.discover(account))

/** The Regions that may be scanned, out of a list. */
export const enabledOf = (list: Effect.Success<ReturnType<typeof discover>>): ReadonlyArray<string> =>
  list.regions.filter(({ state }) => state === "enabled").map(({ id }) => id)
