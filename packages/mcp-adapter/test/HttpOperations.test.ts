import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { createHash } from "node:crypto"
import { chmodSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { callOf, json, send, serve, temporaryDirectory } from "./HttpConnection.ts"

const simulator = { estate: { regions: ["us-east-1"], resources: 0, counts: { "sqs:queue": 3 } } }

const bearing = (token: string, name = "get_tagging_policy", args: object = {}) => {
  const { headers, ...rest } = callOf(name, args)
  return { ...rest, headers: { ...headers, authorization: `Bearer ${token}` } }
}

const often = { schedule: Schedule.spaced("50 millis"), times: 100 } as const

describe("a server that is stopped", () => {
  it.live("tells those whose call it interrupts", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { mcp, simulator: aws } = yield* Scope.provide(serve({ simulator }), scope)
      aws.rule({ match: { service: "sqs" }, fault: { type: "hang" } })
      const call = yield* Effect.forkChild(send(mcp, callOf("check_tag_compliance", { resource_types: "sqs:queue" })))
      yield* Effect.repeat(Effect.sync(() => aws.calls().some(({ service }) => service === "sqs")), { ...often, until: (is) => is })
      yield* Scope.close(scope, Exit.void)
      const { body, status } = yield* Fiber.join(call)
      assert.deepStrictEqual([status, JSON.parse(body).error.message], [503, "The server is being stopped"])
    }), 30_000)
})

describe("where it listens, and who may know what", () => {
  it.live("IPv6", () =>
    Effect.gen(function*() {
      const { mcp, url } = yield* serve({ simulator, env: { MCP_SERVER_HOST: "::1" } })
      assert.match(url, /^http:\/\/\[::1\]:\d+$/u)
      assert.strictEqual((yield* send(mcp, callOf("get_tagging_policy"))).status, 200)
    }))

  it.live("why something is down is told to those who may call; that it is, to everybody", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "tokens")
      writeFileSync(file, `ci ${createHash("sha256").update("ours").digest("hex")}\n`)
      const { simulator: aws, url } = yield* serve({ simulator, env: { AUTH_TOKENS_FILE: file } })
      aws.rule({ match: { service: "sts" }, fault: { type: "expired" } })
      for (const path of ["/health", "/health/ready"]) {
        const anybody = JSON.parse((yield* send(`${url}${path}`)).body)
        assert.deepStrictEqual([anybody.dependencies, anybody.problems], [{ aws: "down" }, undefined])
        const ours = JSON.parse((yield* send(`${url}${path}`, { headers: { authorization: "Bearer ours" } })).body)
        assert.match(ours.problems.aws, /GetCallerIdentity/u)
        // Nor to a page that has another name for us.
        const evil = JSON.parse((yield* send(`${url}${path}`, { headers: { authorization: "Bearer ours", host: "evil.example" } })).body)
        assert.isUndefined(evil.problems)
      }
      const alive = yield* send(`${url}/health/live`)
      assert.deepStrictEqual([alive.status, JSON.parse(alive.body).status], [200, "alive"])
    }))
})

describe("tokens", () => {
  it.live("a file that anybody may write is refused at the start, and grants nothing from when it is one", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "tokens")
      writeFileSync(file, `ci ${createHash("sha256").update("ours").digest("hex")}\n`)
      chmodSync(file, 0o646)
      const error = yield* Effect.flip(serve({ simulator, env: { AUTH_TOKENS_FILE: file } }))
      assert.match(error.message, /AUTH_TOKENS_FILE can be written by anybody/u)
      chmodSync(file, 0o644)
      const { logs, mcp } = yield* serve({ simulator, env: { AUTH_TOKENS_FILE: file } })
      assert.strictEqual((yield* send(mcp, bearing("ours"))).status, 200)
      chmodSync(file, 0o646)
      assert.strictEqual((yield* send(mcp, bearing("ours"))).status, 401)
      assert.isTrue(logs.some((line) => line.includes("can be written by anybody") && line.includes("no token is accepted")))
    }))

  it.live("two that name nobody are not the same, and keys that cannot be fetched are said at the start", () =>
    Effect.gen(function*() {
      const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256"))
      const jwk = { ...yield* Effect.promise(() => exportJWK(publicKey)), kid: "k1", alg: "ES256" }
      let isThere = false
      const server = createServer((_, response) => isThere ? response.end(JSON.stringify({ keys: [jwk] })) : response.writeHead(503).end())
      yield* Effect.acquireRelease(
        Effect.promise(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))),
        () => Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
      )
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const audience = "https://cadastre.example/mcp"
      const tokenOf = (claims: object) =>
        Effect.promise(() =>
          new SignJWT({ iss: issuer, aud: audience, exp: Math.floor(Date.now() / 1000) + 600, ...claims })
            .setProtectedHeader({ alg: "ES256", kid: "k1" }).sign(privateKey))
      const { logs, mcp, rows, url } = yield* serve({
        simulator,
        env: { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: `${issuer}/jwks?key=planted-secret` }
      })
      yield* Effect.repeat(Effect.sync(() => logs.some((line) => /AUTH_JWKS_URL\) cannot be fetched/u.test(line))), { ...often, until: (is) => is })
      const [one, other] = [yield* tokenOf({ jti: "1" }), yield* tokenOf({ jti: "2" })]
      const early = yield* send(mcp, bearing(one))
      assert.deepStrictEqual([early.status, early.headers["retry-after"]], [503, "30"])
      const health = (path: string) => Effect.map(send(`${url}${path}`), ({ body, status }) => [status, JSON.parse(body)] as const)
      assert.deepStrictEqual(yield* health("/health"), [200, { status: "degraded", version: "0.0.0", dependencies: { aws: "up", keys: "down" } }])
      assert.deepStrictEqual(yield* health("/health/ready"), [503, { status: "not ready", ready: false, dependencies: { aws: "up", keys: "down" } }])
      isThere = true
      const begun = yield* Effect.repeat(send(mcp, bearing(one, "check_tag_compliance", { resource_types: "sqs:queue" })), {
        ...often,
        until: ({ status }) => status === 200
      })
      assert.deepStrictEqual(yield* health("/health/ready"), [200, { status: "ready", ready: true, dependencies: { aws: "up", keys: "up" } }])
      assert.lengthOf(logs.filter((line) => line.includes("AUTH_JWKS_URL")), 2)
      assert.notInclude(logs.join("\n"), "planted-secret")
      const { scan_id } = JSON.parse(begun.body).result.structuredContent
      const asked = (token: string) =>
        Effect.map(send(mcp, bearing(token, "scan", { action: "status", scan_id })), ({ body }) => JSON.parse(body).result)
      assert.isFalse((yield* asked(one)).isError ?? false)
      assert.isTrue((yield* asked(other)).isError)
      assert.strictEqual(new Set(rows.map(({ principal }) => principal)).size, 2)
      assert.strictEqual((yield* send(mcp, { ...callOf("scan"), headers: json })).status, 401)
    }), 30_000)
})
