import { AuditLog, type AuditRow, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { redact, redactText } from "../src/Redaction.ts"
import { backends } from "./Backends.ts"

/** An hour ago: what is older than a year is forgotten. */
const today = Date.now() - 3_600_000

const row = (n: number, more: Partial<AuditRow> = {}): AuditRow => ({
  at: today + n,
  correlationId: `call-${n}`,
  session: `session-${n % 2}`,
  principal: "arn:aws:sts::111122223333:assumed-role/Auditor/ana",
  action: n % 3 === 0 ? "check_tag_compliance" : "find_untagged_resources",
  parameters: { resource_types: ["ec2:instance"], n },
  outcome: n % 5 === 0 ? "refused" : "success",
  durationMs: n,
  awsCalls: 3,
  costMicros: 10_000,
  ...more
})

/** Parts put together, so that nobody takes them for secrets of this repository. */
const secrets = {
  id: ["AKIA", "Z7Q4X2M9K3L8P5W1"].join(""),
  key: ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYzExampleKE"].join(""),
  jwt: ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "c2lnbmF0dXJl"].join("."),
  word: "hunter2-planted"
}

describe.each(backends())("the audit log in $name", ({ fresh, tamper }) => {
  it.live("gives rows back newest first, by whatever they are asked for", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        const rows = Array.from({ length: 30 }, (_, n) => row(n))
        // Several in the same millisecond.
        rows.push(row(29, { correlationId: "twin" }), { ...row(29, { correlationId: "bare" }), error: "Throttled" })
        yield* Effect.forEach(rows, audit.append, { discard: true })
        const ids = (entries: ReadonlyArray<{ readonly correlationId: string }>) => entries.map(({ correlationId }) => correlationId)
        const newest = rows.toReversed()

        const all = yield* audit.query({})
        assert.deepStrictEqual(ids(all), ids(newest))
        const { digest: _digest, id: _id, ...bare } = all[0]!
        assert.deepStrictEqual(bare, rows.at(-1)!)
        assert.match(all[0]!.digest, /^[0-9a-f]{64}$/u)

        const chosen = yield* audit.query({ action: "check_tag_compliance", outcome: "success", session: "session-1", from: today + 5 })
        assert.deepStrictEqual(
          ids(chosen),
          ids(newest.filter(({ action, at, outcome, session }) =>
            action === "check_tag_compliance" && outcome === "success" && session === "session-1" && at >= today + 5))
        )
        assert.deepStrictEqual(ids(yield* audit.query({ correlationId: "twin" })), ["twin"])

        const paged: Array<string> = []
        let page = yield* audit.query({ limit: 7 })
        while (page.length > 0) {
          paged.push(...ids(page))
          page = yield* audit.query({ limit: 7, before: page.at(-1)! })
        }
        assert.deepStrictEqual(paged, ids(newest))
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))

  it.live("holds no secret, and knows equal calls whatever the order of their parameters", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        yield* audit.append(row(1, { parameters: { a: 1, b: { c: 2, d: [3] } } }))
        yield* audit.append(row(2, { parameters: { b: { d: [3], c: 2 }, a: 1 } }))
        yield* audit.append(row(3, {
          principal: `Bearer ${secrets.jwt}`,
          error: `connect to postgres://user:${secrets.word}@db/x failed`,
          parameters: {
            query: `key ${secrets.id} and ${secrets.key}`,
            nested: [{ password: secrets.word, [secrets.id]: 1, url: `https://u:${secrets.word}@host/?token=${secrets.word}` }],
            text: "x".repeat(2000)
          }
        }))
        yield* audit.append(row(4, { parameters: { text: "long ".repeat(10_000) } }))
        const [long, secret, second, first] = yield* audit.query({})
        assert.strictEqual(first!.digest, second!.digest)
        const said = JSON.stringify(secret)
        for (const word of Object.values(secrets)) assert.notInclude(said, word)
        assert.include(said, "[redacted]")
        assert.strictEqual(long!.parameters, null)
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))

  it.live("forgets what is older than a year", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      yield* Effect.gen(function*() {
        const audit = yield* AuditLog
        const now = Date.now()
        yield* Effect.forEach(Array.from({ length: 600 }, (_, n) => row(n, { at: n })), audit.append, { discard: true, concurrency: 4 })
        yield* audit.append(row(0, { at: now - 364 * 86_400_000, correlationId: "kept" }))
        yield* Store.prune(url)
        assert.deepStrictEqual((yield* audit.query({})).map(({ correlationId }) => correlationId), ["kept"])
        tamper(url, "UPDATE @audit SET outcome = 'nonsense'")
        assert.match((yield* Effect.flip(audit.query({}))).message, /Somebody has changed the audit log/u)
      }).pipe(Effect.provide(Store.layer(url)))
    }).pipe(Effect.scoped), 60_000)
})

describe("redaction", () => {
  it("leaves what is no secret as it is", () => {
    const plain = [
      "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0",
      "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      "2026-11-21T00:00:00.000Z",
      "https://example.com/path@1",
      "a sentence about tokens and passwords"
    ]
    for (const text of plain) assert.strictEqual(redactText(text), text)
    assert.deepStrictEqual(redact({ n: 1, yes: true, none: null, list: plain }), { n: 1, yes: true, none: null, list: plain })
  })

  it("takes a planted secret out of whatever it is in", () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...Object.values(secrets).slice(0, 3)), fc.array(fc.string(), { maxLength: 4 }), (value, secret, path) => {
        let planted = value as Parameters<typeof redact>[0]
        for (const key of path) planted = { [`k${key}`]: planted, s: `before ${secret} after` }
        assert.notInclude(JSON.stringify(redact({ planted, s: ` ${secret}` })), secret)
      }),
      { numRuns: 200 }
    ))
})
