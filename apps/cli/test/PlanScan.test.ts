import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const regions = ["us-east-1", "eu-west-1"]
const start = (options: SimulatorOptions = {}) =>
  Simulator.make({ estate: { seed: 5, regions, resources: 300 }, ...options })

const environmentOf = (simulator: Simulator["Service"]) => {
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  return {
    AWS_ENDPOINT_URL: simulator.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey
  }
}

interface Policy {
  readonly Statement: ReadonlyArray<{ readonly Action: ReadonlyArray<string>; readonly Resource: string }>
}

interface Outline {
  readonly accountIds: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly cells: ReadonlyArray<{ readonly accountId: string; readonly region: string; readonly type: string }>
  readonly estimate: {
    readonly calls: number
    readonly seconds: number
    readonly cells: number
    readonly boundBy: string
  }
  readonly policy: ReadonlyArray<Policy>
  readonly rolePolicy?: ReadonlyArray<Policy>
}

const actionsOf = (policies: ReadonlyArray<Policy>) =>
  policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))

const nameOf = ({ operation, service }: { readonly operation: string; readonly service: string }) =>
  `${service}:${operation}`

describe("cadastre plan", () => {
  it.live("says what a scan will do, and asks AWS for no more than who and where it is", () =>
    Effect.gen(function*() {
      const simulator = yield* start()
      const env = environmentOf(simulator)
      const { code, stderr, stdout } = yield* cadastre(["plan", "--format", "json", "--types", "sqs,ec2,iam"], { env })
      assert.strictEqual(code, 0, stderr)
      const outline = JSON.parse(stdout) as Outline
      assert.sameMembers(simulator.calls().map(nameOf), ["sts:GetCallerIdentity", "ec2:DescribeRegions"])
      assert.isTrue(simulator.calls().every(({ calls }) => calls === 1))

      const scanned = yield* cadastre(["scan", "--format", "json", "--types", "sqs,ec2,iam"], { env })
      const { coverage } = JSON.parse(scanned.stdout) as { readonly coverage: { readonly table: Outline["cells"] } }
      const cellOf = ({ accountId, region, type }: Outline["cells"][number]) => `${accountId}/${region}/${type}`
      assert.sameMembers(outline.cells.map(cellOf), coverage.table.map(cellOf))
      assert.strictEqual(outline.estimate.cells, outline.cells.length)
      const made = simulator.calls()
        .filter((call) => !["sts:GetCallerIdentity", "ec2:DescribeRegions"].includes(nameOf(call)))
        .reduce((sum, { calls }) => sum + calls, 0)
      // In each Region twenty types of EC2, and the queues with their tags; the roles, the users, and the policies with theirs.
      assert.strictEqual(outline.estimate.calls, 2 * (20 + 2) + 1 + 1 + 2)
      assert.isAtMost(made, outline.estimate.calls)
    }).pipe(Effect.scoped), 60_000)

  it.live("its policy is what the scan needs: with it the scan is complete", () =>
    Effect.gen(function*() {
      const simulator = yield* start()
      const planned = yield* cadastre(["plan", "--format", "json"], { env: environmentOf(simulator) })
      const printed = yield* cadastre(["iam-policy"])
      const { policy } = JSON.parse(planned.stdout) as Outline
      assert.deepStrictEqual(policy, [JSON.parse(printed.stdout) as Policy])
      assert.strictEqual(printed.stderr, "")
      assert.strictEqual(printed.stdout, (yield* cadastre(["iam-policy", "--types", "all,sns"])).stdout)

      const [account = ""] = simulator.estate.accounts
      const confined = yield* start({ allow: { [account]: actionsOf(policy) } })
      assert.strictEqual((yield* cadastre(["scan", "--format", "ndjson"], { env: environmentOf(confined) })).code, 0)
    }).pipe(Effect.scoped), 60_000)

  it.live("--offline makes no AWS call at all and needs no credentials", () =>
    Effect.gen(function*() {
      const simulator = yield* start()
      const args = ["plan", "--offline", "--regions", regions.join(), "--format", "json"]
      const online = yield* cadastre(["plan", "--format", "json"], { env: environmentOf(simulator) })
      simulator.reset()
      const { code, stderr, stdout } = yield* cadastre([...args, "--accounts", simulator.estate.accounts.join()], {
        env: { AWS_ENDPOINT_URL: simulator.url }
      })
      assert.strictEqual(code, 0, stderr)
      assert.isEmpty(simulator.calls())
      const [offline, asked] = [JSON.parse(stdout) as Outline, JSON.parse(online.stdout) as Outline]
      assert.sameDeepMembers([...offline.cells], [...asked.cells])
      assert.deepStrictEqual(offline.estimate, asked.estimate)
      assert.deepStrictEqual(offline.policy, asked.policy)
      const nobody = JSON.parse((yield* cadastre(args)).stdout) as Outline
      assert.deepStrictEqual(nobody.accountIds, ["000000000000"])
      assert.deepStrictEqual(nobody.estimate, offline.estimate)
    }).pipe(Effect.scoped), 60_000)

  it.live("--offline says what it needs to be told", () =>
    Effect.gen(function*() {
      const refused = (args: ReadonlyArray<string>, says: string) =>
        Effect.map(cadastre(["plan", "--offline", ...args]), ({ code, stderr, stdout }) => {
          assert.strictEqual(code, 2)
          assert.strictEqual(stdout, "")
          assert.include(stderr, says)
        })
      yield* Effect.all([
        refused([], "--regions us-east-1"),
        refused(["-r", "eu-*"], "\"eu-*\": with --offline write Region codes"),
        refused(["-r", "us-east-1,cn-north-1"], "several partitions: aws, aws-cn"),
        refused(["-r", "us-east-1", "--accounts", "prod"], "\"prod\": with --offline write account ids"),
        refused(["-r", "us-east-1", "--org"], "the accounts must be given")
      ], { concurrency: 2 })
      const limited = yield* cadastre(["plan", "--offline", "-r", "us-east-1"], { env: { RATE_LIMIT_SHARE: "7" } })
      assert.strictEqual(limited.code, 2)
      assert.include(limited.stderr, "RATE_LIMIT_SHARE")
    }), 60_000)

  it.live("the table has the same in words, and slower limits take longer", () =>
    Effect.gen(function*() {
      const args = ["plan", "--offline", "-r", "us-east-1,eu-west-1,us-west-2"]
      const { code, stdout } = yield* cadastre([...args, "--mode", "incremental"])
      assert.strictEqual(code, 0)
      assert.match(stdout, /^A scan of account 000000000000: \d+ types in 3 Regions, \d+ cells\n/u)
      for (const text of ["Calls  ", "no earlier scan is known", "Time   about ", "Money  less than 0.01 USD"]) {
        assert.include(stdout, text)
      }
      assert.deepStrictEqual(
        actionsOf([JSON.parse(stdout.slice(stdout.indexOf("{"))) as Policy]),
        actionsOf([JSON.parse((yield* cadastre(["iam-policy", "--features", "incremental"])).stdout) as Policy])
      )
      const seconds = (share: string) =>
        Effect.map(
          cadastre([...args, "--format", "json"], { env: { RATE_LIMIT_SHARE: share } }),
          ({ stdout }) => (JSON.parse(stdout) as Outline).estimate
        )
      const [slow, fast] = yield* Effect.all([seconds("0.05"), seconds("1")], { concurrency: 2 })
      assert.strictEqual(slow.boundBy, "rate limits")
      assert.isAbove(slow.seconds, fast.seconds)
    }), 60_000)

  it.live("where roles are assumed, who assumes them and the role have policies of their own", () =>
    Effect.gen(function*() {
      const entering = ["--accounts", "111122223333", "--role-name", "audit/Reader"]
      const { stdout } = yield* cadastre([
        "plan",
        "--offline",
        "--format=json",
        "--regions=us-east-1",
        "--types=sns",
        ...entering
      ])
      const { policy, rolePolicy } = JSON.parse(stdout) as Outline
      assert.sameMembers(actionsOf(rolePolicy ?? []), ["ec2:DescribeRegions", "sns:ListTopics", "tag:GetResources"])
      assert.sameMembers(actionsOf(policy), [...actionsOf(rolePolicy ?? []), "sts:AssumeRole"])
      assert.strictEqual(policy[0]?.Statement.at(-1)?.Resource, "arn:aws:iam::*:role/audit/Reader")
    }), 60_000)
})

describe("cadastre iam-policy", () => {
  it.live("refuses what it does not know, naming what it does", () =>
    Effect.gen(function*() {
      const [feature, role, alone] = yield* Effect.all([
        cadastre(["iam-policy", "--features", "magic"]),
        cadastre(["iam-policy", "--features", "assume-role", "--role-name", "a b"]),
        cadastre(["iam-policy", "--role-name", "x"])
      ], { concurrency: 2 })
      assert.deepStrictEqual([feature, role, alone].map(({ code, stdout }) => [code, stdout]), [[2, ""], [2, ""], [2, ""]])
      for (const name of ["magic", "tag-fallback", "organizations", "incremental"]) assert.include(feature.stderr, name)
      assert.include(role.stderr, "--role-name is \"a b\"")
      assert.include(alone.stderr, "--features assume-role")
    }), 60_000)
})
