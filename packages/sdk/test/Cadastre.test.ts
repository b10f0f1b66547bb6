import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { Compliance } from "@cadastre/compliance"
import { Regions } from "@cadastre/region-discovery"
import { Scan, Scanner, ScannerRegistry } from "@cadastre/scanner-core"
import { Cadastre } from "@cadastre/sdk"
import { assert, describe, it, vi } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Stream } from "effect"

vi.stubEnv("AWS_REGION", "us-east-1")
vi.stubEnv("AWS_PROFILE", undefined)

const estate: SimulatorOptions["estate"] = { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 120 }

const environment = (settings: Record<string, string> = {}) =>
  ConfigProvider.layer(ConfigProvider.fromEnvRecord(settings))

/** Where AWS is, and whom we are there. */
const settings = ({ credentials, url }: Simulator["Service"]) =>
  Layer.succeed(AwsSettings, { endpointUrl: url, credentials: () => Promise.resolve(credentials()) })

describe("Cadastre", () => {
  it.live("layerScan builds, and a scan finds what is there", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const found = yield* Effect.gen(function*() {
        const scan = yield* Scan
        const events = yield* Stream.runCollect(scan.run(yield* scan.plan({})))
        return events.flatMap((event) => (event._tag === "ResourcesFound" ? event.resources.map(({ arn }) => arn) : []))
      }).pipe(
        Effect.provide(Cadastre.layerScan().pipe(Layer.provide(settings(simulator)), Layer.provideMerge(environment())))
      )
      assert.deepStrictEqual(found.toSorted(), [...simulator.estate.resources()].map(({ arn }) => arn).toSorted())
    })
  )

  it.live("layer checks compliance, and keeps complete results in memory", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const [first, second] = yield* Effect.gen(function*() {
        const compliance = yield* Compliance
        const check = compliance.check({ policy: { required_tags: [{ name: "Owner" }] }, types: ["ec2:instance"] })
        return [yield* check, yield* check] as const
      }).pipe(
        Effect.provide(Cadastre.layer().pipe(Layer.provide(settings(simulator)), Layer.provideMerge(environment())))
      )
      const scored = [...simulator.estate.resources({ type: "ec2:instance" })].filter(({ mark }) => mark === undefined)
      const compliant = scored.filter(({ tags }) => Object.hasOwn(tags, "Owner") && /\S/u.test(tags["Owner"]!))
      assert.deepStrictEqual(
        [first.totalResources, first.compliantResources, first.accountIds],
        [scored.length, compliant.length, simulator.estate.accounts]
      )
      assert.isFalse(first.fromCache)
      assert.isTrue(second.fromCache)
    })
  )

  it.live("the user's own scanners join the catalogue, and replace its entries of the same type", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const own = (type: string) =>
        Scanner.make(type, {
          cloudFormation: "Own::Own::Own",
          actions: ["own:ListThings"],
          list: Stream.make(["a", "b"], ["c"]),
          describe: (name, { arn }) => ({ arn: arn("own", "thing/", name), tags: { Own: "yes" } })
        })
      const [types, tags] = yield* Effect.gen(function*() {
        const registry = yield* ScannerRegistry
        const scan = yield* Scan
        const events = yield* Stream.runCollect(scan.run(yield* scan.plan({ types: ["own:thing", "sns:topic"] })))
        const found = events.flatMap((event) => (event._tag === "ResourcesFound" ? event.resources : []))
        return [(yield* registry.entries).map(({ type }) => type as string), found.map(({ tags }) => tags)] as const
      }).pipe(
        Effect.provide(
          Cadastre.layerScan([own("own:thing"), own("sns:topic")]).pipe(
            Layer.provide(settings(simulator)),
            Layer.provideMerge(environment())
          )
        )
      )
      assert.include(types, "own:thing")
      assert.strictEqual(types.filter((type) => type === "sns:topic").length, 1)
      // Three of each type in each Region, and none of the topics that the built-in scanner would find.
      assert.strictEqual(tags.length, 2 * 2 * 3)
      assert.isTrue(tags.every((each) => each?.["Own"] === "yes"))
    })
  )

  it.effect.each([
    ["MAX_CONCURRENT_REGIONS", "0", "1 to 64"],
    ["MAX_CONCURRENT_REGIONS", "65", "1 to 64"],
    ["MAX_CONCURRENT_ACCOUNTS", "many", "1 to 64"],
    ["MAX_CONCURRENT_SERVICES", "-1", "1 to 64"],
    ["MAX_CONCURRENT_DESCRIBES", "257", "1 to 256"],
    ["MAX_CONCURRENT_CALLS", "0", "1 to 1024"],
    ["REGION_SCAN_TIMEOUT_SECONDS", "9", "10 to 300"],
    ["REGION_SCAN_TIMEOUT_SECONDS", "301", "10 to 300"],
    ["REGION_CACHE_TTL_SECONDS", "59", "at least 60"],
    ["COMPLIANCE_CACHE_TTL_SECONDS", "86401", "60 to 86400"],
    ["RATE_LIMIT_SHARE", "1.5", "0.05 to 1"],
    ["RATE_LIMIT_SHARE", "0.01", "0.05 to 1"],
    ["AWS_MAX_RETRIES", "11", "0 to 10"],
    ["AWS_CALL_TIMEOUT_SECONDS", "0", "1 to 300"]
  ] as const)("%s=%s is a ConfigError that names variable, value and range", ([name, value, range]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Layer.build(Cadastre.layer().pipe(Layer.provide(environment({ [name]: value }))))
      )
      assert.strictEqual(error._tag, "ConfigError")
      for (const part of [name, value, range]) assert.include(error.message, part)
    })
  )

  it.effect("builds without any setting, and without a call", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const home = yield* Effect.map(Regions, ({ home }) => home).pipe(
        Effect.provide(Cadastre.layer().pipe(Layer.provide(settings(simulator)), Layer.provide(environment())))
      )
      assert.strictEqual<string>(home, "us-east-1")
      assert.deepStrictEqual(simulator.calls(), [])
    })
  )
})
