import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import type { Resource } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import { AttributeCipher, Inventory, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option, Redacted, Stream } from "effect"
import * as fc from "fast-check"
import { backends } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const keyOf = (seed: string): Redacted.Redacted<Uint8Array> => Redacted.make(Buffer.from(seed.padEnd(32, ".").slice(0, 32)))
const resource: Resource = {
  ...resourceOf(cells[0]!, 1),
  attributes: {
    environment: { DB_URL: "planted-secret", list: [{ name: "a", value: "planted-secret" }, { name: "b" }, 3] },
    state: "running",
    none: null
  }
}

const settings = (env: Readonly<Record<string, string>>) => ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))
const base64 = Buffer.from(Redacted.value(keyOf("one"))).toString("base64")
const hex = Buffer.from(Redacted.value(keyOf("two"))).toString("hex")

const everyBackend = backends()

describe("AttributeCipher", () => {
  it.effect("whatever is sealed is not there, and comes back as it was", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
          fc.array(fc.constantFrom("attributes", "attributes.a", "attributes.a.b", "attributes.environment.list.value", "attributes.__proto__.x"), { maxLength: 3 }),
          (attributes, paths) =>
            Effect.runPromise(Effect.gen(function*() {
              const given = {
                ...resource,
                attributes: { ...resource.attributes, a: { b: "planted-secret", c: 1 }, ...Object.fromEntries(Object.entries(attributes)) }
              } as Resource
              const stored = JSON.parse(JSON.stringify(AttributeCipher.make({ keys: [keyOf("one")], paths }).seal(given))) as AttributeCipher.StoredResource
              if (paths.includes("attributes")) assert.notInclude(JSON.stringify(stored), "planted-secret")
              const opened = yield* AttributeCipher.make({ keys: [keyOf("two"), keyOf("one")], paths: [] }).open(stored)
              assert.deepStrictEqual(opened, JSON.parse(JSON.stringify(given)))
            }))
        ),
        { numRuns: 200 }
      )
    ))

  it.effect("the wrong key, another resource or a changed letter is an error, never garbage", () =>
    Effect.gen(function*() {
      const cipher = AttributeCipher.make({ keys: [keyOf("one")], paths: ["attributes.environment"] })
      const stored = cipher.seal(resource)
      assert.deepStrictEqual(Object.keys(stored.attributes), ["state", "none"])
      const wrong = yield* Effect.flip(AttributeCipher.make({ keys: [keyOf("two")], paths: [] }).open(stored))
      assert.match(wrong.message, /encrypted under the key [0-9a-f]{8}, which is none of the 1 keys at hand/u)
      assert.match((yield* Effect.flip(cipher.open({ ...stored, arn: "arn:other" }))).message, /not what was written/u)
      const [version, id, body] = stored.sealed!.split(".") as [string, string, string]
      for (const at of [0, 20, body.length - 2]) {
        const changed = `${body.slice(0, at)}${body[at] === "A" ? "B" : "A"}${body.slice(at + 1)}`
        const error = yield* Effect.flip(cipher.open({ ...stored, sealed: `${version}.${id}.${changed}` }))
        assert.match(error.message, /not what was written/u)
      }
      assert.match((yield* Effect.flip(cipher.open({ ...stored, sealed: `${version}.${id}.AA` }))).message, /not what was written/u)
      assert.notStrictEqual(cipher.seal(resource).sealed, stored.sealed, "a nonce is used once")
    }))

  const wrong = (what: string, env: Readonly<Record<string, string>>, problem: RegExp) =>
    it.effect(`${what} is said, and not shown`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(AttributeCipher.layer))).pipe(Effect.provide(settings(env)))
        assert.match(error.message, problem)
        assert.notInclude(error.message, "planted")
      }))
  wrong("a key that is too short", { ENCRYPTION_KEY: "cGxhbnRlZA==planted" }, /ENCRYPTION_KEY is not a key of 32 bytes/u)
  wrong("a file that is not there", { ENCRYPTION_KEY_FILE: "/nowhere/planted" }, /ENCRYPTION_KEY_FILE is not a file/u)
  wrong("an old key that is none", { ENCRYPTION_KEY: base64, ENCRYPTION_OLD_KEYS: "planted" }, /ENCRYPTION_OLD_KEYS/u)
  wrong("a path outside of the attributes", { ENCRYPTION_KEY: base64, ENCRYPTED_ATTRIBUTES: "tags.Owner" }, /ENCRYPTED_ATTRIBUTES is "tags.Owner"/u)
  wrong("a path without a key", { ENCRYPTED_ATTRIBUTES: "attributes.environment" }, /there is no key/u)

  it.live("keys come from a file, the current one first", () =>
    Effect.gen(function*() {
      const url = yield* everyBackend[0]!.fresh
      if (url._tag !== "Sqlite") return assert.fail()
      const file = `${url.path}.key`
      mkdirSync(dirname(url.path), { recursive: true })
      writeFileSync(file, `${hex}\n${base64}\n`, { mode: 0o600 })
      const cipherOf = (env: Readonly<Record<string, string>>) =>
        Effect.provide(AttributeCipher.AttributeCipher, Layer.provide(AttributeCipher.layer, settings(env)))
      const old = yield* cipherOf({ ENCRYPTION_KEY: base64, ENCRYPTED_ATTRIBUTES: "attributes" })
      const now = yield* cipherOf({ ENCRYPTION_KEY_FILE: file, ENCRYPTED_ATTRIBUTES: "attributes" })
      assert.deepStrictEqual(yield* now.open(old.seal(resource)), resource)
      assert.match((yield* Effect.flip(old.open(now.seal(resource)))).message, /none of the 1 keys/u)
    }).pipe(Effect.scoped))
})

describe.each(everyBackend)("encrypted attributes in $name", ({ fresh }) => {
  it.live("are nowhere in the database, with everything else as it was", () =>
    Effect.gen(function*() {
      const url = yield* fresh
      const env = { ENCRYPTION_KEY: base64, ENCRYPTED_ATTRIBUTES: "attributes.environment" }
      const read = (env: Readonly<Record<string, string>>) =>
        Effect.gen(function*() {
          const inventory = yield* Inventory
          const begun = yield* (yield* Journal).begin({ key: { estate: "aws", variant: "full" }, request: "all", resume: false })
          const kept = yield* begun!.journal.find(cells[0]!)
          return {
            items: yield* Effect.result(inventory.search({ estate: "aws", text: "v1", tags: { Owner: resource.tags!.Owner! } })),
            pages: Option.isNone(kept) ? undefined : yield* Effect.result(Stream.runCollect(kept.value.pages))
          }
        }).pipe(Effect.provide([Store.layer(url), Store.journal(url)]), Effect.provide(settings(env)), Effect.scoped)
      yield* Effect.gen(function*() {
        const begun = yield* (yield* Journal).begin({ key: { estate: "aws", variant: "full" }, request: "all", resume: false })
        yield* begun!.journal.append(cells[0]!, [resource])
        yield* begun!.journal.end(resultOf(cells[0]!, 1))
        const recording = yield* (yield* Inventory).begin({ id: "one", estate: "aws" })
        yield* recording.add({ cell: cells[0]!, resources: [resource] })
      }).pipe(Effect.provide([Store.layer(url), Store.journal(url)]), Effect.provide(settings(env)), Effect.scoped)

      if (url._tag === "Sqlite") assert.notInclude(readFileSync(url.path, "latin1"), "planted-secret")
      // The key was replaced meanwhile.
      const whole = yield* read({ ENCRYPTION_KEY: hex, ENCRYPTION_OLD_KEYS: base64 })
      assert.deepStrictEqual(whole.items._tag === "Success" ? whole.items.success.items[0]?.resource : whole.items, resource)
      assert.deepStrictEqual(whole.pages?._tag === "Success" ? whole.pages.success : whole.pages, [[resource]])
      const none = yield* read({ ENCRYPTION_KEY: randomBytes(32).toString("hex") })
      assert.match(none.items._tag === "Failure" ? none.items.failure.message : "", /none of the 1 keys at hand/u)
      assert.match(none.pages?._tag === "Failure" ? none.pages.failure.message : "", /none of the 1 keys at hand/u)
    }).pipe(Effect.scoped), 60_000)
})
