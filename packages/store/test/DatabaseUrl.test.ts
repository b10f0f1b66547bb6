import { DatabaseUrl, databasePath } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"

const read = (url?: string) =>
  Effect.provide(
    DatabaseUrl.databaseUrl,
    ConfigProvider.layer(ConfigProvider.fromEnvRecord(url === undefined ? {} : { DATABASE_URL: url }))
  )

describe("DATABASE_URL", () => {
  it.effect.each([
    ["sqlite:///var/lib/cadastre.db", "/var/lib/cadastre.db"],
    ["sqlite:/var/lib/cadastre.db", "/var/lib/cadastre.db"],
    ["sqlite:cadastre.db", "cadastre.db"],
    ["file:///var/lib/a%20b.db", "/var/lib/a b.db"]
  ])("%s is a file", ([url, path]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(url), { _tag: "Sqlite", path: path! })
    }))

  it.effect("is the user's own file where it is not set", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(""), yield* read())
      assert.deepStrictEqual(yield* read(), { _tag: "Sqlite", path: databasePath() })
    }))

  it.effect.each(["postgres://u:planted@h:5/d", "postgresql://h/d"])("%s is a server", (url) =>
    Effect.gen(function*() {
      const read1 = yield* read(url)
      assert.strictEqual(read1._tag === "Postgres" ? Redacted.value(read1.url) : "", url)
      assert.notInclude(JSON.stringify(read1), "planted")
    }))

  it.effect.each([
    "planted",
    "mysql://u:planted@h/d",
    "postgres://",
    "postgres:///planted",
    "sqlite://host/planted",
    "sqlite:",
    "sqlite:///",
    "file://host/planted"
  ])("%s is one clear error that does not show it", (url) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(read(url))
      assert.match(error.message, /DATABASE_URL is not the address of a database: write postgres:\/\//u)
      assert.notInclude(error.message, "planted")
    }))
})
