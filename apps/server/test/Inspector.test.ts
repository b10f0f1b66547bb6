/** The inspector's command line, the tool that people look at servers with, against the server over both transports. */
import { policyHash } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { main, type Place, prepare, startHttp } from "./ServerProcess.ts"

/** What its launcher starts for `--cli`; the launcher itself only copies what it is given. */
const inspector = fileURLToPath(new URL("./index.js", import.meta.resolve("@modelcontextprotocol/inspector-cli")))

interface Asked {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Asks once, with a server or a connection of its own. */
const ask = ({ cwd, env }: Place, target: ReadonlyArray<string>, args: ReadonlyArray<string>): Effect.Effect<Asked> =>
  Effect.callback((resume) => {
    // It looks for its own manifest one folder above where it runs, and somewhere that it is not where there is none.
    const run = join(cwd, "inspector")
    mkdirSync(run, { recursive: true })
    writeFileSync(join(cwd, "package.json"), "{}")
    const child = spawn(process.execPath, [inspector, ...target, ...args], { cwd: run, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] })
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Array<Buffer> = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      return () => Buffer.concat(chunks).toString()
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout: stdout!(), stderr: stderr!() })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const policy = { version: "1.0", required_tags: [{ name: "Owner" }] }

const tool = (name: string, ...args: ReadonlyArray<string>) => [
  "--method",
  "tools/call",
  "--tool-name",
  name,
  ...args.flatMap((arg) => ["--tool-arg", arg])
]

describe.each(["stdio", "HTTP"] as const)("the inspector over %s", (transport) => {
  it.live("is answered with what the estate says", () =>
    Effect.gen(function*() {
      const { simulator, ...prepared } = yield* prepare({ estate: { regions: ["us-east-1", "eu-west-1"], counts: { "sns:topic": 30 } } })
      const place = { ...prepared, env: { ...prepared.env, POLICY_PATH: join(prepared.cwd, "tagging_policy.json") } }
      const target = transport === "stdio" ? [process.execPath, main] : [(yield* startHttp(place)).mcp.href]
      const asked = (...args: ReadonlyArray<string>) =>
        Effect.map(ask(place, target, args), ({ code, stderr, stdout }) => {
          assert.deepStrictEqual([code, stderr], [0, ""], args.join(" "))
          return JSON.parse(stdout)
        })
      const truth = [...simulator.estate.resources({ type: "sns:topic", region: "eu-west-1" })].filter(({ mark }) => mark === undefined)
      const missing = truth.filter(({ tags }) => !/\S/u.test(tags["Owner"] ?? ""))
      assert.isAbove(missing.length, 0)
      assert.isBelow(missing.length, truth.length)

      const answers = yield* Effect.all({
        tools: asked("--method", "tools/list"),
        check: asked(...tool("check_tag_compliance", "resource_types=[\"sns:topic\"]", "filters={\"regions\":[\"eu-west-1\"]}")),
        wrong: asked(...tool("check_tag_compliance", "resource_types=sns:topc")),
        resources: asked("--method", "resources/list"),
        read: asked("--method", "resources/read", "--uri", "cadastre://policy"),
        templates: asked("--method", "resources/templates/list"),
        prompts: asked("--method", "prompts/list"),
        prompt: asked("--method", "prompts/get", "--prompt-name", "plan_a_tagging_sprint", "--prompt-args", "days=5", "people=1"),
        level: asked("--method", "logging/setLevel", "--log-level", "info"),
        unknown: ask(place, target, tool("no_such_tool")),
        gone: ask(place, target, ["--method", "resources/read", "--uri", "cadastre://nothing"])
      }, { concurrency: 3 })

      assert.sameMembers(answers.tools.tools.map(({ name }: any) => name), [
        "check_tag_compliance",
        "detect_tag_drift",
        "export_policy",
        "find_untagged_resources",
        "generate_compliance_report",
        "get_cost_attribution_gap",
        "get_tagging_policy",
        "get_violation_history",
        "import_aws_tag_policy",
        "scan",
        "search_inventory",
        "suggest_tags",
        "validate_resource_tags"
      ])
      const { isError, structuredContent: found } = answers.check
      assert.notStrictEqual(isError, true)
      assert.isTrue(found.coverage.complete)
      assert.deepStrictEqual([found.total_resources, found.compliant_resources], [truth.length, truth.length - missing.length])
      assert.sameMembers(found.violations.map((one: any) => `${one.resource_arn} ${one.tag_name}`), missing.map(({ arn }) => `${arn} Owner`))
      assert.isTrue(answers.wrong.isError)
      assert.match(answers.wrong.content[0].text, /"sns:topc" is unknown.*Valid types: all, .*sns:topic/u)
      assert.sameMembers(answers.resources.resources.map(({ uri }: any) => uri), [
        "cadastre://policy",
        "cadastre://types",
        "cadastre://coverage/last"
      ])
      assert.deepStrictEqual(JSON.parse(answers.read.contents[0].text), {
        source: "tagging_policy.json",
        policy_hash: policyHash(policy),
        policy
      })
      assert.deepStrictEqual(answers.templates.resourceTemplates.map(({ uriTemplate }: any) => uriTemplate), ["cadastre://scan/{id}{?cursor}"])
      assert.sameMembers(answers.prompts.prompts.map(({ name }: any) => name), [
        "audit_my_estate",
        "explain_this_violation",
        "plan_a_tagging_sprint"
      ])
      assert.match(answers.prompt.messages[0].content.text, /5 working days for 1 person\./u)
      assert.deepStrictEqual(answers.level, {})
      assert.deepStrictEqual([answers.unknown.code, answers.unknown.stdout], [1, ""])
      assert.match(answers.unknown.stderr, /Tool "no_such_tool" not found\. Tools: check_tag_compliance, /u)
      assert.deepStrictEqual([answers.gone.code, answers.gone.stdout], [1, ""])
      assert.match(answers.gone.stderr, /-32602/u)
    }), 60_000)
})
