import { Simulator } from "@cadastre/aws-simulator"
import { AccountId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { join } from "node:path"
import { Estate, type Source } from "../src/index.ts"
import { accountsOf, count, discovering, folder, ids, summary } from "./Discovery.ts"

const accounts = ids(20)
const [own = "", denied = "", expired = "", mixed = "", ...rest] = accounts

const listOf = (all: ReadonlyArray<string>, role: Extract<Source, { _tag: "List" }>["role"] = {}): Source => {
  const [first, ...others] = all.map((id) => AccountId.make(id))
  return { _tag: "List", accounts: [first!, ...others], role }
}

const estate = {
  accounts,
  resources: 0,
  roles: { [denied]: [], [mixed]: [{ name: "OrganizationAccountAccessRole", answersFor: own }] }
}

describe("Estate", () => {
  it.live("a list: entered in parallel, the bad ones told apart and stopping nobody", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        latency: 15,
        rules: [{ match: { account: expired, operation: "GetCallerIdentity" }, fault: { type: "expired" } }]
      })
      yield* Effect.gen(function*() {
        const found = yield* accountsOf()
        assert.deepStrictEqual(summary(found), [
          `${own} reachable`,
          `${denied} AccessDenied`,
          `${expired} ExpiredToken`,
          `${mixed} InvalidCredentials`,
          ...rest.map((id) => `${id} reachable`)
        ])
        assert.isAbove(simulator.maxInFlight(), 3)
        assert.isAtMost(simulator.maxInFlight(), 5)
        const [, noRole, , other] = found
        assert.include(noRole?._tag === "Unreachable" ? noRole.error.message : "", `arn:aws:iam::${denied}:role/`)
        assert.include(other?._tag === "Unreachable" ? other.error.message : "", `belongs to account ${own}, not to ${mixed}`)
        // The own account needs no role.
        const mine = found[0]
        assert.include(mine?._tag === "Reachable" ? mine.account.arn : "", "user/simulated")

        // What failed is asked again, what was found is not.
        simulator.clearRules()
        simulator.reset()
        const again = yield* accountsOf()
        assert.deepStrictEqual(summary(again).filter((line) => !line.endsWith("reachable")), [
          `${denied} AccessDenied`,
          `${mixed} InvalidCredentials`
        ])
        assert.strictEqual(count(simulator, "AssumeRole"), 3)
        assert.strictEqual(again[4], again[4])
        const asked = simulator.calls().filter(({ operation }) => operation === "GetCallerIdentity")
        assert.deepStrictEqual(asked.map(({ accountId }) => accountId).toSorted(), [own, expired])
      }).pipe(Effect.provide(discovering(simulator, listOf(accounts))))
    }))

  it.live("MAX_CONCURRENT_ACCOUNTS is how many at once, from 1 to 64", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts, resources: 0 }, latency: 5 })
      yield* accountsOf().pipe(
        Effect.provide(discovering(simulator, listOf(accounts), { variables: { MAX_CONCURRENT_ACCOUNTS: "1" } }))
      )
      assert.strictEqual(simulator.maxInFlight(), 1)
      const error = yield* Effect.flip(Effect.scoped(Layer.build(
        discovering(simulator, listOf(accounts), { variables: { MAX_CONCURRENT_ACCOUNTS: "65" } })
      )))
      assert.include(error.message, "MAX_CONCURRENT_ACCOUNTS")
    }))

  it.live("who ask at the same time share one session for each account", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts, resources: 0 }, latency: 5 })
      yield* Effect.gen(function*() {
        const all = yield* Effect.all([accountsOf(), accountsOf(), accountsOf(accounts[5]!)], { concurrency: 3 })
        assert.strictEqual(count(simulator, "AssumeRole"), 19)
        assert.strictEqual(count(simulator, "GetCallerIdentity"), 20)
        const [first, second] = all.map((found) => found.flatMap((one) => one._tag === "Reachable" ? [one.account] : []))
        for (const [at, account] of first!.entries()) assert.strictEqual(account, second![at])
      }).pipe(Effect.provide(discovering(simulator, listOf(accounts))))
    }))

  it.live("who leaves early leaves the work to the others", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ids(3), resources: 0 }, latency: 30 })
      yield* Effect.gen(function*() {
        const [, found] = yield* Effect.all([Effect.timeoutOption(accountsOf(), "20 millis"), accountsOf()], { concurrency: 2 })
        assert.strictEqual(found.length, 3)
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
      }).pipe(Effect.provide(discovering(simulator, listOf(ids(3)))))
    }))

  it.live("patterns choose by id and name; only what is chosen is entered", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ids(5), resources: 0 } })
      const path = yield* folder({
        "accounts.csv": "100000000000,Root\n100000000001,prod-web\n100000000002,Prod-data\n100000000003,sandbox\n100000000004\n"
      })
      yield* Effect.gen(function*() {
        const chosen = (...patterns: ReadonlyArray<string>) =>
          Effect.map(accountsOf(...patterns), (found) => summary(found).map((line) => Number(line.slice(11, 12))))
        assert.deepStrictEqual(yield* chosen("PROD-*"), [1, 2])
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
        assert.deepStrictEqual(yield* chosen("!sandbox", "!*4"), [0, 1, 2])
        assert.deepStrictEqual(yield* chosen("100000000003", "prod-*", "!*data"), [1, 3])
        assert.deepStrictEqual(yield* chosen("all", "!root"), [1, 2, 3, 4])
        assert.deepStrictEqual(yield* chosen(), [0, 1, 2, 3, 4])

        const unknown = yield* Effect.flip(accountsOf("prod-*", "999999999999"))
        assert.strictEqual(unknown._tag, "AccountFilterError")
        assert.include(unknown.message, "\"999999999999\" matches no account of the estate")
        assert.include(unknown.message, "100000000001 (prod-web)")
        const nothing = yield* Effect.flip(accountsOf("prod-*", "!prod-*"))
        assert.include(nothing.message, "leaves no account")
        assert.include((yield* Effect.flip(accountsOf("!nobody"))).message, "\"!nobody\" matches no account")
      }).pipe(Effect.provide(discovering(simulator, { _tag: "File", path: join(path, "accounts.csv") })))
    }))

  it.live("an error names at most twenty of those that there are", () =>
    Effect.gen(function*() {
      const many = ids(45)
      const simulator = yield* Simulator.make({ estate: { accounts: many, resources: 0 } })
      const { message } = yield* Effect.flip(accountsOf("nobody")).pipe(Effect.provide(discovering(simulator, listOf(many))))
      assert.strictEqual(message.match(/\d{12}/gu)?.length, 20)
      assert.include(message, "and 25 more")
    }))

  it.live("the own account is entered by a role where that is asked for", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [own], resources: 0 } })
      const source: Source = {
        _tag: "List",
        accounts: [AccountId.make(own)],
        assumeOwn: true,
        role: { roleName: "audit/ReadOnly", sessionName: "survey" }
      }
      const [found] = yield* accountsOf().pipe(Effect.provide(discovering(simulator, source)))
      assert.strictEqual(
        found?._tag === "Reachable" ? found.account.arn : "",
        `arn:aws:sts::${own}:assumed-role/ReadOnly/survey`
      )
    }))

  it.live("by default it is the account of the credentials; when these do not work nothing is known", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ids(3), resources: 0 } })
      const layer = discovering(simulator, { _tag: "Current" }, { as: "100000000002" })
      assert.deepStrictEqual(summary(yield* Effect.provide(accountsOf(), layer)), ["100000000002 reachable"])
      simulator.rule({ fault: { type: "invalid-credentials" } })
      for (const source of [{ _tag: "Current" }, listOf(ids(3)), { _tag: "Organization" }] as const) {
        const error = yield* Effect.flip(Effect.provide(accountsOf(), discovering(simulator, source)))
        assert.strictEqual(error._tag === "AwsError" ? error.reason._tag : "", "InvalidCredentials")
      }
    }))

  it.live("a file's accounts have roles and external ids of their own", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: {
          accounts: ids(4),
          resources: 0,
          roles: {
            "100000000001": [{ name: "Named", externalId: "one-1" }],
            "100000000002": [{ name: "Whole" }],
            "100000000003": [{ name: "Common", externalId: "all" }]
          }
        }
      })
      const path = yield* folder({
        "accounts.yaml": `
accounts:
  - 100000000000
  - {account_id: "100000000001", role_name: Named, external_id: one-1}
  - id: 100000000002
    roleArn: arn:aws:iam::100000000002:role/Whole
  - "100000000003"
`
      })
      const found = yield* accountsOf().pipe(Effect.provide(discovering(simulator, {
        _tag: "File",
        path: join(path, "accounts.yaml"),
        role: { roleName: "Common", externalId: "all" }
      })))
      assert.deepStrictEqual(summary(found), ids(4).map((id) => `${id} reachable`))
    }))

  it.live("a file that is wrong is told before anybody is asked", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ids(2), resources: 0 } })
      const path = yield* folder({ "accounts.txt": "100000000000\n1000000001\n" })
      const error = yield* Effect.flip(accountsOf()).pipe(
        Effect.provide(discovering(simulator, { _tag: "File", path: join(path, "accounts.txt") }))
      )
      assert.strictEqual(error._tag, "AccountFileError")
      assert.match(error.message, /accounts\.txt:2:1: "1000000001" is no account_id — an account id has 12 digits/u)
      assert.strictEqual(simulator.calls().length, 0)
    }))

  it.live("nothing is left out of a list", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ids(2), resources: 0 } })
      const notes = yield* Estate.use((estate) => estate.notes).pipe(Effect.provide(discovering(simulator, listOf(ids(2)))))
      assert.deepStrictEqual(notes, { leftOut: [], warnings: [] })
    }))
})
