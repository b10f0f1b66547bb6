import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { Accounts, Aws, AwsSettings, profiles } from "../src/index.ts"
import { endpointOf } from "../src/SharedConfig.ts"

const own = "111122223333"
const other = "222233334444"

/** Writes the two files, and has the environment name them, for as long as the scope lives. */
const configured = (config: string, credentials = "") =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = { ...process.env }
      const folder = mkdtempSync(join(tmpdir(), "cadastre-"))
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
      writeFileSync(join(folder, "config"), config)
      writeFileSync(join(folder, "credentials"), credentials)
      process.env["AWS_CONFIG_FILE"] = join(folder, "config")
      process.env["AWS_SHARED_CREDENTIALS_FILE"] = join(folder, "credentials")
      process.env["AWS_EC2_METADATA_DISABLED"] = "true"
      return { before, folder }
    }),
    ({ before, folder }) =>
      Effect.sync(() => {
        process.env = before
        rmSync(folder, { recursive: true })
      })
  )

const layerOf = (endpointUrl: string, profile?: string) =>
  Accounts.layerNoDeps.pipe(
    Layer.provideMerge(Aws.Aws.layer),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl, ...(profile === undefined ? {} : { profile }) })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
  )

const config = `
[default]
region = us-east-1
[profile audit]
role_arn = arn:aws:iam::${other}:role/Audit
source_profile = base
[profile sso]
sso_session = corp
sso_account_id = 333344445555
sso_role_name = View
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://example.com/start
[profile empty]
region = eu-west-1
[services local]
sts =
  endpoint_url = http://127.0.0.1:1
`

describe("profiles", () => {
  it.live("are those of both files, with the account where the file tells it", () =>
    Effect.gen(function*() {
      yield* configured(config, "[base]\naws_access_key_id = a\naws_secret_access_key = b\n[audit]\naws_account_id = 999999999999\n")
      assert.deepStrictEqual(yield* profiles, [
        { name: "audit", accountId: other },
        { name: "base" },
        { name: "default" },
        { name: "empty" },
        { name: "sso", accountId: "333344445555" }
      ] as Effect.Success<typeof profiles>)
    }))

  it.live("are none where there are no files", () =>
    Effect.gen(function*() {
      yield* configured("", "")
      process.env["AWS_CONFIG_FILE"] = process.env["AWS_SHARED_CREDENTIALS_FILE"] = "no-such-file"
      assert.deepStrictEqual(yield* profiles, [])
    }))

  it.live("are entered by their own credentials, those on the way included, and by no others", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [own, other], resources: 0 } })
      const { accessKeyId, secretAccessKey } = simulator.credentials(own)
      yield* configured(config, `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
      // What the SDK's default chain would fall back to.
      process.env["AWS_ACCESS_KEY_ID"] = simulator.credentials(other).accessKeyId
      process.env["AWS_SECRET_ACCESS_KEY"] = simulator.credentials(other).secretAccessKey
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const [base, audit] = yield* Effect.all([accounts.profile("base"), accounts.profile("audit")], { concurrency: 2 })
        assert.strictEqual(base.id, own)
        assert.strictEqual(audit.id, other)
        assert.include(audit.arn, "assumed-role/Audit/")
        const missing = yield* Effect.flip(accounts.profile("adit"))
        assert.strictEqual(missing.reason._tag, "InvalidCredentials")
        assert.include(missing.message, "no profile \"adit\"")
        const empty = yield* Effect.flip(accounts.profile("empty"))
        assert.strictEqual(empty.reason._tag, "InvalidCredentials")
        assert.include(empty.message, "empty")
        const sso = yield* Effect.flip(accounts.profile("sso"))
        assert.include(["InvalidCredentials", "ExpiredToken"], sso.reason._tag)
        assert.strictEqual((yield* accounts.current).id, other)
      }).pipe(Effect.provide(layerOf(simulator.url)))
    }))

  it.live("the profile of the settings must exist, and its sources are asked where the settings say", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [own, other], resources: 0 } })
      const { accessKeyId, secretAccessKey } = simulator.credentials(own)
      yield* configured(config, `[base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
      process.env["AWS_ACCESS_KEY_ID"] = accessKeyId
      process.env["AWS_SECRET_ACCESS_KEY"] = secretAccessKey
      const current = Accounts.use((accounts) => accounts.current)
      assert.strictEqual((yield* Effect.provide(current, layerOf(simulator.url, "audit"))).id, other)
      const error = yield* Effect.flip(Effect.provide(current, layerOf(simulator.url, "adit")))
      assert.include(error.message, "no profile \"adit\"")
    }))

  it.live("calls go where the profile that is named sends them, as with AWS_PROFILE", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [own, other] } })
      const { accessKeyId, secretAccessKey } = simulator.credentials(own)
      const elsewhere = "http://127.0.0.1:9"
      yield* configured(
        `
[profile local]
endpoint_url = ${simulator.url}
[profile mixed]
services = some
endpoint_url = ${elsewhere}
[profile role]
role_arn = arn:aws:iam::${other}:role/OrganizationAccountAccessRole
source_profile = local
endpoint_url = ${simulator.url}
[profile ignored]
endpoint_url = ${simulator.url}
ignore_configured_endpoint_urls = true
[services some]
sts =
  endpoint_url = ${simulator.url}
`,
        ["local", "mixed", "ignored"].map((name) =>
          `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`).join("")
      )
      const who = (profile: string) =>
        Effect.gen(function*() {
          const accounts = yield* Accounts
          return (yield* accounts.current).id
        }).pipe(
          Effect.provide(Accounts.layerNoDeps.pipe(
            Layer.provideMerge(Aws.Aws.layer),
            Layer.provide(Layer.succeed(AwsSettings, { profile })),
            Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
          ))
        )
      assert.strictEqual(yield* who("local"), own)
      assert.strictEqual(yield* who("mixed"), own)
      assert.strictEqual(yield* who("role"), other)
      // The environment comes before the files.
      process.env["AWS_ENDPOINT_URL"] = elsewhere
      assert.include((yield* Effect.flip(who("local"))).message, "127.0.0.1:9")
      process.env["AWS_ENDPOINT_URL_STS"] = simulator.url
      assert.strictEqual(yield* who("local"), own)
      delete process.env["AWS_ENDPOINT_URL"]
      delete process.env["AWS_ENDPOINT_URL_STS"]
      assert.isUndefined(yield* Effect.promise(() => endpointOf("ignored", "STS")))
      assert.isUndefined(yield* Effect.promise(() => endpointOf("nobody", "STS")))
      assert.strictEqual(yield* Effect.promise(() => endpointOf("mixed", "Resource Groups Tagging API")), elsewhere)
    }).pipe(Effect.scoped))
})
