import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import { createHash, randomBytes } from "node:crypto"
import { rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { HttpSettings } from "../src/index.ts"
import { call } from "./Connection.ts"
import { callOf, connect, initialize, json, send, serve, temporaryDirectory } from "./HttpConnection.ts"

const newToken = () => randomBytes(32).toString("hex")
const hashOf = (token: string) => createHash("sha256").update(token).digest("hex")
const bearing = (token: string) => {
  const { headers, ...rest } = callOf("get_tagging_policy")
  return { ...rest, headers: { ...headers, authorization: `Bearer ${token}` } }
}

const withTokens = Effect.gen(function*() {
  const file = join(yield* temporaryDirectory, "tokens")
  const [ci, old, over] = [newToken(), newToken(), newToken()]
  const line = (name: string, token: string, until = "") => `${name} ${hashOf(token)} ${until}\n`
  writeFileSync(file, `# who may\n${line("ci", ci)}${line("old", old)}${line("over", over, "2020-01-01T00:00:00Z")}`)
  return { file, ci, old, over, line, ...(yield* serve({ env: { AUTH_TOKENS_FILE: file, MAX_IDENTICAL_CALLS: "1000" } })) }
})

describe("bearer tokens", () => {
  it.live("who has one may call, and the rows say who it was", () =>
    Effect.gen(function*() {
      const { ci, mcp, rows, url } = yield* withTokens
      for (const revision of ["current", "previous"] as const) {
        const { client } = yield* connect(mcp, { revision, token: ci })
        assert.isFalse((yield* call(client, "get_tagging_policy")).isError)
      }
      assert.deepStrictEqual(rows.map(({ principal }) => principal), ["token:ci", "token:ci"])
      assert.strictEqual((yield* send(`${url}/metrics`)).status, 401)
      assert.strictEqual((yield* send(`${url}/metrics`, { headers: { authorization: `Bearer ${ci}` } })).status, 200)
      assert.strictEqual((yield* send(`${url}/health`)).status, 200)
    }))

  it.live("who has none, a wrong one or one that is over may not", () =>
    Effect.gen(function*() {
      const { ci, mcp, over, rows } = yield* withTokens
      const absent = yield* send(mcp, callOf("get_tagging_policy"))
      assert.strictEqual(absent.status, 401)
      assert.strictEqual(absent.headers["www-authenticate"], "Bearer realm=\"cadastre\"")
      const wrong = [newToken(), over, ci.slice(0, -1), `${ci}0`, ci.toUpperCase(), hashOf(ci), "ci"]
      for (const token of wrong) {
        const { headers, status } = yield* send(mcp, bearing(token))
        assert.strictEqual(status, 401)
        assert.match(String(headers["www-authenticate"]), /error="invalid_token"/u)
      }
      const basic = yield* send(mcp, { ...bearing(ci), headers: { ...json, authorization: `Basic ${ci}` } })
      assert.strictEqual(basic.status, 401)
      const inAddress = yield* send(`${mcp.href}?access_token=${ci}`, callOf("get_tagging_policy"))
      assert.strictEqual(inAddress.status, 401)
      assert.deepStrictEqual(rows, [])
    }))

  it.live("a session belongs to the token that began it", () =>
    Effect.gen(function*() {
      const { ci, mcp, old } = yield* withTokens
      const as = (token: string) => ({ ...json, authorization: `Bearer ${token}` })
      const begun = yield* send(mcp, { method: "POST", headers: as(ci), body: initialize })
      const id = String(begun.headers["mcp-session-id"])
      const ping = { method: "POST", body: "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}" }
      assert.strictEqual((yield* send(mcp, { ...ping, headers: { ...as(ci), "mcp-session-id": id } })).status, 200)
      assert.strictEqual((yield* send(mcp, { ...ping, headers: { ...as(old), "mcp-session-id": id } })).status, 404)
    }))

  it.live("the file is what counts, as it is now", () =>
    Effect.gen(function*() {
      const { ci, file, line, logs, mcp, old } = yield* withTokens
      const statusOf = (token: string) => Effect.map(send(mcp, bearing(token)), ({ status }) => status)
      assert.deepStrictEqual([yield* statusOf(ci), yield* statusOf(old)], [200, 200])
      const fresh = newToken()
      writeFileSync(file, `${line("ci", ci)}${line("fresh", fresh)}`)
      assert.deepStrictEqual([yield* statusOf(ci), yield* statusOf(old), yield* statusOf(fresh)], [200, 401, 200])
      // A token itself, put where its hash belongs, grants nothing and is not repeated.
      writeFileSync(file, `${line("ci", ci)}oops ${fresh.slice(0, 40)}\n`)
      assert.deepStrictEqual([yield* statusOf(ci), yield* statusOf(fresh)], [200, 401])
      assert.include(logs.join("\n"), "mistake in line 2")
      assert.notInclude(logs.join("\n"), fresh.slice(0, 40))
      rmSync(file)
      assert.strictEqual(yield* statusOf(ci), 401)
      writeFileSync(file, line("ci", ci))
      assert.strictEqual(yield* statusOf(ci), 200)
    }))

  it.live("who guesses is slowed down; who has one is not", () =>
    Effect.gen(function*() {
      const { ci, mcp } = yield* withTokens
      const guesses = yield* Effect.forEach(Array.from({ length: 80 }), () => send(mcp, bearing(newToken())), { concurrency: 4 })
      assert.sameMembers([...new Set(guesses.map(({ status }) => status))], [401, 429])
      assert.strictEqual((yield* send(mcp, bearing(ci))).status, 200)
    }))
})

const audience = "https://cadastre.example/mcp"

/** An authorization server: its keys, and tokens that it has issued. */
const issuer = Effect.gen(function*() {
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256"))
  const jwk = yield* Effect.promise(() => exportJWK(publicKey))
  let fetched = 0
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((_, response) => {
        fetched++
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify({ keys: [{ ...jwk, kid: "k1", alg: "ES256", use: "sig" }] }))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  )
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`
  const now = Math.floor(Date.now() / 1000)
  const token = (claims: { readonly [claim in keyof JWTPayload]: JWTPayload[claim] | undefined } = {}, key = privateKey, kid = "k1") =>
    Effect.promise(() =>
      new SignJWT({ iss: url, aud: audience, sub: "somebody", scope: "cadastre:read other", iat: now, exp: now + 600, ...claims } as JWTPayload)
        .setProtectedHeader({ alg: "ES256", kid, typ: "at+jwt" })
        .sign(key)
    )
  const env = { AUTH_ISSUER: url, AUTH_AUDIENCE: audience, AUTH_JWKS_URL: `${url}/jwks`, AUTH_REQUIRED_SCOPES: "cadastre:read" }
  return { url, now, token, env, jwk, fetched: () => fetched }
})

describe("access tokens of an authorization server", () => {
  it.live("those for this server are accepted, and its keys are fetched once", () =>
    Effect.gen(function*() {
      const { env, fetched, token } = yield* issuer
      const { mcp, rows } = yield* serve({ env: { ...env, MAX_IDENTICAL_CALLS: "1000" } })
      const { client } = yield* connect(mcp, { token: yield* token() })
      assert.isFalse((yield* call(client, "get_tagging_policy")).isError)
      assert.strictEqual((yield* send(mcp, bearing(yield* token({ aud: ["other", audience] })))).status, 200)
      assert.deepStrictEqual(rows.map(({ principal }) => principal), ["oauth:somebody", "oauth:somebody"])
      assert.strictEqual(fetched(), 1)
    }))

  it.live("others are not", () =>
    Effect.gen(function*() {
      const { env, jwk, now, token } = yield* issuer
      const { mcp, rows } = yield* serve({ env })
      const other = (yield* Effect.promise(() => generateKeyPair("ES256"))).privateKey
      const none = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
      const claims = { iss: env.AUTH_ISSUER, aud: audience, sub: "x", scope: "cadastre:read", exp: now + 600 }
      const byPublicKey = yield* Effect.promise(() =>
        new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(Buffer.from(JSON.stringify(jwk)))
      )
      const refused = {
        expired: yield* token({ exp: now - 60 }),
        "without an end": yield* token({ exp: undefined }),
        "not yet valid": yield* token({ nbf: now + 600 }),
        "of a foreign audience": yield* token({ aud: "https://other.example/mcp" }),
        "without an audience": yield* token({ aud: undefined }),
        "of another issuer": yield* token({ iss: "https://evil.example" }),
        "of another key": yield* token({}, other),
        "of an unknown key": yield* token({}, other, "k2"),
        unsigned: `${none({ alg: "none" })}.${none(claims)}.`,
        "signed with the public key": byPublicKey,
        garbage: "a.b.c"
      }
      for (const [what, bad] of Object.entries(refused)) {
        const { headers, status } = yield* send(mcp, bearing(bad))
        assert.strictEqual(status, 401, what)
        assert.match(String(headers["www-authenticate"]), /error="invalid_token"/u, what)
      }
      const narrow = yield* send(mcp, bearing(yield* token({ scope: "other" })))
      assert.strictEqual(narrow.status, 403)
      assert.match(String(narrow.headers["www-authenticate"]), /error="insufficient_scope".*scope="cadastre:read"/u)
      assert.deepStrictEqual(rows, [])
    }))

  it.live("a client finds out where to get one", () =>
    Effect.gen(function*() {
      const { env } = yield* issuer
      const { mcp, url } = yield* serve({ env })
      const { headers, status } = yield* send(mcp, { method: "POST", headers: json, body: initialize })
      assert.strictEqual(status, 401)
      const at = /resource_metadata="([^"]+)"/u.exec(String(headers["www-authenticate"]))?.[1]
      assert.strictEqual(at, "https://cadastre.example/.well-known/oauth-protected-resource/mcp")
      for (const path of ["/.well-known/oauth-protected-resource", new URL(at!).pathname]) {
        const { body } = yield* send(`${url}${path}`)
        assert.deepStrictEqual(JSON.parse(body), {
          resource: audience,
          authorization_servers: [env.AUTH_ISSUER],
          scopes_supported: ["cadastre:read"],
          bearer_methods_supported: ["header"],
          resource_name: "Cadastre"
        })
      }
    }))

  it.live("when its keys cannot be fetched, nobody is let in and nobody is told that the token is wrong", () =>
    Effect.gen(function*() {
      const { env, token } = yield* issuer
      const { mcp } = yield* serve({ env: { ...env, AUTH_JWKS_URL: "http://127.0.0.1:9/jwks" } })
      const { headers, status } = yield* send(mcp, bearing(yield* token()))
      assert.deepStrictEqual([status, headers["retry-after"]], [503, "30"])
    }))
})

describe("settings", () => {
  const problemOf = (env: Readonly<Record<string, string>>) =>
    Effect.map(
      Effect.flip(Effect.provide(HttpSettings.load(), ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...env })))),
      ({ message }) => message
    )

  it.effect.each([
    ["open to others without tokens", { MCP_SERVER_HOST: "0.0.0.0" }, /open to anyone who can reach 0\.0\.0\.0.*AUTH_TOKENS_FILE/u],
    ["open by IPv6", { MCP_SERVER_HOST: "::" }, /open to anyone/u],
    ["open by name", { MCP_SERVER_HOST: "127.0.0.1.example.com" }, /open to anyone/u],
    ["half of OAuth", { AUTH_ISSUER: "https://a.example" }, /in part.*AUTH_AUDIENCE/u],
    ["keys in clear", { AUTH_ISSUER: "https://a.example", AUTH_AUDIENCE: "x", AUTH_JWKS_URL: "http://a.example/" }, /AUTH_JWKS_URL .*https/u],
    ["half of TLS", { MCP_TLS_CERT_FILE: "a.pem" }, /certificate and its key/u],
    ["any origin", { CORS_ALLOWED_ORIGINS: "*" }, /"\*", which is no origin/u],
    ["an origin with a path", { CORS_ALLOWED_ORIGINS: "https://a.example/x" }, /no origin/u],
    ["a port that is none", { MCP_SERVER_PORT: "99999" }, /MCP_SERVER_PORT is "99999": write a whole number from 0 to 65535/u]
  ] as const)("%s is an error at the start", ([, env, message]) =>
    Effect.gen(function*() {
      assert.match(yield* problemOf(env), message)
    }))
})
