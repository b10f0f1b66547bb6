import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Bill, S3Objects, Simulator } from "@cadastre/aws-simulator"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const cwd = mkdtempSync(join(tmpdir(), "cadastre-costs-"))
process.once("exit", () => rmSync(cwd, { recursive: true, force: true }))
writeFileSync(join(cwd, "policy.json"), JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }] }))

const end = new Date().toISOString().slice(0, 10)
const start = new Date(Date.parse(`${end}T00:00:00Z`) - 10 * 86_400_000).toISOString().slice(0, 10)
const days = ["--start", start, "--end", end]
const types = ["--types", "sqs:queue,ec2:volume"]

const against = ({ credentials, url }: Simulator["Service"], args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const { accessKeyId, secretAccessKey } = credentials()
  return cadastre(args, {
    cwd,
    env: { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: "us-east-1", ...env }
  })
}

const asked = (simulator: Simulator["Service"]) =>
  simulator.calls().reduce((sum, { calls, service }) => service === "ce" ? sum + calls : sum, 0)

interface Checked {
  readonly summary: { readonly costAttributionGap: number | null; readonly totalResources: number }
  readonly costs?: {
    readonly status: string
    readonly source: string
    readonly spendWeightedScore: number
    readonly spendWeightedScoreBounds: { readonly lowest: number; readonly highest: number }
    readonly costliest: ReadonlyArray<{ readonly arn: string; readonly amount: number }>
  }
}

interface Untagged {
  readonly resources: ReadonlyArray<{ readonly arn: string; readonly cost: { readonly monthly: number; readonly basis: string } }>
  readonly costUnknown: ReadonlyArray<unknown>
  readonly costs: { readonly source: string; readonly belowMinimum: number; readonly paid: { readonly calls: number } }
}

layer(Simulator.layer({
  estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 120, costs: { activatedTags: ["Owner"] } }
}), { timeout: 60_000 })("costs", (it) => {
  it.effect("check --costs says what it costs, for programs and for people", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const check = ["check", "--policy", "policy.json", "--no-journal", ...types, "--costs", ...days]
      const priced = yield* against(simulator, [...check, "--format", "json"])
      assert.strictEqual(priced.code, 1, priced.stderr)
      assert.isAtLeast(asked(simulator), 1)
      assert.isAtMost(asked(simulator), 4)
      const { costs, summary } = JSON.parse(priced.stdout) as Checked
      assert.strictEqual(costs?.status, "known")
      assert.isAbove(summary.costAttributionGap!, 0)
      assert.isAbove(costs!.costliest[0]!.amount, 0)
      assert.isTrue(costs!.spendWeightedScoreBounds.lowest <= costs!.spendWeightedScore)
      const { stdout: markdown } = yield* against(simulator, [...check, "--format", "markdown"])
      for (const said of ["## Cost", "Score by spend", costs!.costliest[0]!.arn]) assert.include(markdown, said)
    }), 60_000)

  it.effect("a cost that was asked for and is not known ends with 3, and the table says so", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const unknown = yield* against(simulator, ["check", "--policy", "policy.json", "--no-journal", ...types, "--costs"], {
        COST_EXPLORER_BUDGET_USD: "0"
      })
      assert.strictEqual(unknown.code, 3, unknown.stderr)
      for (const said of ["Cost: unknown", "COST_EXPLORER_BUDGET_USD", "Cost gap: unknown"]) assert.include(unknown.stdout, said)
      const allowed = yield* against(simulator, ["untagged", "--policy", "policy.json", "--no-journal", ...types, "--min-monthly-cost", "1", "--allow-incomplete"], {
        COST_EXPLORER_BUDGET_USD: "0"
      })
      assert.strictEqual(allowed.code, 1, allowed.stderr)
      assert.include(allowed.stdout, "Of unknown cost")
      // Who bears what of the bill is not known where something that shares it was not seen.
      const lift = simulator.rule({ match: { operation: "DescribeNatGateways", region: "eu-west-1" }, fault: { type: "deny" } })
      const shared = yield* against(simulator, ["untagged", "--policy", "policy.json", "--no-journal", ...types, "--costs", "--max-untagged", "999"])
      lift()
      assert.strictEqual(shared.code, 3, shared.stderr)
      assert.include(shared.stdout, "ec2:natgateway in eu-west-1 (denied)")
    }), 60_000)

  it.effect("untagged --min-monthly-cost lists what costs as much, by a bill in S3", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.promise(() => Bill.writeFocus(simulator.estate, join(cwd, "focus.csv"), { start, end }))
      S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, "focus/data.csv", readFileSync(join(cwd, "focus.csv")))
      simulator.reset()
      const untagged = ["untagged", "--policy", "policy.json", "--no-journal", ...types, ...days, "--focus", "s3://bills/focus", "--format", "json"]
      const all = yield* against(simulator, [...untagged, "--costs"])
      assert.strictEqual(all.code, 1, all.stderr)
      assert.strictEqual(asked(simulator), 0)
      const every = JSON.parse(all.stdout) as Untagged
      assert.isEmpty(every.costUnknown)
      assert.strictEqual(every.costs.source, "focus")
      assert.isTrue(every.resources.every(({ cost }) => cost.basis === "actual"))
      const least = every.resources[1]!.cost.monthly
      const dear = JSON.parse((yield* against(simulator, [...untagged, "--min-monthly-cost", String(least)])).stdout) as Untagged
      assert.deepStrictEqual(dear.resources, every.resources.filter(({ cost }) => cost.monthly >= least))
      assert.strictEqual(dear.costs.belowMinimum, every.resources.length - dear.resources.length)
    }), 60_000)

  it.effect("plan says what asking will cost and what it needs, and asks for nothing", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      simulator.reset()
      const { code, stderr, stdout } = yield* against(simulator, ["plan", "--types", "sqs", "--costs"])
      assert.strictEqual(code, 0, stderr)
      for (const said of ["Costs  0.02 USD (list price) for 2 pages", "ce:GetCostAndUsage", "COST_EXPLORER_BUDGET_USD"]) {
        assert.include(stdout, said)
      }
      assert.strictEqual(asked(simulator), 0)
      const offline = yield* against(simulator, ["plan", "--offline", "--regions", "us-east-1", "--types", "sqs", "--costs", "--cur", "s3://bills/cur/*.parquet", "--format", "json"])
      assert.strictEqual(offline.code, 0, offline.stderr)
      const outline = JSON.parse(offline.stdout) as { readonly costs: object; readonly policy: ReadonlyArray<object> }
      assert.deepStrictEqual(outline.costs, { source: "files", calls: 0, usd: 0, budgetUsd: 1, withinBudget: true })
      assert.include(JSON.stringify(outline.policy), "arn:aws:s3:::bills/cur/*")
      assert.notInclude(JSON.stringify(outline.policy), "ce:")
    }), 60_000)

  it.effect("iam-policy has what costs and tag policies need, the bill's files alone", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const named = ["--types", "sqs", "--features", "cost,tag-policies,cost-files", "--bills", "s3://bills/cur/"]
      const { code, stderr, stdout } = yield* against(simulator, ["iam-policy", ...named])
      assert.strictEqual(code, 0, stderr)
      for (const action of ["ce:GetCostAndUsageWithResources", "ce:ListCostAllocationTags", "organizations:DescribeEffectivePolicy", "arn:aws:s3:::bills/cur/*"]) {
        assert.include(stdout, action)
      }
      const open = yield* against(simulator, ["iam-policy", "--features", "cost-files"])
      assert.strictEqual(open.code, 2, open.stderr)
      assert.include(open.stderr, "--bills")
    }), 60_000)
})
