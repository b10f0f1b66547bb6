import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as OAuthResource from "../src/http/OAuthResource.ts"

const keyOf = (kid: string) =>
  Effect.promise(async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256")
    return { kid, privateKey, jwk: { ...await exportJWK(publicKey), kid, alg: "ES256", use: "sig" } }
  })
type Key = Effect.Success<ReturnType<typeof keyOf>>

/** An authorization server that has the keys that it is told, and answers when it may; times are the test clock's. */
const issuer = Effect.gen(function*() {
  const keys: Array<Key> = [yield* keyOf("k1")]
  const now = { isThere: true, answers: 0, asked: 0 }
  const server = createServer((_, response) => {
    now.asked++
    if (!now.isThere) return response.writeHead(500).end()
    now.answers++
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const token = ({ kid, privateKey }: Key) =>
    Effect.promise(() =>
      new SignJWT({ iss: url, aud: "us", sub: "somebody", exp: 30 * 86_400 }).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey))
  return { keys, now, token, url }
})

const resource = (url: string, jwksStaleMs = 86_400_000) =>
  Effect.gen(function*() {
    const logs: Array<string> = []
    const log = Layer.mergeAll(
      Logger.layer([Logger.make(({ logLevel, message }) => void logs.push(`${logLevel}: ${String(message)}`))]),
      Layer.succeed(References.MinimumLogLevel, "All")
    )
    const { keys, ownerOf } = yield* OAuthResource.make({
      issuer: url,
      audience: "us",
      jwksUrl: `${url}/jwks?key=planted-secret`,
      jwksStaleMs,
      scopes: []
    }).pipe(Effect.provide(log))
    /** Whose the token is, or why it is refused. */
    const answer = (token: string) =>
      Effect.match(ownerOf(token), { onFailure: ({ reason }) => reason, onSuccess: (owner) => owner }).pipe(Effect.provide(log))
    const found = Effect.provide(keys, log)
    return { answer, keys: found, state: Effect.map(found, ({ state }) => state), logs }
  })

/** What goes on over sockets beside the test clock. */
const until = <A>(work: Effect.Effect<A>, is: (a: A) => boolean) =>
  TestClock.withLive(Effect.repeat(work, { schedule: Schedule.spaced("5 millis"), until: is }))

describe("an authorization server that is away", () => {
  it.effect("what is known is used for a day, with one warning; then nothing; its answer counts as soon as there is one", () =>
    Effect.gen(function*() {
      const { keys, now, token, url } = yield* issuer
      const [first, second] = [keys[0]!, yield* keyOf("k2")]
      const [old, fresh] = [yield* token(first), yield* token(second)]
      const { answer, keys: stateOf, logs, state } = yield* resource(url)
      assert.strictEqual(yield* answer(old), "somebody")
      assert.strictEqual(yield* state, "up")

      now.isThere = false
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual(yield* answer(old), "somebody")
      assert.strictEqual(yield* answer(fresh), "unavailable")
      assert.deepStrictEqual(yield* stateOf, {
        state: "degraded",
        why: `The keys at ${url.slice(7)}/jwks (AUTH_JWKS_URL) cannot be fetched (Expected 200 OK from the JSON Web Key Set HTTP ` +
          "response): those that are known are used until 1970-01-02T00:10:00Z"
      })
      // Who floods it with unknown keys does not have it asked.
      const before = now.asked
      const flood = yield* Effect.forEach(Array.from({ length: 40 }), () => answer(fresh), { concurrency: 8 })
      assert.deepStrictEqual(new Set(flood), new Set(["unavailable"]))
      assert.strictEqual(now.asked, before)

      yield* TestClock.adjust("23 hours")
      assert.strictEqual(yield* answer(old), "somebody")
      assert.lengthOf(logs, 1)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* answer(old), "unavailable")
      assert.strictEqual(yield* state, "down")
      assert.lengthOf(logs, 2)
      assert.match(logs[1]!, /^Warn: The keys at .* no token of the authorization server is accepted until they can$/u)

      // It has changed its keys meanwhile: nobody need bring an unknown one for that to be seen.
      keys.splice(0, 1, second)
      now.isThere = true
      const answered = now.answers
      yield* TestClock.adjust("31 seconds")
      yield* until(Effect.sync(() => logs.length), (lines) => lines === 3)
      assert.isAtLeast(now.answers, answered + 1)
      assert.strictEqual(logs[2], "Info: The keys of AUTH_JWKS_URL can be fetched again")
      assert.strictEqual(yield* answer(old), "invalid_token")
      assert.strictEqual(yield* answer(fresh), "somebody")
      assert.strictEqual(yield* state, "up")
      assert.notInclude(logs.join("\n"), "planted-secret")
    }))

  it.effect("AUTH_JWKS_STALE_SECONDS=0: nothing is used that is older than ten minutes", () =>
    Effect.gen(function*() {
      const { keys, now, token, url } = yield* issuer
      const { answer } = yield* resource(url, 0)
      const one = yield* token(keys[0]!)
      assert.strictEqual(yield* answer(one), "somebody")
      now.isThere = false
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(yield* answer(one), "somebody")
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual(yield* answer(one), "unavailable")
    }))

  it.effect("it was never there: no token is accepted until it is, which whoever calls next finds out", () =>
    Effect.gen(function*() {
      const { keys, now, token, url } = yield* issuer
      now.isThere = false
      const { answer, logs, state } = yield* resource(url)
      const one = yield* token(keys[0]!)
      assert.strictEqual(yield* answer(one), "unavailable")
      assert.strictEqual(yield* state, "down")
      assert.lengthOf(logs, 1)
      now.isThere = true
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* answer(one), "somebody")
      assert.lengthOf(logs, 2)
    }))
})

describe("an authorization server that is there", () => {
  it.effect("a new key is seen with the first token of it, one that was revoked is refused after ten minutes at most", () =>
    Effect.gen(function*() {
      const { keys, now, token, url } = yield* issuer
      const [first, second] = [keys[0]!, yield* keyOf("k2")]
      const [old, fresh] = [yield* token(first), yield* token(second)]
      const { answer, logs } = yield* resource(url)
      assert.strictEqual(yield* answer(old), "somebody")
      keys.push(second)
      // Unknown ones have it asked no more often than every 30 seconds.
      assert.strictEqual(yield* answer(fresh), "invalid_token")
      assert.strictEqual(now.asked, 1)
      yield* TestClock.adjust("31 seconds")
      const answers = yield* Effect.forEach([fresh, fresh, old], answer, { concurrency: 3 })
      assert.deepStrictEqual(answers, ["somebody", "somebody", "somebody"])
      assert.strictEqual(now.asked, 2)
      keys.shift()
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual([yield* answer(old), yield* answer(fresh)], ["invalid_token", "somebody"])
      assert.strictEqual(now.asked, 3)
      assert.deepStrictEqual(logs, [])
    }))
})
