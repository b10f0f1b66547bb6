import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { Estate, type Source } from "../src/index.ts"
import { accountsOf, discovering, folder, summary } from "./Discovery.ts"

const ops = "111122223333"
const shop = "222233334444"
const bank = "333344445555"

const config = `
[profile shop]
role_arn = arn:aws:iam::${shop}:role/Audit
source_profile = ops
[profile shop-too]
role_arn = arn:aws:iam::${shop}:role/Other
source_profile = ops
[profile bank]
role_arn = arn:aws:iam::${bank}:role/Audit
source_profile = ops
[profile broken]
region = us-east-1
`

const setup = Effect.gen(function*() {
  const simulator = yield* Simulator.make({
    estate: { accounts: [ops, shop, bank], resources: 0, roles: { [bank]: [] } }
  })
  const { accessKeyId, secretAccessKey } = simulator.credentials(ops)
  const path = yield* folder({
    config,
    credentials: `[ops]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
  })
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const before = { ...process.env }
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
      process.env["AWS_CONFIG_FILE"] = join(path, "config")
      process.env["AWS_SHARED_CREDENTIALS_FILE"] = join(path, "credentials")
      process.env["AWS_EC2_METADATA_DISABLED"] = "true"
      return before
    }),
    (before) => Effect.sync(() => (process.env = before))
  )
  const using = (...names: readonly [string, ...ReadonlyArray<string>]) =>
    discovering(simulator, { _tag: "Profiles", names } satisfies Source, { credentials: false })
  return { simulator, using }
})

describe("the accounts of profiles", () => {
  it.live("are each there once; those that do not work are told by id where the file tells it", () =>
    Effect.gen(function*() {
      const { simulator, using } = yield* setup
      yield* Effect.gen(function*() {
        const found = yield* accountsOf()
        assert.deepStrictEqual(summary(found), [
          `${bank} AccessDenied`,
          "broken InvalidCredentials",
          `${ops} reachable`,
          `${shop} reachable`
        ])
        assert.deepStrictEqual(found.map(({ _tag, name }) => [_tag, name]), [
          ["Unreachable", "bank"],
          ["Unnamed", "broken"],
          ["Reachable", "ops"],
          ["Reachable", "shop"]
        ])
        const { warnings } = yield* Estate.use((estate) => estate.notes)
        assert.deepStrictEqual(warnings, [
          `Profile "shop-too" is of account ${shop}, which profile "shop" is used for: it is not used`
        ])
        const chosen = yield* accountsOf(shop, "ops")
        assert.deepStrictEqual(summary(chosen), [`${ops} reachable`, `${shop} reachable`])
      }).pipe(Effect.provide(using("*")))
      assert.isAbove(simulator.calls().length, 0)
    }))

  it.live("are asked for by name, in that order; a profile that works goes before one that does not", () =>
    Effect.gen(function*() {
      const { simulator, using } = yield* setup
      simulator.rule({ match: { account: ops, operation: "AssumeRole", nth: 1 }, fault: { type: "deny" } })
      const found = yield* Effect.provide(accountsOf(), using("shop", "shop-too", "ops"))
      assert.deepStrictEqual(found.map(({ _tag, name }) => `${name} ${_tag}`).toSorted(), [
        "ops Reachable",
        found.some(({ name }) => name === "shop") ? "shop Reachable" : "shop-too Reachable"
      ])
    }))

  it.live("one that is in no file is told before anybody is asked", () =>
    Effect.gen(function*() {
      const { simulator, using } = yield* setup
      const error = yield* Effect.flip(Effect.provide(accountsOf(), using("shop", "shpo")))
      assert.strictEqual(
        error.message,
        "Profile \"shpo\" is in none of the AWS configuration files. Valid profiles: bank, broken, ops, shop, shop-too"
      )
      assert.include((yield* Effect.flip(Effect.provide(accountsOf(), using("x-*")))).message, "\"x-*\"")
      assert.strictEqual(simulator.calls().length, 0)
    }))
})
