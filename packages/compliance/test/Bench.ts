/**
 * Compliance over a simulated AWS, as the tests of this package run it.
 */
import { AccountSource, Estate, type Source } from "@cadastre/account-discovery"
import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { type CellCaches, Compliance, ResultCache } from "@cadastre/compliance"
import type { CostSource } from "@cadastre/cost"
import type { TagPolicy } from "@cadastre/policy"
import { Regions } from "@cadastre/region-discovery"
import { Scan, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import { type Config, ConfigProvider, Context, Effect, Layer } from "effect"
import { vi } from "@effect/vitest"

// The machine's own settings are none of the tests' business.
vi.stubEnv("AWS_REGION", "us-east-1")
vi.stubEnv("AWS_PROFILE", undefined)

export const policy: TagPolicy = {
  required_tags: [
    { name: "Owner" },
    { name: "Environment", allowed_values: ["production", "staging", "development", "test", "sandbox"] },
    { name: "CostCenter", validation_regex: "CC-[0-9]{4}", severity: "warning" }
  ]
}

export const estate = { seed: 7, regions: ["us-east-1", "eu-west-1", "eu-central-1"], resources: 300 }

/** Nothing of the machine's environment but what a test sets. */
const environment = (settings: Readonly<Record<string, string>>) =>
  ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...settings }))

/** Compliance and its cache against a simulator. */
export const start = Effect.fnUntraced(function*(
  options: {
    readonly simulator?: SimulatorOptions
    /** One that runs already. */
    readonly simulated?: Simulator["Service"]
    readonly settings?: Readonly<Record<string, string>>
    readonly cache?: typeof ResultCache.layerMemory
    /** None by default. */
    readonly cells?: typeof CellCaches.layerMemory
    /** None by default. */
    readonly memory?: Layer.Layer<never, Config.ConfigError>
    /** Nobody can be asked about costs by default. */
    readonly costs?: Layer.Layer<CostSource, never, Aws.Aws>
    /** The account of the credentials by default. */
    readonly accounts?: Source
    readonly credentials?: {
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string
    }
  } = {}
) {
  const simulator = options.simulated ?? (yield* Simulator.make({ estate, ...options.simulator }))
  const env = environment(options.settings ?? {})
  const keys = options.credentials ?? simulator.credentials()
  const engine = Scan.layerNoDeps.pipe(
    Layer.provideMerge(Layer.mergeAll(ScannerRegistry.layer(catalog), Regions.layerNoDeps, Estate.layerNoDeps)),
    Layer.provide(Accounts.layerNoDeps),
    Layer.provide(Aws.Aws.layerNoDeps),
    Layer.provide([AwsClients.layer, Pacer.layerOff]),
    Layer.provide(options.cells ?? Layer.empty)
  )
  const services = yield* Layer.build(
    Compliance.layerNoDeps.pipe(
      Layer.provide(engine),
      Layer.provide((options.costs ?? Layer.empty).pipe(
        Layer.provide(Aws.Aws.layerNoDeps),
        Layer.provide([AwsClients.layer, Pacer.layerOff])
      )),
      Layer.provideMerge(options.cache ?? ResultCache.layerMemory),
      Layer.provide(options.memory ?? Layer.empty),
      Layer.provide(
        Layer.mergeAll(
          Layer.succeed(AwsSettings, { endpointUrl: simulator.url, credentials: () => Promise.resolve(keys) }),
          Layer.succeed(AccountSource, options.accounts ?? { _tag: "Current" })
        )
      ),
      Layer.provide(env)
    )
  )
  const compliance = Context.get(services, Compliance)
  const check: Compliance["Service"]["check"] = (request, options) =>
    Effect.provide(compliance.check(request, options), env)
  return { simulator, check, compliance, cache: Context.get(services, ResultCache) }
})

/** Calls that look at resources: not those that find out who we are and which Regions there are. */
export const scanCalls = (simulator: Simulator["Service"], operation?: string): number =>
  simulator
    .calls()
    .filter((row) => row.operation !== "GetCallerIdentity" && row.operation !== "DescribeRegions")
    .filter((row) => operation === undefined || row.operation === operation)
    .reduce((sum, { calls }) => sum + calls, 0)

/** Lets other fibers and the network go on until something is so. */
export const until = (isSo: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (isSo() ? Effect.void : Effect.andThen(turn, until(isSo))))

/** One turn of the event loop. */
export const turn: Effect.Effect<void> = Effect.callback((resume) => {
  setImmediate(() => resume(Effect.void))
})

const times: ReadonlySet<string> = new Set(["scanTimestamp", "observedAt", "durationMs", "ageSeconds"])

/** As JSON, without times. */
export const withoutTimes = (value: unknown): string =>
  JSON.stringify(value, (key, item: unknown) => (times.has(key) ? 0 : item))
