/** More sessions than a server has room for, over real HTTP, against the server as a process of its own. */
import { assert, describe, it } from "@effect/vitest"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { Agent, request } from "node:http"
import { join } from "node:path"
import { prepare, startHttp } from "./ServerProcess.ts"

const isNightly = process.env["CADASTRE_NIGHTLY"] === "1"

const tokens = { us: "u".repeat(64), flood: "f".repeat(64) }

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } }
})

/** A request of one that comes, asks once and is not heard of again. */
const post = (url: URL, agent: Agent, body: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.callback<{ readonly status: number; readonly session: string }>((resume) => {
    const sent = request(url, {
      agent,
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization: `Bearer ${tokens.flood}`,
        ...headers
      }
    }, (response) => {
      response.resume().on("end", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, session: String(response.headers["mcp-session-id"]) })))
    })
    sent.on("error", (error) => resume(Effect.die(error)))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })

describe.skipIf(!isNightly)("10,000 sessions, nightly", () => {
  it.live("there are never more than allowed, who was there goes on, and memory stays as it was", () =>
    Effect.gen(function*() {
      const { cwd, env } = yield* prepare({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 5 } } })
      const tokensFile = join(cwd, "tokens")
      writeFileSync(tokensFile, Object.entries(tokens).map(([name, token]) => `${name} ${createHash("sha256").update(token).digest("hex")}\n`).join(""))
      // What is in use, whenever it is asked: what is garbage is not.
      const memory = join(cwd, "memory.mjs")
      writeFileSync(memory, "process.on('SIGUSR2', () => { gc(); gc(); const { arrayBuffers, heapUsed, rss } = process.memoryUsage(); console.error(`memory ${heapUsed + arrayBuffers} ${rss};`) })")
      const { mcp, server, stderr } = yield* startHttp({
        cwd,
        env: { ...env, AUTH_TOKENS_FILE: tokensFile, MCP_REQUESTS_PER_MINUTE: "1000000", NODE_OPTIONS: `--expose-gc --import ${memory}` }
      })
      const measured = Effect.promise(async () => {
        const asked = stderr().split("memory ").length
        server.kill("SIGUSR2")
        for (;;) {
          const [heap, rss] = /memory (\d+) (\d+);[^;]*$/u.exec(stderr())?.slice(1) ?? []
          if (stderr().split("memory ").length > asked && heap !== undefined) return { heap: Number(heap), rss: Number(rss) }
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      const sessions = Effect.promise(async () => {
        const response = await fetch(new URL("/metrics", mcp), { headers: { authorization: `Bearer ${tokens.us}` } })
        return Number(/^cadastre_mcp_sessions (\d+)$/mu.exec(await response.text())?.[1])
      })
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ keepAlive: true, maxSockets: 8 })),
        (agent) => Effect.sync(() => agent.destroy())
      )
      const ours = yield* Effect.forEach(Array.from({ length: 5 }), () =>
        Effect.acquireRelease(
          Effect.promise(async () => {
            const client = new Client({ name: "test", version: "1.0.0" })
            await client.connect(new StreamableHTTPClientTransport(mcp, { requestInit: { headers: { authorization: `Bearer ${tokens.us}` } } }))
            return client
          }),
          (client) => Effect.promise(() => client.close())
        ))
      const ask = (client: Client, at: number) => Effect.promise(() => client.callTool({ name: "get_tagging_policy", arguments: { at } }))

      const begun = performance.now()
      const ids: Array<string> = []
      const figures: Array<Effect.Success<typeof measured>> = []
      for (let thousand = 1; thousand <= 10; thousand++) {
        const answers = yield* Effect.forEach(Array.from({ length: 1000 }), () => post(mcp, agent, initialize), { concurrency: 8 })
        assert.isTrue(answers.every(({ status }) => status === 200))
        ids.push(...answers.map(({ session }) => session))
        assert.isAtMost(yield* sessions, 1000)
        for (const client of ours) assert.notStrictEqual((yield* ask(client, thousand)).isError, true)
        figures.push(yield* measured)
      }
      const seconds = (performance.now() - begun) / 1000
      assert.strictEqual(new Set(ids).size, 10_000)
      assert.strictEqual(yield* sessions, 1000)
      const ping = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}"
      const alive = yield* Effect.forEach(ids, (id) => post(mcp, agent, ping, { "mcp-session-id": id }), { concurrency: 8 })
      // The newest of those who have most; what they lost was theirs.
      assert.strictEqual(alive.filter(({ status }) => status === 200).length, 995)
      assert.isTrue(alive.slice(0, -1100).every(({ status }) => status === 404))
      for (const client of ours) assert.notStrictEqual((yield* ask(client, 11)).isError, true)
      // From where all room is taken, 1 kB a session would be 8 MB.
      const [, full] = figures
      const last = figures.at(-1)!
      const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
      process.stderr.write(
        `10,000 sessions: ${seconds.toFixed(1)} s, heap after 2,000: ${mb(full!.heap)}, after 10,000: ${mb(last.heap)}; ` +
          `resident after 2,000: ${mb(full!.rss)}, after 10,000: ${mb(last.rss)}\n`
      )
      assert.isBelow(last.heap - full!.heap, 4_000_000, figures.map(({ heap }) => heap).join())
    }), 300_000)
})
