/** Secrets that a server is started with, and that what it needs is gone: nothing that it says or writes down shows one. */
import { assert, describe, it } from "@effect/vitest"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { prepare, start, startHttp } from "./ServerProcess.ts"

/** A collector of traces that keeps what it is sent. */
const collector = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly bodies: Array<string>; readonly close: () => void }>((resume) => {
    const bodies: Array<string> = []
    const server = createServer((request, response) => {
      request.setEncoding("latin1").on("data", (text: string) => bodies.push(text)).on("end", () => response.end("{}"))
    })
    server.listen(0, "127.0.0.1", () => {
      const close = () => {
        server.closeAllConnections()
        server.close()
      }
      resume(Effect.succeed({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, close }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const token = "planted-bearer-0123456789abcdef0123456789abcdef"

const secrets = (cwd: string, store: string, collecting: string) => {
  const tokens = join(cwd, "tokens")
  writeFileSync(tokens, `ci ${createHash("sha256").update(token).digest("hex")}\n`)
  return {
    DATABASE_URL: store,
    REDIS_URL: "redis://cadastre:planted-redis@127.0.0.1:1",
    ENCRYPTION_KEY: "planted+key/".padEnd(43, "k") + "=",
    AWS_SECRET_ACCESS_KEY: "planted/secret/access/key/planted/secret",
    AWS_SESSION_TOKEN: "planted-session",
    AUTH_TOKENS_FILE: tokens,
    OTEL_EXPORTER_OTLP_ENDPOINT: collecting,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer planted-collector-token",
    LOG_LEVEL: "All"
  }
}

const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } }
}

/** What is asked: what is remembered where nothing can be, AWS that refuses, and what only a caller that errs would write. */
const asked = [
  { name: "check_tag_compliance", arguments: { resource_types: "sns:topic", store_snapshot: true } },
  { name: "search_inventory", arguments: { query: "planted" } },
  { name: "get_violation_history", arguments: {} },
  { name: "check_tag_compliance", arguments: { resource_types: "sqs:queue", force_refresh: true } },
  { name: "get_tagging_policy", arguments: { password: "planted-password" } }
]

describe("secrets of a server's environment", { concurrent: true }, () => {
  it.live.each([
    ["a store that is away", (_: string): string => "postgres://cadastre:planted-database@127.0.0.1:1/cadastre"],
    ["a store that is there", (cwd: string): string => `sqlite:${join(cwd, "store.db")}`]
  ] as const)("with %s are in no answer, no log, no row and no trace, over both transports", ([name, storeIn]) =>
    Effect.gen(function*() {
      const { bodies, url } = yield* collector
      const { cwd, env, simulator } = yield* prepare({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 3, "sqs:queue": 3 } } })
      simulator.rule({ match: { service: "sqs" }, fault: { type: "expired" } })
      const place = { cwd, env: { ...env, ...secrets(cwd, storeIn(cwd), url), XDG_DATA_HOME: cwd } }
      const said: Array<string> = []

      const stdio = yield* start(place)
      stdio.send(initialize)
      stdio.send({ method: "notifications/initialized" })
      stdio.send({ id: 2, method: "logging/setLevel", params: { level: "debug" } })
      for (const [at, params] of asked.entries()) {
        stdio.send({ id: 10 + at, method: "tools/call", params })
        yield* Effect.promise(() => stdio.line(({ id }) => id === 10 + at))
      }
      stdio.server.stdin.end()
      yield* Effect.promise(() => stdio.ended)
      said.push(...stdio.lines.map((line) => JSON.stringify(line)), stdio.stderr())

      const http = yield* startHttp(place)
      const headers = { authorization: `Bearer ${token}` }
      const client = new Client({ name: "test", version: "1.0.0" })
      client.setNotificationHandler("notifications/message", (heard) => void said.push(JSON.stringify(heard)))
      yield* Effect.promise(() => client.connect(new StreamableHTTPClientTransport(http.mcp, { requestInit: { headers } })))
      // oxlint-disable-next-line typescript/no-deprecated -- it is what clients of this revision do
      yield* Effect.promise(() => client.setLoggingLevel("debug"))
      for (const one of asked) said.push(yield* Effect.promise(() => client.callTool(one).then((answer) => JSON.stringify(answer), String)))
      for (const path of ["/", "/metrics", "/health", "/health/ready", "/nothing"]) {
        said.push(yield* Effect.promise(async () => (await fetch(new URL(path, http.mcp), { headers })).text()))
      }
      said.push(yield* Effect.promise(async () => (await fetch(http.mcp, { headers: { authorization: `Bearer ${token}x` } })).text()))
      yield* Effect.promise(() => client.close())
      http.server.kill("SIGTERM")
      yield* Effect.promise(() => http.ended)
      said.push(http.stderr(), ...bodies)

      // That it was asked, and that AWS and the store were spoken of.
      const everything = said.join("\n")
      assert.include(everything, "Log in again")
      assert.isAbove(bodies.length, 0)
      if (name === "a store that is there") {
        const database = new DatabaseSync(join(cwd, "store.db"), { readOnly: true })
        const rows = database.prepare("SELECT * FROM audit").all()
        database.close()
        assert.isAtLeast(rows.length, 2 * asked.length)
        said.push(...rows.map((row) => JSON.stringify(row)))
      } else assert.match(everything, /store|DATABASE_URL/u)
      // A search for this word says what it looked for.
      const told = said.map((text) => text.replaceAll(/"query\\*":\\*"planted\\*"/gu, ""))
      const found = told.flatMap((text) => [...text.matchAll(/.{0,80}planted[-+/].{0,40}/gu)].map(([found]) => found))
      assert.deepStrictEqual(found, [])
    }), 60_000)
})
