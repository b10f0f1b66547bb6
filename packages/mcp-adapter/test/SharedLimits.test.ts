import { Simulator } from "@cadastre/aws-simulator"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { regions } from "./Connection.ts"
import { callOf, send, serve, temporaryDirectory } from "./HttpConnection.ts"
import * as JumpingClock from "./JumpingClock.ts"

const token = "0123456789abcdef0123456789abcdef"

/** Two servers of one estate behind one address, as a balancer has them, and a caller that comes to both in turn. */
const replicas = (env: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const folder = yield* temporaryDirectory
    const file = join(folder, "tokens")
    writeFileSync(file, ["ci", "other"].map((name) => `${name} ${createHash("sha256").update(`${token}${name}`).digest("hex")}\n`).join(""))
    const simulated = yield* Simulator.make({ estate: { regions, resources: 0 } })
    const servers = yield* Effect.forEach([1, 2], () => serve({ simulated, env: { ...env, AUTH_TOKENS_FILE: file } }))
    let turn = 0
    const ask = (owner: string, at: number) => {
      const { headers, ...rest } = callOf("get_tagging_policy", { at })
      const { mcp } = servers[turn++ % 2]!
      return send(mcp, { ...rest, headers: { ...headers, authorization: `Bearer ${token}${owner}` } })
    }
    return { ask, servers }
  })

const isRefused = ({ body }: { readonly body: string }) => /has made its 10 calls/u.test(body)

const warnings = (servers: ReadonlyArray<{ readonly logs: ReadonlyArray<string> }>) =>
  servers.map(({ logs }) => logs.filter((line) => /Redis at \S+ \(REDIS_URL\) is away/u.test(line)).length)

describe.skipIf(!isInstalled)("limits in Redis", () => {
  it.live("calls and requests of one caller count together, wherever they are answered", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const env = { REDIS_URL: redis.url, MAX_TOOL_CALLS_PER_SESSION: "10", MCP_REQUESTS_PER_MINUTE: "15" }
      const { ask, servers } = yield* replicas(env)
      const answers = yield* Effect.forEach(Array.from({ length: 20 }), (_, at) => ask("ci", at))
      assert.deepStrictEqual(answers.slice(0, 15).map(isRefused), [
        ...Array.from({ length: 10 }, () => false),
        ...Array.from({ length: 5 }, () => true)
      ])
      assert.match(answers[10]!.body, /again in (?:3600|359\d) seconds/u)
      // 15 at once, and one more every four seconds.
      assert.isTrue(answers.slice(0, 15).every(({ status }) => status === 200))
      assert.isAtLeast(answers.slice(15).filter(({ status }) => status === 429).length, 4)
      const refused = answers.slice(15).find(({ status }) => status === 429)
      assert.include([1, 2, 3, 4], Number(refused!.headers["retry-after"]))
      // Nobody else pays for it.
      assert.strictEqual((yield* ask("other", 0)).status, 200)
      // What is in Redis names nobody and opens nothing, and is forgotten.
      const keys = String(yield* redis.send("KEYS", "cadastre:limit:*"))
      assert.isAbove(keys.length, 0)
      assert.notMatch(keys, /ci\b|other|token/u)
      for (const key of keys.split(",")) assert.isAbove(Number(yield* redis.send("PTTL", key)), 0)
      assert.deepStrictEqual(warnings(servers), [0, 0])
    }), 30_000)

  it.live("a Redis that starts after the servers is used once it is there; each says once that it was not", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      yield* redis.kill
      const { clock, jump } = JumpingClock.make()
      const { ask, servers } = yield* Effect.provideService(
        replicas({ REDIS_URL: redis.url, MAX_TOOL_CALLS_PER_SESSION: "10" }),
        Clock.Clock,
        clock
      )
      const ready = (url: string) => Effect.map(send(`${url}/health/ready`), ({ body, status }) => [status, JSON.parse(body).dependencies.redis])
      const alone = yield* Effect.forEach(Array.from({ length: 18 }), (_, at) => ask("ci", at))
      // Each has its own 10.
      assert.isFalse(alone.some(isRefused))
      for (const { url } of servers) assert.deepStrictEqual(yield* ready(url), [503, "down"])
      yield* redis.start
      jump(6000)
      for (const { url } of servers) {
        yield* Effect.repeat(ready(url), { schedule: Schedule.spaced("20 millis"), until: ([status]) => status === 200 })
      }
      const together = yield* Effect.forEach(Array.from({ length: 14 }), (_, at) => ask("other", at))
      assert.strictEqual(together.filter((answer) => !isRefused(answer)).length, 10)
      assert.deepStrictEqual(warnings(servers), [1, 1])
      for (const { logs } of servers) {
        assert.lengthOf(logs.filter((line) => /redis/iu.test(line) && !/health/u.test(line)), 2, logs.join("\n"))
        assert.isTrue(logs.some((line) => line.includes("is there now: limits are shared")))
      }
    }), 30_000)

  it.live("while Redis is away each server has its own, and says so once", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const { ask, servers } = yield* replicas({ REDIS_URL: redis.url, MAX_TOOL_CALLS_PER_SESSION: "10" })
      const before = yield* Effect.forEach([0, 1, 2, 3], (at) => ask("ci", at))
      assert.isFalse(before.some(isRefused))
      yield* redis.kill
      const after = yield* Effect.forEach(Array.from({ length: 24 }), (_, at) => ask("ci", at + 4))
      assert.isTrue(after.every(({ status }) => status === 200))
      // Each has answered two of them before.
      assert.strictEqual(after.filter((answer) => !isRefused(answer)).length, 16)
      assert.deepStrictEqual(warnings(servers), [1, 1])
      const { body, status } = yield* send(`${servers[0]!.url}/health/ready`)
      assert.strictEqual(status, 503)
      assert.deepStrictEqual(JSON.parse(body).dependencies, { aws: "up", redis: "down" })
    }), 30_000)
})
