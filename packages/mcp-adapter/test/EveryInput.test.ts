/** What is put into every place that takes text, of every tool, resource and prompt: found by what they say of themselves. */
import { EstateMemory } from "@cadastre/compliance"
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { McpAdapter } from "../src/index.ts"
import { collector } from "./Collector.ts"
import { connect, json, send, serve, temporaryDirectory } from "./HttpConnection.ts"
import * as Costs from "./Costs.ts"
import { countOf, placesIn } from "./StringPlaces.ts"

const arn = "arn:aws:sns:us-east-1:111122223333:topic"

/** What a tool needs beside the place, so that it comes to look at it. */
const filled = { resource_types: ["sns:topic"], resource_arn: arn, resource_arns: [arn] }

/** One way to ask for something, with a text in one place. */
interface Asked {
  readonly what: string
  readonly ask: (text: string) => Promise<unknown>
}

/** Every way there is: names that the reference has, which are not listed, among them. */
const everyPlace = Effect.fnUntraced(function*(client: Client) {
  const { tools: listed } = yield* Effect.promise(() => client.listTools())
  const unlisted = McpAdapter.everything.tools.filter(({ listed }) => !listed)
    .map(({ input, name }) => ({ name, inputSchema: input["~standard"].jsonSchema.input({ target: "draft-2020-12" }) }))
  const tools = [...listed, ...unlisted].flatMap(({ inputSchema, name }) => {
    const places = placesIn(inputSchema, filled)
    assert.strictEqual(new Set(places.map(({ path }) => path)).size, countOf(inputSchema), name)
    return places.map(({ path, put }): Asked => ({ what: `${name} ${path}`, ask: (text) => client.callTool({ name, arguments: put(text) }) }))
  })
  const { prompts } = yield* Effect.promise(() => client.listPrompts())
  const ofPrompts = prompts.flatMap(({ arguments: all = [], name }) =>
    all.map((one): Asked => ({
      what: `${name} ${one.name}`,
      ask: (text) =>
        client.getPrompt({
          name,
          arguments: { ...Object.fromEntries(all.flatMap(({ name, required }) => required === true ? [[name, arn]] : [])), [one.name]: text }
        })
    }))
  )
  const completions = prompts.flatMap(({ arguments: all = [], name }) =>
    all.map((one): Asked => ({
      what: `completion of ${name} ${one.name}`,
      ask: (value) => client.complete({ ref: { type: "ref/prompt", name }, argument: { name: one.name, value } })
    }))
  )
  const { resources } = yield* Effect.promise(() => client.listResources())
  const { resourceTemplates } = yield* Effect.promise(() => client.listResourceTemplates())
  const addresses = resourceTemplates.flatMap(({ uriTemplate }) => {
    const names = [...uriTemplate.matchAll(/\{\??(\w+)\}/gu)].map(([, name]) => name!)
    assert.isAbove(names.length, 0)
    return names.flatMap((place) =>
      [encodeURIComponent, (text: string) => text].map((write) => (text: string) =>
        names.reduce((uri, name) => {
          const value = name === place ? write(text) : "0".repeat(32)
          return uri.replace(`{${name}}`, value).replace(`{?${name}}`, `?${name}=${value}`)
        }, uriTemplate)
      )
    )
  })
  const readers = [...addresses, ...resources.map(({ uri }) => (text: string) => `${uri}/${text}`), (text: string) => text]
    .map((uriOf, at): Asked => ({ what: `resource ${at}`, ask: (text) => client.readResource({ uri: uriOf(text) }) }))
  return [...tools, ...ofPrompts, ...completions, ...readers]
})

const isNightly = process.env["CADASTRE_NIGHTLY"] === "1"

const env = {
  MAX_TOOL_CALLS_PER_SESSION: "1000000",
  MAX_IDENTICAL_CALLS: "1000000",
  MCP_REQUESTS_PER_MINUTE: "1000000",
  MAX_RUNNING_SCANS: "1000",
  MAX_RUNNING_SCANS_PER_SESSION: "1000"
}

const simulator = { estate: { regions: ["us-east-1"], counts: { "sns:topic": 2 }, costs: {} } }

const said = ({ ask }: Asked, text: string) =>
  Effect.promise(() => ask(text).then((answer) => JSON.stringify(answer), (error: unknown) => error instanceof Error ? error.message : String(error)))

/** Where the planted secrets are in a text, with what is before and after. */
const leaksIn = (where: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/.{0,100}(?:AKIAIOSFODNN7EXAMPLE|wJalrXUtnFEMI|planted-).{0,40}/gu)].map(([found]) => `${where}: ${found}`)

/** Answers that say of what they speak, which is what the caller has written: no other caller hears of it. */
const tellsWhatWasAsked =
  /^(?:generate_compliance_report filters\.tags|get_violation_history filters\.tags|validate_resource_tags resource_arns|explain_this_violation)/u

describe("every place that takes text", () => {
  it.live("a path opens nothing", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const canary = "canary-that-nobody-may-read"
      const file = join(folder, "canary.json")
      writeFileSync(file, JSON.stringify({ version: "1.0", required_tags: [{ name: canary }] }))
      const { mcp, rows } = yield* serve({
        env,
        simulator,
        costs: Costs.explorer(),
        memory: EstateMemory.layer({ _tag: "Sqlite", path: join(folder, "cadastre.db") })
      })
      const { client } = yield* connect(mcp)
      const places = yield* everyPlace(client)
      const before = readdirSync(folder).filter((name) => !name.startsWith("cadastre.db"))
      const traversals = [
        file,
        pathToFileURL(file).href,
        `${"../".repeat(12)}${file.slice(1)}`,
        ...(isNightly
          ? [`${"..%2f".repeat(12)}${encodeURIComponent(file.slice(1))}`, "/etc/passwd", "..\\..\\windows\\win.ini", `${file}\u0000.png`]
          : [])
      ]
      for (const place of places) {
        for (const text of traversals) {
          const answer = yield* said(place, text)
          assert.notMatch(answer, /root:|\[fonts\]|ENOENT|EACCES|no such file|canary-that/u, `${place.what} ${text}`)
        }
      }
      // What there was is there, and nothing else.
      assert.deepStrictEqual(readdirSync(folder).filter((name) => !name.startsWith("cadastre.db")), before)
      assert.include(readFileSync(file, "utf8"), canary)
      assert.isAbove(places.length, 150)
      assert.isTrue(rows.every(({ error }) => error !== "Defect"), rows.find(({ error }) => error === "Defect")?.action)
    }), isNightly ? 300_000 : 60_000)

  it.live("a secret is in no row, no line of any log, no trace, no page, and in no answer", () =>
    Effect.gen(function*() {
      const { requests, url: collecting } = yield* collector
      const planted = {
        access: "AKIAIOSFODNN7EXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        bearer: "Bearer planted-token-0123456789abcdef",
        store: "postgres://cadastre:planted-password@db.example/x",
        named: "password=planted-word"
      }
      // Each alone is another text to look at; all in one are as many places.
      const texts = isNightly ? Object.values(planted) : [Object.values(planted).join(" ")]
      const scope = yield* Scope.make()
      const { heard, pages, places, rows, logs, leaks } = yield* Scope.provide(
        Effect.gen(function*() {
          const path = join(yield* temporaryDirectory, "cadastre.db")
          const { logs, mcp, rows, url } = yield* serve({
            env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collecting, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
            simulator,
            costs: Costs.explorer(),
            memory: EstateMemory.layer({ _tag: "Sqlite", path })
          })
          const { client } = yield* connect(mcp)
          const heard: Array<unknown> = []
          client.setNotificationHandler("notifications/message", ({ params }) => void heard.push(params))
          // oxlint-disable-next-line typescript/no-deprecated -- it is what clients of this revision do
          yield* Effect.promise(() => client.setLoggingLevel("debug"))
          const leaks: Array<string> = []
          const places = yield* everyPlace(client)
          for (const place of places) {
            for (const text of texts) {
              const answer = yield* said(place, text)
              if (!tellsWhatWasAsked.test(place.what)) leaks.push(...leaksIn(place.what, answer))
            }
          }
          // Who asks anything else hears nothing of it.
          for (const name of ["scan", "get_violation_history", "search_inventory", "get_tagging_policy"]) {
            leaks.push(...leaksIn(name, yield* said({ what: name, ask: () => client.callTool({ name, arguments: name === "scan" ? { action: "list" } : {} }) }, "")))
          }
          const { resources } = yield* Effect.promise(() => client.listResources())
          leaks.push(...leaksIn("resources/list", JSON.stringify(resources)))
          for (const { uri } of resources.slice(0, 30)) {
            if (!uri.startsWith("cadastre://scan/")) leaks.push(...leaksIn(uri, yield* said({ what: uri, ask: () => client.readResource({ uri }) }, "")))
          }
          yield* send(mcp, { method: "POST", headers: { ...json, authorization: planted.bearer, cookie: planted.store }, body: `{"${planted.access}` })
          // A store that is gone is what servers say most about.
          const database = new DatabaseSync(path)
          for (const { name } of database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all()) {
            database.exec(`PRAGMA foreign_keys = OFF; DROP TABLE IF EXISTS "${String(name)}"`)
          }
          database.close()
          for (const ask of [
            () => client.callTool({ name: "check_tag_compliance", arguments: { store_snapshot: true, filters: { tags: { Owner: texts[0]! } } } }),
            () => client.callTool({ name: "search_inventory", arguments: { query: texts[0]! } }),
            () => client.callTool({ name: "get_violation_history", arguments: { filters: { tags: { Owner: texts[0]! } } } })
          ]) {
            const answer = yield* said({ what: "", ask }, "")
            if (!answer.includes("with tags")) leaks.push(...leaksIn("without a store", answer))
          }
          const pages = yield* Effect.forEach(["/", "/health/ready", "/metrics"], (path) => Effect.map(send(`${url}${path}`), ({ body }) => body))
          return { heard, pages, places, rows, logs, leaks }
        }),
        scope
      )
      yield* Scope.close(scope, Exit.void)
      // Completions leave no rows.
      assert.isAtLeast(rows.length, places.filter(({ what }) => !what.startsWith("completion")).length * texts.length)
      assert.isAbove(logs.length, 0)
      assert.isAbove(heard.length, 0)
      assert.isAbove(requests.length, 0)
      const written = { rows: rows.map((row) => JSON.stringify(row)), logs, heard: heard.map((one) => JSON.stringify(one)), traces: requests.map(({ body }) => body), pages }
      for (const [where, texts] of Object.entries(written)) {
        for (const text of texts) leaks.push(...leaksIn(where, text))
      }
      assert.deepStrictEqual(leaks, [])
    }), isNightly ? 300_000 : 60_000)
})
