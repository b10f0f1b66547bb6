import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const run = (simulator: Simulator["Service"], ...args: ReadonlyArray<string>) => {
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  return cadastre(["regions", ...args], {
    env: {
      AWS_ENDPOINT_URL: simulator.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_MAX_RETRIES: "0"
    }
  })
}

const estate = {
  resources: 0,
  regions: [
    "us-east-1",
    "eu-west-1",
    "eu-west-2",
    { name: "ap-east-1", optInStatus: "not-opted-in", transition: "enabling" },
    { name: "il-central-1", optInStatus: "not-opted-in" }
  ]
} as const

describe("cadastre regions", () => {
  it.live("shows each Region's state in words", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { code, stderr, stdout } = yield* run(simulator)
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "3 Regions enabled (from ec2:DescribeRegions)")
      assert.match(stdout, /^ap-east-1 +enabling: being enabled$/mu)
      assert.match(stdout, /^eu-west-1 +enabled$/mu)
      assert.match(stdout, /^il-central-1 +not-opted-in: off$/mu)
      assert.notInclude(stdout, "Warning")
    }), 60_000)

  it.live("with --probe says which enabled Regions cannot be called, and why", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: { operation: "DescribeRegions", region: "us-east-1" }, fault: { type: "deny" } },
          { match: { region: "eu-west-1" }, fault: { type: "deny", by: "scp" } },
          { match: { region: "eu-west-2" }, fault: { type: "reset" } }
        ]
      })
      const json = yield* run(simulator, "--probe", "--format", "json")
      assert.strictEqual(json.code, 0, json.stderr)
      const report = JSON.parse(json.stdout) as {
        readonly accountId: string
        readonly partition: string
        readonly probed: boolean
        readonly discovery: { readonly status: string; readonly source: string }
        readonly warnings: ReadonlyArray<string>
        readonly regions: ReadonlyArray<Readonly<Record<"id" | "state" | "standing" | "label" | "reason", string>>>
      }
      assert.deepStrictEqual(report.regions.map(({ id, label, standing, state }) => [id, state, standing, label]), [
        ["ap-east-1", "enabling", "enabling", "being enabled"],
        ["eu-west-1", "enabled", "scp-denied", "denied by a service control policy"],
        ["eu-west-2", "enabled", "unreachable", "unreachable"],
        ["il-central-1", "not-opted-in", "not-opted-in", "off"],
        ["us-east-1", "enabled", "enabled", "enabled"]
      ])
      assert.include(report.regions[1]?.reason, "service control policy")
      assert.strictEqual(report.discovery.source, "account:ListRegions")
      assert.strictEqual(report.warnings.length, 1)
      assert.isTrue(report.probed)

      const table = yield* run(simulator, "--probe")
      assert.match(table.stdout, /^eu-west-1 +enabled: denied by a service control policy \(.*ec2:DescribeInstances/mu)
      assert.match(table.stdout, /^Warning: The list of Regions comes from account:ListRegions/mu)
    }), 60_000)
})
