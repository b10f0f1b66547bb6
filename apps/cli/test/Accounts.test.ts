import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { AccountId } from "@cadastre/model"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { sourceOf } from "../src/AccountChoice.ts"
import type { AccountScope } from "../src/AccountFlags.ts"
import { cadastre, type RunOptions } from "./run.ts"

const [own, shop, bank, lab] = ["111122223333", "222233334444", "333344445555", "444455556666"]

const estate = {
  accounts: [own, shop, bank, lab],
  resources: 0,
  roles: { [bank]: [{ name: "Audit", externalId: "orange" }] },
  organization: {
    units: [{ name: "Prod", accounts: [shop, bank] }, { name: "Sandbox", accounts: [lab] }],
    accounts: { [shop]: { name: "Shop \u001b[31m" }, "555566667777": { state: "CLOSED", name: "Old" } }
  }
} as const

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const against = (simulator: Simulator["Service"], args: ReadonlyArray<string>, options: RunOptions = {}, as = own) => {
  const { accessKeyId, secretAccessKey } = simulator.credentials(as)
  return cadastre(["accounts", ...args], {
    ...options,
    env: {
      AWS_ENDPOINT_URL: simulator.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...options.env
    }
  })
}

interface Answer {
  readonly complete: boolean
  readonly accounts: ReadonlyArray<{
    readonly accountId: string | null
    readonly name?: string
    readonly reachable: boolean
    readonly principal?: string
    readonly problem?: { readonly operation: string; readonly reason: string; readonly message: string }
  }>
  readonly leftOut: ReadonlyArray<{ readonly accountId: string; readonly why: string }>
}

const parse = (text: string) => JSON.parse(text) as Answer

layer(Simulator.layer({ estate }))("cadastre accounts", (it) => {
  it.effect("lists the own account by default", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* against(yield* Simulator, ["--format", "json"])
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(parse(stdout), {
        complete: true,
        accounts: [{ accountId: own, partition: "aws", reachable: true, principal: `arn:aws:iam::${own}:user/simulated` }],
        leftOut: [],
        warnings: []
      } as unknown as Answer)
    }))

  it.effect("enters those of a list, and ends with 3 when one cannot be entered", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const args = ["--accounts", `${own},${shop}`, "--accounts", bank, "--role-name", "Audit"]
      const json = yield* against(simulator, [...args, "--format", "json"])
      assert.strictEqual(json.code, 3, json.stderr)
      const answer = parse(json.stdout)
      assert.isFalse(answer.complete)
      assert.deepStrictEqual(answer.accounts.map(({ accountId, reachable }) => [accountId, reachable]), [
        [own, true],
        [shop, true],
        [bank, false]
      ])
      assert.strictEqual(answer.accounts[1]?.principal, `arn:aws:sts::${shop}:assumed-role/Audit/cadastre`)
      const problem = answer.accounts[2]?.problem
      assert.strictEqual(problem?.operation, "sts:AssumeRole")
      assert.strictEqual(problem?.reason, "AccessDenied")
      assert.include(problem?.message, `arn:aws:iam::${bank}:role/Audit`)

      const table = yield* against(simulator, [...args, "--allow-incomplete"])
      assert.strictEqual(table.code, 0, table.stderr)
      assert.match(table.stdout, new RegExp(`^${bank} +unreachable  AccessDenied: `, "mu"))
      assert.include(table.stdout, "2 of 3 accounts can be entered")
      const right = yield* against(simulator, [...args, "--external-id", "orange"])
      assert.strictEqual(right.code, 0, right.stderr)
    }))

  it.effect("lists an organization's, by unit; names are shown as they are, and do nothing", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const all = yield* against(simulator, ["--org", "--role-name", "Audit", "--external-id", "orange"])
      assert.strictEqual(all.code, 0, all.stderr)
      assert.include(all.stdout, "4 of 4 accounts can be entered\nLeft out: 555566667777 (Old): the account is closed\n")
      assert.include(all.stdout, "Shop \\u{1b}[31m")
      assert.notInclude(all.stdout, "\u001b")
      const some = yield* against(simulator, ["--org", "--ou", "!/Sandbox", "--accounts", `!${bank}`, "--format", "json"])
      assert.strictEqual(some.code, 0, some.stderr)
      assert.deepStrictEqual(parse(some.stdout).accounts.map(({ accountId }) => accountId), [own, shop])
      assert.notInclude(some.stdout, "\u001b")
    }))

  it.effect("an organization that may not be asked about is one clear failure", () =>
    Effect.gen(function*() {
      const ended = yield* against(yield* Simulator, ["--org"], {}, shop)
      assert.strictEqual(ended.code, 3)
      assert.strictEqual(ended.stdout, "")
      assert.match(ended.stderr, /The accounts of the organization are not known.*management account/su)
    }))

  it.effect("credentials that do not work end it with 4", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const ended = yield* against(simulator, ["--accounts", shop, "--role-name", "Audit"], {
        env: { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "planted-secret" }
      })
      assert.strictEqual(ended.code, 4, ended.stderr)
      assert.notInclude(ended.stderr, "planted")
    }))

  it.effect("reads a file, a session policy and profiles", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      writeFileSync(join(cwd, "accounts.csv"), `${shop},Shop\n${lab},Lab\n`)
      writeFileSync(join(cwd, "wrong.csv"), `${shop}\n${shop}\n`)
      writeFileSync(join(cwd, "policy.json"), "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ec2:*\",\"Resource\":\"*\"}}")
      writeFileSync(join(cwd, "config"), `[profile lab]\nrole_arn = arn:aws:iam::${lab}:role/Audit\nsource_profile = ops\n`)
      writeFileSync(join(cwd, "credentials"), `[ops]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
      const listed = yield* against(simulator, ["--accounts-file", "accounts.csv", "--session-policy", "policy.json", "--format", "json"], { cwd })
      assert.strictEqual(listed.code, 0, listed.stderr)
      assert.deepStrictEqual(parse(listed.stdout).accounts.map(({ name }) => name), ["Shop", "Lab"])
      const wrong = yield* against(simulator, ["--accounts-file", "wrong.csv"], { cwd })
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, `wrong.csv:2:1: account ${shop} is on line 1 already`)
      const profiles = yield* against(simulator, ["--profiles", "ops,lab", "--format", "json"], {
        cwd,
        env: { AWS_CONFIG_FILE: "config", AWS_SHARED_CREDENTIALS_FILE: "credentials", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }
      })
      assert.strictEqual(profiles.code, 0, profiles.stderr)
      assert.deepStrictEqual(parse(profiles.stdout).accounts.map(({ accountId, name }) => [name, accountId]), [["ops", own], ["lab", lab]])
    }))

  it.effect("a pattern that matches nothing is told, with what there is", () =>
    Effect.gen(function*() {
      const ended = yield* against(yield* Simulator, ["--org", "--accounts", "shop*,nobody"])
      assert.strictEqual(ended.code, 2)
      assert.match(ended.stderr, new RegExp(`"nobody" matches no account of the estate\\. Valid accounts: ${own}`, "u"))
    }))
})

const flags: AccountScope = {
  accounts: [],
  accountsFile: Option.none(),
  profiles: [],
  org: false,
  ou: [],
  roleName: Option.none(),
  externalId: Option.none(),
  sessionPolicy: Option.none(),
  roleDuration: Option.none()
}

describe("account flags", () => {
  it.effect("say where the accounts come from, and which are asked for", () =>
    Effect.gen(function*() {
      const choice = (given: Partial<AccountScope>) =>
        Effect.map(sourceOf({ ...flags, ...given }), ({ patterns, source }) => [source, patterns])
      assert.deepStrictEqual(yield* choice({}), [{ _tag: "Current" }, []])
      assert.deepStrictEqual(yield* choice({ accounts: ["prod-*"] }), [{ _tag: "Current" }, ["prod-*"]])
      assert.deepStrictEqual(
        yield* choice({ accounts: [shop, bank], roleName: Option.some("a/B"), roleDuration: Option.some(900) }),
        [{ _tag: "List", accounts: [AccountId.make(shop), AccountId.make(bank)], role: { roleName: "a/B", durationSeconds: 900 } }, []]
      )
      assert.deepStrictEqual(yield* choice({ org: true, ou: ["/Prod", "!/Prod/Web"], accounts: ["!lab"] }), [
        { _tag: "Organization", include: ["/Prod"], exclude: ["/Prod/Web"] },
        ["!lab"]
      ])
      assert.deepStrictEqual(
        yield* choice({ accountsFile: Option.some("a.csv"), externalId: Option.some("orange") }),
        [{ _tag: "File", path: "a.csv", role: { externalId: "orange" } }, []]
      )
      assert.deepStrictEqual(yield* choice({ profiles: ["a", "b-*"] }), [{ _tag: "Profiles", names: ["a", "b-*"] }, []])
    }))

  const some = Option.some
  const wrong: ReadonlyArray<readonly [given: Partial<Parameters<typeof sourceOf>[0]>, says: RegExp]> = [
    [{ org: true, accountsFile: some("a.csv") }, /--org and --accounts-file each say/u],
    [{ org: true, profiles: ["*"] }, /--org and --profiles each say/u],
    [{ ou: ["/Prod"] }, /add --org/u],
    [{ profiles: ["*"], roleName: some("Audit") }, /--role-name has no meaning with --profiles/u],
    [{ profiles: ["*"], profile: some("ops") }, /--profile and --profiles contradict/u],
    [{ roleName: some("Audit") }, /name them with --accounts/u],
    [{ externalId: some("orange") }, /--external-id says how accounts are entered/u],
    [{ accounts: ["prod-*"], roleName: some("Audit") }, /"prod-\*" is none/u],
    [{ accounts: [shop], roleName: some("a b") }, /--role-name is "a b"/u],
    [{ org: true, externalId: some("a planted id") }, /--external-id cannot be used: write/u],
    [{ org: true, roleDuration: some(60) }, /--role-duration is "60": write seconds from 900 to 43200/u],
    [{ org: true, sessionPolicy: some("no-such-file") }, /no-such-file, which cannot be read: ENOENT/u],
    [{ org: true, sessionPolicy: some(import.meta.filename) }, /which is no JSON/u]
  ]
  it.effect.each(wrong)("that make no sense are told: %j", ([given, says]) =>
    Effect.gen(function*() {
      const { exitCode, message } = yield* Effect.flip(sourceOf({ ...flags, ...given }))
      assert.strictEqual(exitCode, 2)
      assert.match(message, says)
      assert.notInclude(message, "planted")
    }))

  it.effect("are told so before anything is asked", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* cadastre(["accounts", "--ou", "/Prod"])
      assert.strictEqual(code, 2)
      assert.match(stderr, /add --org/u)
      assert.strictEqual(stdout, "")
    }))
})
