import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre, type RunOptions } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const policyText = JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }, { name: "CostCenter", severity: "warning" }] })

const ask = Effect.fnUntraced(function*(args: ReadonlyArray<string>, options: RunOptions = {}) {
  const simulator = yield* Simulator
  const cwd = yield* folder
  writeFileSync(join(cwd, "policy.json"), policyText)
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  const ended = yield* cadastre(args, {
    cwd,
    ...options,
    env: {
      AWS_ENDPOINT_URL: simulator.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...options.env
    }
  })
  return { ...ended, cwd }
})

interface Row {
  readonly arn: string
  readonly outcome?: string
  readonly missingTags?: ReadonlyArray<string>
  readonly suggestions?: ReadonlyArray<{ readonly tag: string; readonly candidates: ReadonlyArray<{ readonly value: string; readonly confidence: number }> }>
}

interface Answer {
  readonly kind: string
  readonly totalUntagged?: number
  readonly withoutAnyTag?: number
  readonly resources: ReadonlyArray<Row>
  readonly notFound?: ReadonlyArray<string>
  readonly backtest?: ReadonlyArray<{ readonly tag: string; readonly tried: number; readonly hitRate: number }>
}

const answerOf = (stdout: string) => JSON.parse(stdout) as Answer

const regions = ["us-east-1", "eu-west-1"]
const estate = { seed: 11, regions, resources: 0, counts: { "sqs:queue": 60, "sns:topic": 20, "ec2:volume": 2 }, tags: { coherent: 0.9 } }
const types = ["--types", "sqs,sns"]

const lacking = (tags: Readonly<Record<string, string>>) =>
  ["Owner", "CostCenter"].filter((name) => !Object.hasOwn(tags, name) || !/\S/u.test(tags[name]!))

layer(Simulator.layer({ estate }), { excludeTestServices: true })("questions of an estate", (it) => {
  it.effect("untagged lists what the ground truth says, as JSON, as CSV and for people", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      // Nothing but a tag gives a volume its name.
      const [first] = [...simulator.estate.resources({ type: "ec2:volume" })]
      const all = ["--types", "sqs,sns,ec2:volume"]
      simulator.estate.tag(first!.arn, { Name: "=HYPERLINK(\"http://evil\")\u001b[2J" })
      const expected = [...simulator.estate.resources()].map(({ arn, tags }) => ({ arn, missingTags: lacking(tags), none: Object.keys(tags).length === 0 }))
        .filter(({ missingTags, none }) => none || missingTags.length > 0)
      const json = yield* ask(["untagged", ...all, "--format", "json"])
      assert.strictEqual(json.code, 1, json.stderr)
      const answer = answerOf(json.stdout)
      assert.sameDeepMembers(answer.resources.map(({ arn, missingTags = [] }) => ({ arn, missingTags: [...missingTags] })),
        expected.map(({ arn, missingTags }) => ({ arn, missingTags })))
      assert.strictEqual(answer.totalUntagged, expected.filter(({ missingTags }) => missingTags.length > 0).length)
      assert.strictEqual(answer.withoutAnyTag, expected.filter(({ none }) => none).length)

      const csv = yield* ask(["untagged", ...all, "--output", "list.csv", "--max-untagged", "1000"])
      assert.deepStrictEqual([csv.code, csv.stdout], [0, ""], csv.stderr)
      const lines = readFileSync(join(csv.cwd, "list.csv"), "utf8").trimEnd().split("\r\n")
      assert.strictEqual(lines.length, expected.length + 1)
      assert.include(lines.find((line) => line.endsWith(first!.arn)), `"'=HYPERLINK(""http://evil"")\\u{1b}[2J"`)

      const table = yield* ask(["untagged", ...all])
      assert.strictEqual(table.code, 1)
      assert.notInclude(table.stdout, "\u001b")
      assert.include(table.stdout, `${answer.totalUntagged} of 82 resources lack a required tag`)
      for (const line of table.stdout.split("\n")) assert.isAtMost([...line].length, 100)
    }).pipe(Effect.scoped), 60_000)

  it.effect("validate: arguments and stdin, in order; 0 only when all of them comply", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const topics = [...simulator.estate.resources({ type: "sns:topic" })]
      simulator.estate.tag(topics[0]!.arn, { Owner: "a", CostCenter: "CC-1000" })
      simulator.estate.tag(topics[1]!.arn, {})
      simulator.estate.tag(topics[2]!.arn, { Owner: "only a warning" })
      const [good, bad, warned] = topics.map(({ arn }) => arn)
      const fine = yield* ask(["validate", good!, warned!])
      assert.strictEqual(fine.code, 0, fine.stderr)
      const all = yield* ask(["validate", good!, "-", "--format", "json"], { stdin: `${bad!}\r\n\n  ${good!}x  \nno arn\n` })
      assert.strictEqual(all.code, 1, all.stderr)
      assert.deepStrictEqual(answerOf(all.stdout).resources.map(({ arn, outcome }) => [arn, outcome]), [
        [good, "compliant"],
        [bad, "violating"],
        [`${good!}x`, "not-found"],
        ["no arn", "invalid-arn"]
      ])
      for (const arns of [[], Array.from({ length: 101 }, (_, at) => `arn:aws:sqs:us-east-1:111122223333:q${at}`)]) {
        const refused = yield* ask(["validate", ...arns])
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "1 to 100 ARNs")
      }
    }).pipe(Effect.scoped), 60_000)

  it.effect("suggest: the evidence of the whole estate for one resource; what is not there is said", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ask(["suggest", ...types, "--backtest", "--min-confidence", "0.7", "--format", "json"])
      assert.strictEqual(code, 0, stderr)
      const { backtest = [], kind, resources } = answerOf(stdout)
      assert.strictEqual(kind, "suggestions")
      assert.deepStrictEqual(backtest.map(({ tag }) => tag), ["Owner", "CostCenter"])
      const candidates = resources.flatMap(({ suggestions = [] }) => suggestions).flatMap(({ candidates }) => candidates)
      assert.isAbove(candidates.length, 5)
      assert.isTrue(candidates.every(({ confidence }) => confidence >= 0.7 && confidence <= 1))
      const some = resources.find(({ suggestions = [] }) => suggestions.some(({ candidates }) => candidates.length > 0))!
      const one = yield* ask(["suggest", some.arn, "arn:aws:sqs:us-east-1:111122223333:nope", ...types, "--min-confidence", "0.7", "--format", "json"])
      assert.strictEqual(one.code, 1, one.stderr)
      assert.deepStrictEqual(answerOf(one.stdout).resources.map(({ arn, suggestions }) => ({ arn, suggestions })), [{ arn: some.arn, suggestions: some.suggestions }])
      assert.deepStrictEqual(answerOf(one.stdout).notFound, ["arn:aws:sqs:us-east-1:111122223333:nope"])
    }).pipe(Effect.scoped), 60_000)

  it.effect("what could not be seen ends with 3, with 0 never unless allowed", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const lift = simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny" } })
      const queue = "arn:aws:sqs:eu-west-1:111122223333:orders"
      for (const command of [["untagged", ...types], ["suggest", ...types], ["validate", queue]]) {
        const { code, stdout } = yield* ask(command)
        assert.strictEqual(code, 3, command[0])
        assert.match(stdout, /incomplete|1 denied|1 cell/iu)
        const allowed = yield* ask([...command, "--allow-incomplete", ...command[0] === "untagged" ? ["--max-untagged", "100"] : []])
        assert.strictEqual(allowed.code, 0, command[0])
      }
      const csv = yield* ask(["untagged", ...types, "--format", "csv"])
      assert.include(csv.stderr, "The list is not whole")
      lift()
    }).pipe(Effect.scoped), 60_000)
})

describe("--demo", () => {
  it.live("answers every question without an AWS account, and touches nothing of the user's", () =>
    Effect.gen(function*() {
      // Whatever the environment says, nobody else is asked.
      const other = yield* Simulator.make({ estate: { resources: 10 } })
      const keys = other.credentials()
      const home = yield* folder
      const options = {
        cwd: home,
        env: {
          HOME: home,
          XDG_DATA_HOME: join(home, "data"),
          XDG_CACHE_HOME: join(home, "cache"),
          AWS_ENDPOINT_URL: other.url,
          AWS_ENDPOINT_URL_SQS: other.url,
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          AWS_REGION: "eu-north-1",
          ALLOWED_REGIONS: "eu-north-1"
        }
      }
      const demo = ["--demo", "--types", "sqs,lambda:function", "--format", "json"]
      const untagged = yield* cadastre(["untagged", ...demo], options)
      assert.strictEqual(untagged.code, 1, untagged.stderr)
      const { resources } = answerOf(untagged.stdout)
      assert.isAbove(resources.length, 10)
      assert.isAbove(new Set(resources.map(({ arn }) => arn.split(":")[3])).size, 4)
      const validated = yield* cadastre(["validate", resources[0]!.arn, "--demo", "--format", "json"], options)
      assert.strictEqual(validated.code, 1, validated.stderr)
      assert.deepStrictEqual(answerOf(validated.stdout).resources.map(({ arn, outcome }) => [arn, outcome]), [[resources[0]!.arn, "violating"]])
      const suggested = yield* cadastre(["suggest", ...demo, "--backtest"], options)
      assert.strictEqual(suggested.code, 0, suggested.stderr)
      assert.isTrue(answerOf(suggested.stdout).backtest!.every(({ hitRate, tried }) => tried > 20 && hitRate > 0.5))
      const checked = yield* cadastre(["check", ...demo], options)
      assert.strictEqual(checked.code, 1, checked.stderr)
      assert.deepStrictEqual(other.calls(), [])
      assert.deepStrictEqual(readdirSync(home), [])
      assert.isFalse(existsSync(join(home, "data")))
    }).pipe(Effect.scoped), 120_000)

  it.live("contradicts what is about an estate of one's own", () =>
    Effect.gen(function*() {
      for (const flags of [["--profile", "x"], ["--endpoint-url", "http://127.0.0.1:1"], ["--org"], ["--resume"], ["--cache"]]) {
        const { code, stderr } = yield* cadastre(["untagged", "--demo", ...flags])
        assert.strictEqual(code, 2)
        assert.include(stderr, flags[0]!)
      }
    }), 60_000)
})
