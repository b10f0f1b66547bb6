import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("cadastre serve", () => {
  it.live("--demo serves a simulated estate to an official client until it is told to stop", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      let answer: unknown
      let isAsked = false
      const { code, stderr, stdout } = yield* cadastre(["serve", "--demo", "--port", "0"], {
        cwd,
        onStdout: (text, signal) => {
          const url = /Serving MCP at (http:\/\/127\.0\.0\.1:\d+\/mcp)\n/u.exec(text)?.[1]
          if (url === undefined || isAsked) return
          isAsked = true
          const client = new Client({ name: "test", version: "1.0.0" })
          void client.connect(new StreamableHTTPClientTransport(new URL(url)))
            .then(() => client.callTool({ name: "check_tag_compliance", arguments: { resource_types: "sns:topic" } }))
            .then((result) => answer = result.structuredContent, (error: unknown) => answer = error)
            .finally(() => signal("SIGTERM"))
        }
      })
      const { coverage, resources_found } = answer as any
      assert.isTrue(coverage.complete)
      assert.isAbove(resources_found, 0)
      assert.match(stdout, /^Serving MCP at \S+\n$/u)
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
