import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Bill, Simulator } from "@cadastre/aws-simulator"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const cwd = mkdtempSync(join(tmpdir(), "cadastre-gap-"))
process.once("exit", () => rmSync(cwd, { recursive: true, force: true }))
writeFileSync(join(cwd, "policy.json"), JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }] }))

const end = new Date().toISOString().slice(0, 10)
const start = new Date(Date.parse(`${end}T00:00:00Z`) - 10 * 86_400_000).toISOString().slice(0, 10)

const against = ({ credentials, url }: Simulator["Service"], args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const { accessKeyId, secretAccessKey } = credentials()
  return cadastre(["gap", "--policy", join(cwd, "policy.json"), "--no-journal", ...args], {
    cwd,
    env: { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: "us-east-1", ...env }
  })
}

interface Reported {
  readonly source: string
  readonly total: number
  readonly gap: number
  readonly attributable: number
  readonly untaggable: number
  readonly notApplicable: number
  readonly unseen: number
  readonly paid: { readonly calls: number; readonly usd: number }
  readonly breakdown: ReadonlyArray<{ readonly group: string; readonly gap: number }>
}

layer(Simulator.layer({
  estate: { seed: 3, regions: ["us-east-1", "eu-west-1"], resources: 120, costs: { activatedTags: ["Owner"] } }
}), { timeout: 60_000 })("cadastre gap", (it) => {
  it.effect("reads the bill of files, and Cost Explorer within the budget; both tell the same total", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.promise(() => Bill.writeFocus(simulator.estate, join(cwd, "focus.csv"), { start, end }))
      const days = ["--start", start, "--end", end, "--format", "json"]
      const exact = yield* against(simulator, [...days, "--focus", "focus.csv", "--group-by", "region"])
      assert.strictEqual(exact.code, 0, exact.stderr)
      const files = JSON.parse(exact.stdout) as Reported
      assert.strictEqual(files.source, "focus")
      assert.isAbove(files.gap, 0)
      assert.closeTo(files.attributable + files.gap + files.untaggable + files.notApplicable + files.unseen, files.total, 1e-6)
      assert.closeTo(files.breakdown.reduce((sum, { gap }) => sum + gap, 0), files.gap, 1e-6)
      simulator.reset()
      const asked = yield* against(simulator, days)
      assert.strictEqual(asked.code, 0, asked.stderr)
      const explorer = JSON.parse(asked.stdout) as Reported
      assert.strictEqual(explorer.source, "cost-explorer-services")
      assert.closeTo(explorer.total, files.total, 1e-6)
      const calls = simulator.calls().reduce((sum, { calls, service }) => service === "ce" ? sum + calls : sum, 0)
      assert.deepStrictEqual(explorer.paid.calls <= calls, true)
      assert.isAtMost(calls, 3)
    }), 60_000)

  it.effect("says in words what it found and what it paid", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const { code, stderr, stdout } = yield* against(simulator, ["--start", start, "--end", end])
      assert.strictEqual(code, 0, stderr)
      for (const said of ["cannot be tagged", "no tag", "Score by spend", "Asking cost 0.0", "Not used, Cost Explorer, by resource"]) {
        assert.include(stdout, said)
      }
    }), 60_000)

  it.effect("without a cost it ends with 3, and a period that is none with 2, before anything is scanned", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const spent = yield* against(simulator, ["--start", start, "--end", end], { COST_EXPLORER_BUDGET_USD: "0" })
      assert.strictEqual(spent.code, 3, spent.stderr)
      assert.include(spent.stderr, "COST_EXPLORER_BUDGET_USD")
      assert.strictEqual(spent.stdout, "")
      simulator.reset()
      const wrong = yield* against(simulator, ["--start", "2020-01-01", "--end", end])
      assert.strictEqual(wrong.code, 2, wrong.stderr)
      assert.isFalse(simulator.calls().some(({ operation }) => operation === "DescribeInstances"))
      const absent = yield* against(simulator, ["--focus", "absent.csv"])
      assert.strictEqual(absent.code, 3, absent.stderr)
      assert.include(absent.stderr, "absent.csv")
    }), 60_000)
})
