import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const readme = readFileSync(new URL("../../../packages/mcp-adapter/README.md", import.meta.url), "utf8")
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, code = ""]) => code)

/** Runs an example, beside the tests, where its imports resolve; until it has said something that ends it. */
const run = (code: string, options: { readonly input: string; readonly until?: RegExp }) =>
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(here, ".readme-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  ).pipe(Effect.flatMap((folder) =>
    Effect.callback<{ readonly stdout: string; readonly stderr: string }>((resume) => {
      const file = join(folder, "example.ts")
      writeFileSync(file, code)
      const child = spawn(process.execPath, [file], { env: { PATH: process.env["PATH"] ?? "", HOME: folder } })
      let stdout = ""
      let stderr = ""
      child.stdout.on("data", (text) => {
        stdout += String(text)
        if (options.until?.test(stdout) === true) child.kill("SIGKILL")
      })
      child.stderr.on("data", (text) => stderr += String(text))
      child.on("close", () => resume(Effect.succeed({ stdout, stderr })))
      child.stdin.end(options.input)
      return Effect.sync(() => void child.kill("SIGKILL"))
    })
  ))

describe("the examples of the adapter's README", () => {
  it.live("serve over stdio, and over HTTP", () =>
    Effect.gen(function*() {
      assert.strictEqual(examples.length, 2)
      const overStdio = yield* run(examples[0]!, {
        input: `${
          JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "initialize",
            params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } }
          })
        }\n`,
        until: /"serverInfo"/u
      })
      assert.include(overStdio.stdout, "\"name\":\"cadastre\"", overStdio.stderr)
      const overHttp = yield* run(examples[1]!, { input: "", until: /\n/u })
      assert.match(overHttp.stdout, /^Serving MCP at http:\/\/127\.0\.0\.1:\d+\/mcp\n$/u, overHttp.stderr)
    }), 60_000)
})
