import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre, main } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const ask = async (client: Client, name: string, args: object = {}) =>
  (await client.callTool({ name, arguments: { ...args } })).structuredContent as any

describe("cadastre mcp", () => {
  it.live("--demo serves a simulated estate with a history over stdio", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const client = new Client({ name: "test", version: "1.0.0" })
      const transport = new StdioClientTransport({ command: process.execPath, args: [main, "mcp", "--demo"], cwd, stderr: "pipe" })
      let stderr = ""
      transport.stderr?.on("data", (text) => stderr += String(text))
      yield* Effect.acquireRelease(Effect.promise(() => client.connect(transport)), () => Effect.promise(() => client.close()))
      const { has_history, history } = yield* Effect.promise(() => ask(client, "get_violation_history"))
      // The weeks before, by the sample policy.
      assert.deepStrictEqual([has_history, history.length], [true, 6])
      assert.isTrue(history.every(({ complete }: any) => complete))
      assert.strictEqual(stderr, "")
    }), 60_000)
})

describe("cadastre serve", () => {
  it.live("--demo serves a simulated estate to an official client until it is told to stop", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      let answers: any
      let isAsked = false
      const { code, stderr, stdout } = yield* cadastre(["serve", "--demo", "--port", "0"], {
        cwd,
        onStdout: (text, signal) => {
          const url = /Serving MCP at (http:\/\/127\.0\.0\.1:\d+\/mcp)\n/u.exec(text)?.[1]
          if (url === undefined || isAsked) return
          isAsked = true
          const client = new Client({ name: "test", version: "1.0.0" })
          void client.connect(new StreamableHTTPClientTransport(new URL(url)))
            .then(async () => {
              answers = [
                await ask(client, "check_tag_compliance", { resource_types: "sns:topic" }),
                await ask(client, "search_inventory", { resource_types: "sns:topic", limit: 200 }),
                await ask(client, "import_aws_tag_policy")
              ]
            })
            .catch((error: unknown) => answers = [error])
            .finally(() => signal("SIGTERM"))
        }
      })
      const [check, inventory, policies] = answers
      assert.isTrue(check?.coverage?.complete, String(check))
      assert.isAbove(check.resources_found, 0)
      // As many as there are now.
      assert.strictEqual(inventory.resources.length, check.resources_found)
      assert.isAbove(policies.policy.required_tags.length, 0, JSON.stringify(policies))
      assert.match(stdout, /^Serving MCP at (http:\S+\/)mcp\nServing the dashboard at \1\n$/u)
      assert.strictEqual(stderr, "")
      assert.strictEqual(code, 130)
    }), 60_000)

  it.live.each([
    ["another address without tokens", ["--host", "0.0.0.0"], /cadastre: The server would be open to anyone/u],
    ["a port that is none", ["--port", "70000"], /cadastre: --port is out of range: write 0 to 65535\n$/u],
    ["half of TLS", ["--tls-cert", "a.pem"], /cadastre: TLS needs a certificate and its key/u],
    ["a certificate that is none", ["--tls-cert", "a.pem", "--tls-key", "b.pem"], /cadastre: MCP_TLS_CERT_FILE cannot be read \(ENOENT\)/u]
  ] as const)("%s ends with 2", ([, args, message]) =>
    Effect.gen(function*() {
      const cwd = yield* folder
      const { code, stderr, stdout } = yield* cadastre(["serve", "--demo", ...args], { cwd })
      assert.match(stderr, message)
      assert.deepStrictEqual([code, stdout], [2, ""])
    }), 60_000)
})
