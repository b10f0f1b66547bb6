import { assert, describe, it } from "@effect/vitest"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { main, prepare, regions, start, temporaryDirectory, truthOf } from "./ServerProcess.ts"

/**
 * The server itself takes well below a second. This is what shows on a machine that has much else to do that it
 * waited for nothing: a call to AWS that hangs takes half a minute.
 */
const soon = 8000

const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } }
}

const check = {
  id: 2,
  method: "tools/call",
  params: { name: "check_tag_compliance", arguments: {}, _meta: { progressToken: "p" } }
}

describe("the server over HTTP", () => {
  it.live("answers at /mcp, and ends within a second of a signal", () =>
    Effect.gen(function*() {
      const { cwd, env, simulator } = yield* prepare({ estate: { regions, counts: { "sns:topic": 3 } } })
      simulator.rule({ match: { service: "ec2" }, fault: { type: "hang" } })
      const { ended, lines, server } = yield* start({ cwd, env: { ...env, MCP_SERVER_PORT: "0" }, args: ["--http"] })
      const url = yield* Effect.promise(() =>
        new Promise<string>((resolve) => {
          server.stderr.on("data", (text) => {
            const found = /Serving MCP at (\S+)/u.exec(String(text))?.[1]
            if (found !== undefined) resolve(found)
          })
        })
      )
      const client = new Client({ name: "test", version: "1.0.0" })
      yield* Effect.promise(() => client.connect(new StreamableHTTPClientTransport(new URL(url))))
      const args = { resource_types: "sns:topic" }
      const topics = yield* Effect.promise(() => client.callTool({ name: "check_tag_compliance", arguments: args }))
      assert.strictEqual((topics.structuredContent as any).total_resources, 3)
      yield* Effect.promise(() =>
        new Promise<void>((resolve) => {
          const instances = { name: "check_tag_compliance", arguments: { resource_types: "ec2:instance,sns:topic" } }
          void client.callTool(instances, { onprogress: () => resolve() }).catch(() => undefined)
        })
      )
      server.kill("SIGTERM")
      const at = performance.now()
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [0, null])
      assert.isBelow(performance.now() - at, soon)
      assert.deepStrictEqual(lines, [])
    }), 60_000)

  it.live.each([
    ["SNAPSHOT_SCHEDULE", "every day", /SNAPSHOT_SCHEDULE is "every day": write a cron expression .*such as 0 2 \* \* \*/u],
    ["SNAPSHOT_TIMEZONE", "Berlin", /SNAPSHOT_TIMEZONE is "Berlin": write a time zone such as Europe\/Berlin/u],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector", /OTEL_EXPORTER_OTLP_ENDPOINT is no address/u]
  ] as const)("does not start when %s is %j", ([name, value, message]) =>
    Effect.gen(function*() {
      const { cwd, env } = yield* prepare({ estate: { regions, resources: 0 } })
      const { ended, stderr } = yield* start({ cwd, env: { ...env, MCP_SERVER_PORT: "0", [name]: value }, args: ["--http"] })
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [2, null])
      assert.match(stderr(), message)
    }), 30_000)

  it.live("does not listen to other machines without tokens", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* prepare({ estate: { regions, resources: 0 } })
      const { ended, stderr } = yield* start({ cwd, env: { ...env, MCP_SERVER_HOST: "0.0.0.0" }, args: ["--http"] })
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [2, null])
      assert.match(stderr(), /^cadastre-server: The server would be open to anyone who can reach 0\.0\.0\.0\. Set AUTH_TOKENS_FILE[^\n]*\n$/u)
    }))
})

describe("the server over stdio", () => {
  it.live.each([["current", "2026-07-28"], ["previous", "2025-11-25"]] as const)(
    "answers a client of the %s revision with what the estate says",
    ([revision, version]) =>
      Effect.gen(function*() {
        const { cwd, env, simulator } = yield* prepare()
        const client = new Client(
          { name: "test", version: "1.0.0" },
          revision === "current" ? { versionNegotiation: { mode: { pin: version } } } : {}
        )
        const server = { command: process.execPath, args: [main], cwd, env, stderr: "ignore" as const }
        yield* Effect.acquireRelease(
          Effect.promise(() => client.connect(new StdioClientTransport(server))),
          () => Effect.promise(() => client.close())
        )
        assert.strictEqual(client.getNegotiatedProtocolVersion(), version)
        const result = yield* Effect.promise(() => client.callTool({ name: "check_tag_compliance", arguments: {} }))
        const answer = result.structuredContent as any
        const { total, withoutOwner } = truthOf(simulator)
        const compliant = total - withoutOwner.length
        assert.isTrue(answer.coverage.complete)
        assert.deepStrictEqual([answer.total_resources, answer.compliant_resources], [total, compliant])
        assert.strictEqual(answer.compliance_score, compliant / total)
      }),
    60_000
  )

  it.live("writes nothing but the protocol to standard output, and ends when standard input does", () =>
    Effect.gen(function*() {
      const { cwd, env, simulator } = yield* prepare()
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
      const { ended, line, lines, send, server } = yield* start({ cwd, env })
      send(initialize)
      send({ method: "notifications/initialized" })
      server.stdin.write("this is no JSON\n")
      send(check)
      const { result } = yield* Effect.promise(() => line(({ id }) => id === 2))
      assert.match(result.content[0].text, /^\*\*Incomplete: 2 of /u)
      server.stdin.end()
      const at = performance.now()
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [0, null])
      assert.isBelow(performance.now() - at, soon)
      assert.isTrue(lines.every(({ jsonrpc }) => jsonrpc === "2.0"))
      assert.isTrue(lines.some(({ method }) => method === "notifications/progress"))
    }), 60_000)

  it.live.each(["All", "trace", "DEBUG", "Info", "Warning", "Error", "Fatal", "None"])(
    "LOG_LEVEL %s: standard output is the protocol's, whatever is logged, and when it crashes",
    (level) =>
      Effect.gen(function*() {
        const { cwd, env } = yield* prepare({ estate: { regions, counts: { "sns:topic": 3 } } })
        // Libraries that write to the console of now and of then, and to standard output itself; and a throw that nobody
        // catches, or a promise that nobody waits for.
        const noise = join(cwd, "noise.mjs")
        writeFileSync(noise, [
          "const then = console",
          `const isPromise = ${level.length % 2 === 0}`,
          "process.on('SIGUSR2', () => {",
          "  for (const say of ['log', 'info', 'debug', 'warn', 'error', 'table', 'dir']) for (const of of [console, then]) of[say]('noise of a library')",
          "  process.stdout.write('raw noise of a library\\n')",
          "  const crash = new Error('a crash that nobody expected')",
          "  if (isPromise) void Promise.reject(crash)",
          "  else throw crash",
          "})"
        ].join("\n"))
        const { ended, line, lines, send, server, stderr } = yield* start({
          cwd,
          env: { ...env, LOG_LEVEL: level, NODE_OPTIONS: `--import ${noise}` }
        })
        send(initialize)
        send({ method: "notifications/initialized" })
        send({ ...check, params: { name: "check_tag_compliance", arguments: { resource_types: "sns:topic" } } })
        send({ id: 3, method: "tools/call", params: { name: "no_such_tool" } })
        yield* Effect.promise(() => Promise.all([line(({ id }) => id === 2), line(({ id }) => id === 3)]))
        server.kill("SIGUSR2")
        const [code] = yield* Effect.promise(() => ended)
        assert.notStrictEqual(code, 0)
        assert.include(stderr(), "a crash that nobody expected")
        assert.isAtLeast(stderr().split("noise of a library").length - 1, 15)
        assert.include(stderr(), "raw noise of a library")
        // Each line was read as JSON when it came.
        assert.isTrue(lines.every(({ jsonrpc }) => jsonrpc === "2.0"))
        assert.strictEqual(lines.filter(({ id }) => id !== undefined).length, 3)
      }),
    60_000
  )

  it.live("writes each call to the audit trail of its store", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* prepare({ estate: { regions, counts: { "sns:topic": 3 } } })
      const { ended, line, send, server } = yield* start({ cwd, env: { ...env, XDG_DATA_HOME: cwd } })
      send(initialize)
      send({ method: "notifications/initialized" })
      const password = "hunter2-planted"
      send({ id: 2, method: "tools/call", params: { name: "get_tagging_policy", arguments: { password } } })
      const answered = yield* Effect.promise(() => line(({ id }) => id === 2))
      send({ id: 3, method: "tools/call", params: { name: "no_such_tool" } })
      yield* Effect.promise(() => line(({ id }) => id === 3))
      server.stdin.end()
      yield* Effect.promise(() => ended)
      const database = new DatabaseSync(join(cwd, "cadastre", "cadastre.db"), { readOnly: true })
      const table = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%audit%'").get()
      const rows = database.prepare(`SELECT * FROM "${String(table?.["name"])}" ORDER BY id`).all()
      database.close()
      assert.deepStrictEqual(rows.map((row) => [row["action"], row["outcome"], row["error"]]), [
        ["get_tagging_policy", "success", null],
        ["no_such_tool", "failure", "UnknownTool"]
      ])
      assert.strictEqual(rows[0]!["correlation_id"], answered.result._meta["cadastre/correlation-id"])
      assert.notInclude(JSON.stringify(rows), password)
    }), 60_000)

  it.live.each([["SIGTERM"], ["SIGINT"]] as const)("ends within a second of %s, whatever AWS does", ([signal]) =>
    Effect.gen(function*() {
      const { cwd, env, simulator } = yield* prepare()
      simulator.rule({ match: { service: "ec2", operation: "DescribeInstances" }, fault: { type: "hang" } })
      const { ended, line, send, server } = yield* start({ cwd, env })
      send(initialize)
      send({ method: "notifications/initialized" })
      send(check)
      yield* Effect.promise(() => line(({ method }) => method === "notifications/progress"))
      server.kill(signal)
      const at = performance.now()
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [0, null])
      assert.isBelow(performance.now() - at, soon)
    }))

  it.live.each([
    ["there is no policy", undefined, /There is no tag policy: .*POLICY_PATH/u],
    ["the policy has a mistake", "{ \"required_tags\": [{ \"nam\": \"Owner\" }] }", /policy\.json:1:\d+: .*nam/u]
  ] as const)("does not start when %s", ([, text, message]) =>
    Effect.gen(function*() {
      const cwd = yield* temporaryDirectory
      if (text !== undefined) writeFileSync(join(cwd, "policy.json"), text)
      const env = text === undefined ? {} : { POLICY_PATH: "policy.json" }
      const { ended, lines, stderr } = yield* start({ cwd, env: { PATH: process.env["PATH"] ?? "", ...env } })
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [2, null])
      assert.match(stderr(), message)
      assert.deepStrictEqual(lines, [])
    }))
})
