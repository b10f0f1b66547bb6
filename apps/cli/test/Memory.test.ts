import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

interface Answer {
  readonly kind: string
  readonly snapshotId?: string
  readonly storedInHistory?: boolean
  readonly complianceScore?: number
  readonly summary?: { readonly complianceScore: number }
  readonly points?: ReadonlyArray<{ readonly complianceScore: number; readonly snapshotId: string; readonly snapshots: number }>
  readonly direction?: string
  readonly totals?: { readonly added: number; readonly removed: number; readonly changed: number }
  readonly changes?: ReadonlyArray<{ readonly arn: string; readonly change: string }>
  readonly resources?: ReadonlyArray<{ readonly resource: { readonly arn: string } }>
  readonly recommendations?: ReadonlyArray<{ readonly kind: string }>
}

const answerOf = (stdout: string) => JSON.parse(stdout) as Answer

const estate = { seed: 5, regions: ["us-east-1", "eu-west-1"], resources: 0, counts: { "sqs:queue": 20, "sns:topic": 10 } }
const types = ["--types", "sqs,sns"]
const byText = (a: string, b: string): number => a < b ? -1 : 1
const json = ["--format", "json"]

describe("what the command line remembers", () => {
  it.live("a snapshot is stored, told, compared and searched; what is not there ends with 2 and one message", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), JSON.stringify({ required_tags: [{ name: "Owner" }] }))
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const env = { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, XDG_DATA_HOME: cwd }
      const ask = (...args: ReadonlyArray<string>) => cadastre(args, { cwd, env })

      for (const question of [["history", ...types], ["diff", "--since", "7d", ...types], ["diff", "latest", "previous"]]) {
        const { code, stderr, stdout } = yield* ask(...question)
        assert.deepStrictEqual([code, stdout], [2, ""], stderr)
        assert.include(stderr, "store", question[0])
      }
      const owned = () => [...simulator.estate.resources()].filter(({ tags }) => /\S/u.test(tags.Owner ?? "")).length
      const first = yield* ask("check", ...types, "--store-snapshot", "--output", "before.json")
      assert.strictEqual(first.code, 1, first.stderr)
      const before = answerOf(readFileSync(join(cwd, "before.json"), "utf8"))
      assert.isTrue(before.storedInHistory)
      const scores = [owned() / 30]

      const [gone, stripped] = [...simulator.estate.resources({ type: "sqs:queue" })].filter(({ tags }) => /\S/u.test(tags.Owner ?? ""))
      simulator.estate.delete(gone!.arn)
      simulator.estate.tag(stripped!.arn, {})
      const second = answerOf((yield* ask("check", ...types, "--store-snapshot", ...json)).stdout)
      scores.push(owned() / 29)
      // A day's last snapshot counts, and its score is that of all of them.
      const history = yield* ask("history", ...types, ...json)
      assert.strictEqual(history.code, 0, history.stderr)
      const { points = [] } = answerOf(history.stdout)
      assert.deepStrictEqual(points.map(({ snapshotId, snapshots }) => [snapshotId, snapshots]), [[second.snapshotId, 2]])
      assert.closeTo(points[0]!.complianceScore, (scores[0]! * 30 + scores[1]! * 29) / 59, 1e-12)
      const one = yield* ask("history", "--regions", "eu-west-1", ...types)
      assert.strictEqual(one.code, 2)
      assert.include(one.stderr, second.snapshotId!)

      const expected = [`${gone!.arn} removed`, `${stripped!.arn} changed`].toSorted(byText)
      // By ids, by names, a file, and a scan of now.
      const pairs = [[before.snapshotId!.slice(0, 8), second.snapshotId!], ["previous", "latest"], ["before.json", "latest"], [before.snapshotId!]]
      for (const pair of pairs) {
        const { code, stderr, stdout } = yield* ask("diff", ...pair, ...types, ...json, "--fail-on-change")
        assert.strictEqual(code, 1, stderr)
        assert.deepStrictEqual(answerOf(stdout).changes!.map(({ arn, change }) => `${arn} ${change}`).toSorted(byText), expected, pair[0])
      }
      // What comes while nobody keeps the inventory up to date is not in it.
      const unlisted = simulator.estate.create({ accountId: "111122223333", region: "us-east-1", type: "sqs:queue" })
      assert.strictEqual((yield* ask("check", ...types, "--no-inventory", "--store-snapshot")).code, 1)
      simulator.estate.delete(unlisted.arn)
      const known = yield* ask("inventory", ...json)
      assert.sameMembers(answerOf(known.stdout).resources!.map(({ resource }) => resource.arn), [...simulator.estate.resources()].map(({ arn }) => arn))
      const unknown = yield* ask("diff", "0123456789", "latest")
      assert.strictEqual(unknown.code, 2)
      assert.include(unknown.stderr, "There is no snapshot 0123456789")
    }).pipe(Effect.scoped), 120_000)

  it.live("--demo has an answer without a word more: what changed last, whose the money is not, what policies come to", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const ask = (...args: ReadonlyArray<string>) => cadastre([...args, "--demo", ...json], { cwd })
      const changed = yield* ask("diff", "--types", "ec2:instance,s3")
      assert.strictEqual(changed.code, 0, changed.stderr)
      const { baseline } = JSON.parse(changed.stdout) as { readonly baseline: { readonly ageSeconds: number } }
      assert.closeTo(baseline.ageSeconds, 86_400, 120)
      const gap = yield* ask("gap", "--types", "ec2:instance,s3")
      assert.strictEqual(gap.code, 0, gap.stderr)
      const { attributable, gapByKind } = JSON.parse(gap.stdout) as { readonly attributable: number; readonly gapByKind: Record<string, number> }
      for (const amount of [attributable, gapByKind.noTag, gapByKind.wrongValue, gapByKind.notBackfilled]) assert.isAbove(amount!, 0)
      const explained = yield* ask("policy", "explain")
      assert.strictEqual(explained.code, 0, explained.stderr)
      const { check, effective } = JSON.parse(explained.stdout) as {
        readonly check: { readonly _tag: string }
        readonly effective: { readonly tags: Record<string, { readonly tag_key: string; readonly tag_value: ReadonlyArray<string> }> }
      }
      assert.strictEqual(check._tag, "Agrees")
      // The root locks the key's spelling; the unit takes a value away, the account adds one.
      assert.deepInclude(effective.tags.environment, { tag_key: "Environment", tag_value: ["production", "staging", "sandbox"] })
      for (const [command, ...rest] of [["validate"], ["import"], ["export", "--to", "rego"]] as const) {
        assert.strictEqual((yield* ask("policy", command, ...rest)).code, 0, command)
      }
    }).pipe(Effect.scoped), 120_000)

  it.live("--demo has weeks of history, and touches nothing of the user's", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const options = { cwd: home, env: { HOME: home, XDG_DATA_HOME: join(home, "data"), DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none" } }
      const demo = ["--demo", "--types", "ec2:instance,s3", ...json]
      const history = yield* cadastre(["history", ...demo], options)
      assert.strictEqual(history.code, 0, history.stderr)
      const { direction, points = [] } = answerOf(history.stdout)
      assert.isAbove(points.length, 4)
      assert.strictEqual(direction, "improving")
      assert.isAbove(points.at(-1)!.complianceScore, points[0]!.complianceScore)
      const drift = yield* cadastre(["diff", "--since", "14d", ...demo], options)
      assert.strictEqual(drift.code, 0, drift.stderr)
      const { totals } = answerOf(drift.stdout)
      assert.isAbove(totals!.changed, 0)
      assert.strictEqual(totals!.removed, 0)
      const report = yield* cadastre(["report", ...demo], options)
      assert.strictEqual(report.code, 0, report.stderr)
      assert.isTrue(answerOf(report.stdout).recommendations!.some(({ kind }) => kind === "set-tag"))
      assert.deepStrictEqual(readdirSync(home), [])
      assert.isFalse(existsSync(join(home, "data")))
    }).pipe(Effect.scoped), 120_000)
})
