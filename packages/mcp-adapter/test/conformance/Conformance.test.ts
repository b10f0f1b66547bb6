import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serve } from "../HttpConnection.ts"
import { fixtures } from "./Fixtures.ts"
import * as Suite from "./Suite.ts"

/** The suite calls the same tools more often than an assistant may. */
const env = {
  MAX_IDENTICAL_CALLS: "1000",
  MAX_TOOL_CALLS_PER_SESSION: "100000",
  MAX_UNKNOWN_TOOL_CALLS: "1000",
  MCP_REQUESTS_PER_MINUTE: "100000"
}

/** As many scenarios as each revision requires of a server, by the suite's own list. */
const required = [["2025-11-25", 30], ["2026-07-28", 37]] as const

describe.each(required)("the official conformance suite, revision %s", (revision, scenarios) => {
  it.live("the adapter does what the suite requires, with the suite's own tools, resources and prompts", () =>
    Effect.gen(function*() {
      const { mcp } = yield* serve({ served: fixtures, env })
      const found = yield* Suite.run(mcp.href, revision)
      assert.isAtLeast(found.size, scenarios)
      assert.isAbove([...found.values()].flat().filter(({ status }) => status === "SUCCESS").length, 2 * scenarios)
      const { stale, unexpected } = Suite.compared(found, Suite.baseline("baseline-fixtures.txt", revision))
      assert.deepStrictEqual(unexpected, [])
      assert.deepStrictEqual(stale, [])
    }), 60_000)

  it.live("Cadastre's own server does what the suite asks of any server", () =>
    Effect.gen(function*() {
      // The suite calls tools of the server's own as well, which scan.
      const { mcp } = yield* serve({ env, simulator: { estate: { regions: ["us-east-1"], resources: 0 } } })
      const found = yield* Suite.run(mcp.href, revision)
      const { stale, unexpected } = Suite.compared(found, Suite.baseline("baseline-product.txt", revision))
      assert.deepStrictEqual(unexpected, [])
      assert.deepStrictEqual(stale, [])
    }), 60_000)
})
