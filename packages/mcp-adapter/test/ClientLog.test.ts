import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CurrentClient, type LogLevel } from "../src/CurrentClient.ts"
import * as Tool from "../src/Tool.ts"
import { call } from "./Connection.ts"
import { connect, serve } from "./HttpConnection.ts"

const secret = "AKIAIOSFODNN7EXAMPLE"

const noisy = Tool.make({
  name: "noisy",
  title: "Noisy",
  description: "Says something of each level, and writes to the server's log as well.",
  input: {},
  output: Schema.Struct({}),
  call: Effect.fnUntraced(function*() {
    const client = yield* CurrentClient
    const levels: ReadonlyArray<LogLevel> = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
    for (const level of levels) yield* client.log(level, `${level} of the tool`)
    yield* Effect.logInfo("info of the server")
    yield* Effect.logWarning(`warning of the server ${secret} /home/somebody/private/file \u202E`, { token: secret })
    yield* Effect.logError(new Error("a stack trace"))
    return { structured: {}, text: "Said." }
  })
})

const served = { tools: [noisy], resources: [], prompts: [] }

const listen = (client: Client) => {
  const heard: Array<{ readonly level: string; readonly data: unknown }> = []
  client.setNotificationHandler("notifications/message", ({ params: { data, level } }) => void heard.push({ level, data }))
  return heard
}

const ofTool = (heard: ReturnType<typeof listen>) => heard.filter(({ data }) => String(data).endsWith("of the tool")).map(({ level }) => level)

describe("what the client hears of the log", () => {
  it.live("previous revision: warnings and worse; after logging/setLevel what it asked for", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ served })
      const { client } = yield* connect(mcp)
      const other = yield* connect(mcp)
      const heard = listen(client)
      yield* call(client, "noisy")
      assert.deepStrictEqual(ofTool(heard), ["warning", "error", "critical", "alert", "emergency"])
      const server = heard.filter(({ data }) => /of the server/u.test(String(data)))
      assert.deepStrictEqual(server.map(({ level }) => level), ["warning"])
      // No secret, no path, nothing hidden, no annotation, and no cause.
      assert.notMatch(JSON.stringify(heard), /AKIA|somebody|\u202E|stack trace/u)
      assert.include(String(server[0]?.data), "\\u{202e}")
      // oxlint-disable-next-line typescript/no-deprecated -- it is what clients of this revision do
      yield* Effect.promise(() => client.setLoggingLevel("alert"))
      heard.length = 0
      yield* call(client, "noisy")
      assert.deepStrictEqual(heard.map(({ level }) => level), ["alert", "emergency"])
      // oxlint-disable-next-line typescript/no-deprecated -- it is what clients of this revision do
      yield* Effect.promise(() => client.setLoggingLevel("debug"))
      heard.length = 0
      yield* call(client, "noisy")
      assert.strictEqual(ofTool(heard).length, 8)
      assert.isTrue(heard.some(({ data }) => data === "info of the server"))
      // What one session asks for is not another's.
      const others = listen(other.client)
      yield* call(other.client, "noisy")
      assert.strictEqual(ofTool(others).length, 5)
    }))

  it.live("current revision: nothing, unless the request asks", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ served })
      const { client } = yield* connect(mcp, { revision: "current" })
      const heard = listen(client)
      yield* call(client, "noisy")
      assert.deepStrictEqual(heard, [])
      yield* Effect.promise(() =>
        client.callTool({ name: "noisy", arguments: {}, _meta: { "io.modelcontextprotocol/logLevel": "error" } })
      )
      assert.deepStrictEqual(ofTool(heard), ["error", "critical", "alert", "emergency"])
    }))
})
