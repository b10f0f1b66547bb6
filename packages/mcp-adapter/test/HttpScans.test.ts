import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { call } from "./Connection.ts"
import { connect, serve } from "./HttpConnection.ts"

const simulator = {
  estate: { regions: ["us-east-1"], resources: 0, counts: { "sqs:queue": 20, "sns:topic": 2 } },
  pageSize: ({ service }: { readonly service: string }) => service === "sqs" ? 1 : 100,
  latency: 40
}

describe("long scans over HTTP", () => {
  it.live("go on between calls, and are their session's alone", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator, env: { TOOL_TIMEOUT_SECONDS: "1", MAX_TOOL_CALLS_PER_SESSION: "1000" } })
      const { client } = yield* connect(mcp)
      const { client: stranger } = yield* connect(mcp)
      yield* Effect.promise(() => client.listTools())
      const begun = yield* call(client, "check_tag_compliance", { resource_types: ["sqs:queue", "sns:topic"] }, { timeout: 1500 })
      assert.strictEqual(begun.structured.status, "running")
      const { scan_id } = begun.structured
      const theirs = yield* call(stranger, "scan", { action: "status", scan_id })
      assert.isTrue(theirs.isError)
      assert.match(theirs.text, /has no such scan/u)
      const ended = yield* call(client, "scan", { action: "status", scan_id }).pipe(
        Effect.repeat({ until: ({ structured }) => structured.status !== "running", schedule: Schedule.spaced("50 millis") }),
        Effect.timeout("20 seconds")
      )
      assert.strictEqual(ended.structured.status, "finished")
      const { structured } = yield* call(client, "scan", { action: "result", scan_id })
      assert.strictEqual(structured.result.resources_found, 22)
      assert.isTrue(structured.result.coverage.complete)
    }), 30_000)

  it.live("without sessions are their caller's, from one request to the next", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ simulator: { ...simulator, latency: 0 } })
      const { client } = yield* connect(mcp, { revision: "current" })
      const { structured: { scan_id } } = yield* call(client, "check_tag_compliance", { resource_types: "sqs:queue" })
      const { structured } = yield* call(client, "scan", { action: "status", scan_id })
      assert.strictEqual(structured.status, "finished")
    }))
})
