/** Each profile's calls go its own way: its endpoint, its Region, its certificates. */
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Simulator } from "@cadastre/aws-simulator"
import { RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Accounts, Aws, AwsClients, AwsSettings, CurrentAccount, CurrentRegion, Pacer } from "../src/index.ts"
import { configured } from "./Configured.ts"
import { deadPort, proxyTo, root, tlsBefore } from "./Network.ts"

const here = "111122223333"
const there = "222233334444"

const layerOf = (variables: Readonly<Record<string, string>> = {}, profile?: string) =>
  Accounts.layerNoDeps.pipe(
    Layer.provideMerge(Aws.Aws.layerNoDeps.pipe(Layer.provide([AwsClients.layer, Pacer.layerOff]))),
    Layer.provide(Layer.succeed(AwsSettings, profile === undefined ? {} : { profile })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables)))
  )

const keysOf = (simulator: Simulator["Service"], id: string): string => {
  const { accessKeyId, secretAccessKey } = simulator.credentials(id)
  return `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}

const called = (simulator: Simulator["Service"]) =>
  new Set(simulator.calls().map(({ operation, region }) => `${operation} ${region}`))

describe("several profiles", () => {
  it.live("have their calls sent each to its own endpoint, trusting its own certificates", () =>
    Effect.gen(function*() {
      const first = yield* Simulator.make({ estate: { accounts: [here, there], resources: 30, types: ["sns:topic"] } })
      const second = yield* Simulator.make({ estate: { accounts: [there], resources: 30, types: ["sns:topic"] } })
      const tls = yield* tlsBefore(Number(new URL(second.url).port))
      const { folder, write } = yield* configured("")
      const bundle = join(folder, "roots.pem")
      writeFileSync(bundle, root)
      write(`
[default]
endpoint_url = http://127.0.0.1:${yield* deadPort}
region = ap-southeast-1
[profile first]
endpoint_url = ${first.url}
region = eu-west-1
${keysOf(first, here)}
[profile role]
role_arn = arn:aws:iam::${there}:role/OrganizationAccountAccessRole
source_profile = first
endpoint_url = ${first.url}
[profile second]
endpoint_url = https://localhost:${tls}
ca_bundle = ${bundle}
region = eu-central-1
${keysOf(second, there)}
[profile untrusting]
endpoint_url = https://localhost:${tls}
${keysOf(second, there)}
[profile broken]
ca_bundle = ${join(folder, "none.pem")}
${keysOf(second, there)}
`)
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const topics = (name: string) =>
          Effect.gen(function*() {
            const account = yield* accounts.profile(name)
            const { Topics = [] } = yield* Aws.send(SNSClient, new ListTopicsCommand({})).pipe(
              Effect.provideService(CurrentAccount, account),
              Effect.provideService(CurrentRegion, RegionId.make("us-east-1"))
            )
            return [account.id, Topics.length] as const
          })
        const expected = (simulator: Simulator["Service"], id: string) =>
          [id, simulator.estate.count({ accountId: id, region: "us-east-1", type: "sns:topic" })] as const

        assert.deepStrictEqual(yield* topics("first"), expected(first, here))
        assert.deepStrictEqual(called(first), new Set(["GetCallerIdentity eu-west-1", "ListTopics us-east-1"]))
        assert.deepStrictEqual(yield* topics("role"), expected(first, there))
        assert.lengthOf(second.calls(), 0)
        assert.deepStrictEqual(yield* topics("second"), expected(second, there))
        assert.deepStrictEqual(called(second), new Set(["GetCallerIdentity eu-central-1", "ListTopics us-east-1"]))
        // A role that is entered from there is there, too.
        const entered = yield* accounts.assume({
          accountId: (yield* accounts.profile("second")).id,
          roleName: "OrganizationAccountAccessRole",
          from: yield* accounts.profile("second")
        })
        assert.strictEqual(entered.profile, "second")

        const untrusting = yield* Effect.flip(accounts.profile("untrusting"))
        assert.include(untrusting.message, "AWS_CA_BUNDLE")
        const broken = yield* Effect.flip(accounts.profile("broken"))
        assert.include(broken.message, `ca_bundle of profile "broken" names ${join(folder, "none.pem")}, which cannot be read (ENOENT)`)
        assert.strictEqual(broken.outcome, "failed")
      }).pipe(Effect.provide(layerOf()))

      // The one that is in use is read at the start.
      const error = yield* Effect.flip(Effect.provide(Accounts.use(({ current }) => current), layerOf({}, "broken")))
      assert.strictEqual(error._tag, "ConfigError")
      const current = Accounts.use(({ current }) => current)
      assert.strictEqual((yield* Effect.provide(current, layerOf({}, "second"))).id, there)
      const bundled = layerOf({ AWS_CA_BUNDLE: bundle }, "untrusting")
      assert.strictEqual((yield* Effect.provide(current, bundled)).id, there)
    }))

  it.live("that name no endpoint are not sent to that of the default one; what the SDK asks for goes by the proxy, too", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [here, there], resources: 0 } })
      const plainPort = Number(new URL(simulator.url).port)
      const proxy = yield* proxyTo(yield* tlsBefore(plainPort), plainPort)
      const start = "https://example.com/start"
      const { folder } = yield* configured(`
[default]
endpoint_url = http://127.0.0.1:${yield* deadPort}
[profile keys]
region = eu-west-1
${keysOf(simulator, here)}
[profile role]
role_arn = arn:aws:iam::${there}:role/OrganizationAccountAccessRole
source_profile = keys
[profile sso]
sso_start_url = ${start}
sso_region = eu-west-1
sso_account_id = ${there}
sso_role_name = View
`)
      writeFileSync(join(folder, "roots.pem"), root)
      process.env["HOME"] = folder
      mkdirSync(join(folder, ".aws", "sso", "cache"), { recursive: true })
      writeFileSync(
        join(folder, ".aws", "sso", "cache", `${createHash("sha1").update(start).digest("hex")}.json`),
        JSON.stringify({ accessToken: "token", expiresAt: "2999-01-01T00:00:00Z" })
      )
      const variables = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: join(folder, "roots.pem") }
      const asking = <A, E>(work: Effect.Effect<A, E, Accounts>, profile?: string) =>
        Effect.map(Effect.provide(work, layerOf(variables, profile)), (answer) => [answer, [...new Set(proxy.asked.splice(0))]] as const)
      const id = (name: string) => Accounts.use((accounts) => Effect.map(accounts.profile(name), ({ id }) => id))
      const regional = "CONNECT sts.eu-west-1.amazonaws.com:443"
      const usual = "CONNECT sts.us-east-1.amazonaws.com:443"
      assert.deepStrictEqual<unknown>(yield* asking(id("keys")), [here, [regional]])
      assert.deepStrictEqual<unknown>(yield* asking(id("role")), [there, [usual]])
      const current = Accounts.use(({ current }) => Effect.map(current, ({ id }) => id))
      assert.deepStrictEqual<unknown>(yield* asking(current, "keys"), [here, [regional]])
      const [refused, asked] = yield* asking(Effect.flip(id("sso")))
      assert.strictEqual(refused._tag, "AwsError")
      assert.include(asked, "CONNECT portal.sso.eu-west-1.amazonaws.com:443")
    }))

  it.live("of another partition are entered there", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [here], partitions: { [here]: "aws-cn" }, resources: 0 } })
      yield* configured(`
[profile china]
region = cn-north-1
endpoint_url = ${simulator.url}
${keysOf(simulator, here)}
`)
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const { id, partition } = yield* accounts.profile("china")
        assert.deepStrictEqual<unknown>([id, partition], [here, "aws-cn"])
        assert.deepStrictEqual(called(simulator), new Set(["GetCallerIdentity cn-north-1"]))
      }).pipe(Effect.provide(layerOf()))
    }))
})
