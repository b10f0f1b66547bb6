import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { connect as connectSocket } from "node:net"
import { call } from "./Connection.ts"
import { callOf, connect, initialize, json, send, serve } from "./HttpConnection.ts"

const post = { method: "POST", headers: json, body: initialize }

/** Everything that comes back on a connection, until it is closed. */
const raw = (url: string, begin: (write: (text: string) => void) => void) =>
  Effect.callback<string>((resume) => {
    const socket = connectSocket(Number(new URL(url).port), "127.0.0.1")
    let text = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => text += chunk)
    socket.on("error", () => undefined).on("close", () => resume(Effect.succeed(text)))
    socket.on("connect", () => begin((text) => void socket.write(text)))
    return Effect.sync(() => socket.destroy())
  })

describe("who may call", () => {
  it.live("no other name than the server's own", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ env: { MCP_ALLOWED_HOSTS: "cadastre.example" } })
      const { port } = new URL(url)
      for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "a@127.0.0.1.evil", "0x7f.1.evil"]) {
        for (const to of [mcp, `${url}/metrics`, `${url}/`]) {
          const { body, status } = yield* send(to, { ...post, headers: { ...json, host } })
          assert.strictEqual(status, 403, host)
          assert.notInclude(body, "evil")
        }
      }
      for (const host of [`127.0.0.1:${port}`, "localhost", "[::1]", "cadastre.example:443"]) {
        assert.strictEqual((yield* send(mcp, { ...post, headers: { ...json, host } })).status, 200, host)
      }
      const without = yield* raw(url, (write) => write("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"))
      assert.match(without, /^HTTP\/1\.1 40[03] /u)
      // Two of them are a riddle.
      const two = yield* raw(url, (write) =>
        write("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
      assert.match(two, /^HTTP\/1\.1 40[03] /u)
    }))

  it.live("no page of another origin than those on the list", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ env: { CORS_ALLOWED_ORIGINS: "https://app.example, http://localhost:3000" } })
      const evil = ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", "http://localhost:3001", "file://"]
      for (const origin of evil) {
        const answers = [
          yield* send(mcp, { ...post, headers: { ...json, origin } }),
          yield* send(mcp, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } })
        ]
        for (const { headers, status } of answers) {
          assert.strictEqual(status, 403, origin)
          assert.notProperty(headers, "access-control-allow-origin")
        }
      }
      const origin = "https://app.example"
      const asked = yield* send(mcp, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } })
      assert.strictEqual(asked.status, 204)
      assert.strictEqual(asked.headers["access-control-allow-origin"], origin)
      assert.include(String(asked.headers["access-control-allow-headers"]), "Mcp-Session-Id")
      const answer = yield* send(mcp, { ...post, headers: { ...json, origin } })
      assert.deepStrictEqual([answer.status, answer.headers["access-control-allow-origin"]], [200, origin])
      assert.include(String(answer.headers["access-control-expose-headers"]), "Mcp-Session-Id")
      // What is refused, it may read too; and the server's own pages may call.
      const refused = yield* send(mcp, { method: "PUT", headers: { origin } })
      assert.deepStrictEqual([refused.status, refused.headers["access-control-allow-origin"]], [405, origin])
      assert.strictEqual((yield* send(mcp, { ...post, headers: { ...json, origin: url } })).status, 200)
    }))
})

describe("how much is taken in", () => {
  const large = Buffer.alloc(20_000_000, "x")

  it.live("20 MB are refused, with and without their length", () =>
    Effect.gen(function*() {
      const { mcp, rows, url } = yield* serve()
      const known = yield* send(mcp, { ...post, body: large })
      assert.strictEqual(known.status, 413)
      const headers = { ...json, "transfer-encoding": "chunked" }
      const unknown = yield* send(mcp, { ...post, headers, body: large })
      assert.strictEqual(unknown.status, 413)
      assert.match(unknown.body, /longer than 1048576 bytes/u)
      assert.strictEqual((yield* send(`${url}/health`)).status, 200)
      assert.deepStrictEqual(rows, [])
    }))

  it.live("a body that does not come is not waited for", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ env: { MCP_BODY_TIMEOUT_SECONDS: "1" } })
      const at = performance.now()
      const answer = yield* raw(url, (write) =>
        write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"json`))
      assert.match(answer, /^HTTP\/1\.1 408 /u)
      assert.isBelow(performance.now() - at, 8000)
      assert.strictEqual((yield* send(mcp, post)).status, 200)
    }))

  it.live.each([
    ["one header of 20 kB", { "x-large": "x".repeat(20_000) }],
    ["200 headers", Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-${at}`, "1"]))]
  ] as const)("%s: 431", ([, more]) =>
    Effect.gen(function*() {
      const { mcp } = yield* serve()
      assert.strictEqual((yield* send(mcp, { ...post, headers: { ...json, ...more } })).status, 431)
    }))

  it.live("more requests than allowed: 429, and when to come again", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ env: { MCP_REQUESTS_PER_MINUTE: "10" } })
      const answers = yield* Effect.forEach(Array.from({ length: 20 }), () => send(mcp, callOf("get_tagging_policy")))
      const refused = answers.filter(({ status }) => status === 429)
      assert.isTrue(answers.slice(0, 10).every(({ status }) => status === 200))
      assert.isAtLeast(refused.length, 9)
      assert.isTrue(refused.every(({ headers }) => Number(headers["retry-after"]) >= 1))
      assert.strictEqual((yield* send(`${url}/health`)).status, 200)
    }))

  it.live.each([
    ["no JSON", { body: "{" }, 400],
    ["nothing", { body: "" }, 400],
    ["no UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, 400],
    ["JSON that is no message", { body: "[1,2]" }, 400],
    ["a text", { headers: { ...json, "content-type": "text/plain" } }, 415],
    ["a form", { headers: { ...json, "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["another method", { method: "PUT" }, 405],
    ["a batch of 51", { body: JSON.stringify(Array.from({ length: 51 }, () => JSON.parse(initialize))) }, 400],
    ["100,000 levels", { body: "[".repeat(100_000) + "]".repeat(100_000) }, 400]
  ] as const)("%s is refused", ([, changed, status]) =>
    Effect.gen(function*() {
      const { mcp } = yield* serve()
      const answer = yield* send(mcp, { ...post, ...changed })
      assert.strictEqual(answer.status, status, answer.body)
      assert.notMatch(answer.body, /node_modules|\.ts:\d|at \w+ \(/u)
    }))

  it.live("there is nothing but what there is", () =>
    Effect.gen(function*() {
      const { url } = yield* serve()
      for (const path of ["/mcp//", "/mcp/../metrics", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/.env", "/.well-known/oauth-protected-resource"]) {
        const { body, status } = yield* send(url, { path })
        assert.strictEqual(status, 404, path)
        assert.notInclude(body, "root:")
      }
    }))
})

describe("what is in arguments", () => {
  it.live("planted secrets are in no answer, no row and no line of the log", () =>
    Effect.gen(function*() {
      const { logs, mcp, rows, simulator } = yield* serve()
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const planted = {
        password: "hunter2-planted",
        note: "postgres://cadastre:planted-secret@db/x",
        key: "AKIAIOSFODNN7EXAMPLE",
        header: "Bearer planted-token-0123456789abcdef"
      }
      const { client } = yield* connect(mcp)
      const answers: Array<unknown> = [
        yield* call(client, "get_tagging_policy", planted),
        yield* call(client, "check_tag_compliance", planted),
        yield* call(client, "check_tag_compliance", { resource_types: [planted.key, planted.note, planted.header] })
      ]
      simulator.rule({ fault: { type: "expired" } })
      answers.push(yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" }))
      yield* send(mcp, { ...post, headers: { ...json, authorization: planted.header, cookie: planted.note }, body: `{"${planted.key}` })
      const secrets = [...Object.values(planted).map((text) => text.replace(/^Bearer /u, "")), "planted-secret", accessKeyId, secretAccessKey]
      assert.isAtLeast(rows.length, 4)
      for (const secret of secrets) {
        assert.notInclude(JSON.stringify(rows), secret)
        assert.notInclude(logs.join("\n"), secret)
      }
      // What the caller has sent itself is no secret to it, and is not repeated whole all the same.
      for (const secret of ["planted-secret", accessKeyId, secretAccessKey, "private/policy.json"]) {
        assert.notInclude(JSON.stringify(answers), secret)
      }
    }))
})
