import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const documents = ["README.md", "CONTRIBUTING.md"]

/** The lines of a document's `sh` blocks. */
const commandsOf = (document: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, document), "utf8").matchAll(/```sh\n([\s\S]*?)```/gu)].flatMap(([, block = ""]) => block.trim().split("\n"))

const prefix = "npx --yes pnpm@12 "
const cli = `${prefix}-s cadastre `

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly scripts: Readonly<Record<string, string>> }

describe("the documents' commands", () => {
  it.each(documents.flatMap(commandsOf).filter((line) => !line.startsWith(cli)))("%s is a script of the workspace", (line) => {
    assert.isTrue(line.startsWith(prefix), line)
    assert.property(scripts, line.slice(prefix.length).split(" ")[0]!)
  })

  it("the README sets up with two commands", () => {
    assert.deepStrictEqual(commandsOf("README.md").slice(0, 2), [`${prefix}demo`, `${prefix}test`])
    assert.strictEqual(scripts.demo, `${scripts.cadastre} demo`)
  })
})

const commands = commandsOf("README.md").filter((line) => line.startsWith(cli)).map((line) => line.slice(cli.length))

layer(Simulator.layer({ estate: { seed: 3, resources: 600 } }), { excludeTestServices: true })("the README's commands run", (it) => {
  it.effect.each(commands)("cadastre %s", (command) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const cwd = yield* folder
      // Paths to the policies are written from the root; what is written goes elsewhere.
      const args = command.split(" ").map((arg) => arg.startsWith("packages/") ? join(root, arg) : arg)
      const { code, stderr, stdout } = yield* cadastre(args, {
        cwd,
        env: { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
      })
      assert.strictEqual(code, command.startsWith("check") ? 1 : 0, stderr)
      assert.strictEqual(stdout === "", command.includes("--output"))
    }).pipe(Effect.scoped), 60_000)
})

describe("the README's library example", () => {
  it.live("runs as it stands", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 3, resources: 200 } })
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const [, example = ""] = /```ts\n([\s\S]*?)```/u.exec(readFileSync(join(root, "README.md"), "utf8"))!
      // Beside the tests, where its imports resolve.
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".readme-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const file = join(folder, "example.ts")
      writeFileSync(file, `${example.replace("Effect.runPromise(", "const answer = await Effect.runPromise(")}\nconsole.log(JSON.stringify(answer))\n`)
      const { stdout } = yield* Effect.promise(() => promisify(execFile)(process.execPath, [file], {
        env: { ...process.env, AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
      }))
      const answer = JSON.parse(stdout) as { readonly complianceScore: number; readonly complete: boolean }
      assert.isTrue(answer.complete)
      assert.isTrue(answer.complianceScore > 0 && answer.complianceScore < 1)
    }).pipe(Effect.scoped), 60_000)
})

describe("the README's tables", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8")

  it.live("name every command and every flag", () =>
    Effect.gen(function*() {
      for (const command of ["scan", "check"]) {
        const { stdout } = yield* cadastre([command, "--help"])
        for (const [, flag] of stdout.matchAll(/^ {2}(--[a-z-]+)/gmu)) {
          if (!["--help", "--version", "--completions"].includes(flag!)) assert.include(readme, `\`${flag}\``)
        }
      }
      const { stdout } = yield* cadastre(["--help"])
      const subcommands = [...stdout.split("SUBCOMMANDS")[1]!.matchAll(/^ {2}([a-z]+) /gmu)].map(([, name]) => name)
      for (const name of subcommands) assert.include(readme, `| \`${name}\` |`)
    }), 60_000)
})
