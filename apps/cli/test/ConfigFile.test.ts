import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Estate, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre, type RunOptions } from "./run.ts"

/** The example that the package of scanners ships, and whose imports resolve where it is. */
const examples = fileURLToPath(new URL("../../../packages/scanners/examples/", import.meta.url))
const example = join(examples, "cadastre.config.ts")

/** A folder from which the workspace's packages can be imported. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(examples, "../.own-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** One scanner of a type that nobody else has; its resource needs no call. */
const anvil = `
import { OwnScanners, Scanner } from "@cadastre/scanner-core"
import * as Stream from "effect/Stream"
const type: string = "acme:anvil"
export default OwnScanners.define({ scanners: [Scanner.make(type, {
  cloudFormation: "Acme::Anvil", actions: ["sqs:ListQueues"],
  list: Stream.make(["only"]),
  describe: (name, place) => ({ arn: place.arn("acme", "anvil/", name), name, tags: [{ Key: "Owner", Value: "x" }] })
})] })`

const json = (text: string): any => JSON.parse(text)

const tagsOf = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) =>
  JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1))

const typesIn = (cwd: string, args: ReadonlyArray<string> = []) =>
  Effect.map(cadastre(["types", "--format", "json", ...args], { cwd }), ({ code, stderr, stdout }) => {
    assert.strictEqual(code, 0, stderr)
    return (json(stdout) as ReadonlyArray<{ readonly type: string }>).map(({ type }) => type)
  })

const against = (simulator: Simulator["Service"], args: ReadonlyArray<string>, options: RunOptions = {}) => {
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  return cadastre(args, {
    ...options,
    env: { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  })
}

describe("the configuration file", () => {
  it.live("is found in the working directory, in no parent's, or where --config says", () =>
    Effect.gen(function*() {
      const parent = yield* folder
      mkdirSync(join(parent, "below"))
      const below = join(parent, "below")
      for (const name of ["cadastre.config.ts", "cadastre.config.mts", "cadastre.config.mjs", "cadastre.config.js"]) {
        const path = join(parent, name)
        writeFileSync(path, name.endsWith("js") ? anvil.replace(": string", "") : anvil)
        assert.include(yield* typesIn(parent), "acme:anvil", name)
        if (name === "cadastre.config.ts") {
          assert.notInclude(yield* typesIn(below), "acme:anvil")
          assert.include(yield* typesIn(below, ["--config", `../${name}`]), "acme:anvil")
        }
        rmSync(path)
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("the example's scanner: in types, plan and iam-policy, scanned, and judged by a policy that names it", () =>
    Effect.gen(function*() {
      const estate = Estate.make({
        regions: ["us-east-1", "eu-west-1"],
        counts: { "lambda:function": { "us-east-1": 60, "eu-west-1": 130 } }
      })
      const simulator = yield* Simulator.make({ estate })
      const outdated = [...simulator.estate.resources()].filter(({ attributes }) =>
        "runtime" in attributes && attributes.runtime === "nodejs18.x"
      )
      assert.isAbove(outdated.length, 10)

      assert.include(yield* typesIn(examples), "acme:outdated-function")
      const flags = ["--types", "acme:outdated-function", "--format", "json", "--no-journal", "--config", example]
      const cwd = yield* folder
      const found = yield* against(simulator, ["scan", ...flags], { cwd })
      assert.strictEqual(found.code, 0, found.stderr)
      assert.sameMembers(
        json(found.stdout).resources.map((one: any) => `${one.arn} ${tagsOf(one)}`),
        outdated.map((one) => `${one.arn} ${tagsOf(one)}`)
      )

      writeFileSync(
        join(cwd, "policy.json"),
        JSON.stringify({ required_tags: [{ name: "Owner", applies_to: ["acme:outdated-function"] }] })
      )
      const checked = yield* against(simulator, ["check", ...flags, "--policy", "policy.json"], { cwd })
      assert.strictEqual(json(checked.stdout).summary.totalResources, outdated.length, checked.stderr)

      const planned = yield* against(
        simulator,
        ["plan", "--types", "acme", "--config", example, "--format", "json", "--offline", "--regions", "us-east-1"],
        { cwd }
      )
      assert.deepStrictEqual(json(planned.stdout).types, ["acme:outdated-function"])
      const allowed = yield* cadastre(["iam-policy", "--types", "acme", "--config", example], { cwd })
      assert.include(allowed.stdout, "lambda:ListFunctions")
    }).pipe(Effect.scoped), 60_000)

  it.live("the README's example runs as it stands", () =>
    Effect.gen(function*() {
      const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")
      const text = [...readme.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, block = ""]) => block)
        .find((block) => block.includes("OwnScanners.define"))!
      const estate = Estate.make({ regions: ["us-east-1"], counts: { "sns:topic": { "us-east-1": 120 } } })
      const simulator = yield* Simulator.make({ estate })
      const cwd = yield* folder
      writeFileSync(join(cwd, "cadastre.config.ts"), text)
      const found = yield* against(simulator, ["scan", "--types", "acme", "--format", "json", "--no-journal"], { cwd })
      assert.strictEqual(found.code, 0, found.stderr)
      const alerts = [...simulator.estate.resources()].filter(({ arn }) => arn.includes("alert"))
      assert.isAbove(alerts.length, 0)
      assert.sameMembers(json(found.stdout).resources.map((one: any) => one.arn), alerts.map(({ arn }) => arn))
    }).pipe(Effect.scoped), 60_000)

  it.live("what is wrong with it is one message with the file and the cause, and exit code 2", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const says = (text: string | undefined, expected: RegExp, commands: ReadonlyArray<ReadonlyArray<string>> = [["types"]]) =>
        Effect.gen(function*() {
          if (text !== undefined) writeFileSync(join(cwd, "cadastre.config.ts"), text)
          for (const command of commands) {
            const { code, stderr, stdout } = yield* cadastre(command, { cwd, env: { AWS_ENDPOINT_URL: "http://127.0.0.1:9" } })
            assert.strictEqual(code, 2, stderr)
            assert.strictEqual(stdout, "")
            assert.match(stderr, expected)
            assert.notMatch(stderr, /^\s+at /mu)
          }
        })
      yield* says("throw new Error(\"not today\")", /cadastre\.config\.ts: not today/u, [
        ["types"],
        ["scan"],
        ["iam-policy"],
        ["plan", "--offline", "--regions", "us-east-1"]
      ])
      yield* says("export default { scanners: 7 }", /cadastre\.config\.ts: "scanners" is not a list/u)
      writeFileSync(join(cwd, "cadastre.config.mjs"), "export default { scanners: [] }")
      yield* says(undefined, /cadastre\.config\.ts and cadastre\.config\.mjs: keep one/u)
      const { code, stderr } = yield* cadastre(["types", "--config", "nowhere.ts"], { cwd })
      assert.strictEqual(code, 2)
      assert.match(stderr, /nowhere\.ts/u)
    }).pipe(Effect.scoped), 60_000)
})
