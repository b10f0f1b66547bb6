import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { connect } from "./Connection.ts"

/** What an assistant pays before it has asked anything, bytes; four of them are about a token. */
const most = { all: 46_000, one: 7000 }

const referencesIn = (value: unknown): ReadonlyArray<string> =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, inner]) => key === "$ref" && typeof inner === "string" ? [inner] : referencesIn(inner))

describe("tools/list", () => {
  it.live("is short, and says what to send and what comes back", () =>
    Effect.gen(function*() {
      const { client } = yield* connect()
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.isAtMost(Buffer.byteLength(JSON.stringify(tools)), most.all)
      for (const tool of tools) {
        assert.isAtMost(Buffer.byteLength(JSON.stringify(tool)), most.one, tool.name)
        const { inputSchema, name, outputSchema } = tool
        // What goes in is written out: not every client follows references there.
        assert.deepStrictEqual(referencesIn(inputSchema), [], name)
        for (const reference of referencesIn(outputSchema)) {
          const [, part = ""] = /^#\/\$defs\/(\w+)$/u.exec(reference) ?? []
          assert.property(outputSchema?.["$defs"], part, name)
        }
        for (const [field, property] of Object.entries(inputSchema.properties ?? {})) {
          const { description, enum: values } = property as { readonly description?: string; readonly enum?: unknown }
          assert.isTrue(description !== undefined || values !== undefined, `${name}: ${field}`)
        }
        assert.isAbove(Object.keys(outputSchema?.properties ?? {}).length, 2)
        // Each action of the tool scan answers in a way of its own.
        if (name !== "scan") assert.isAbove(Array.isArray(outputSchema?.["required"]) ? outputSchema["required"].length : 0, 1, name)
      }
    }))

  it.live("other names for Regions and accounts are taken and not told of", () =>
    Effect.gen(function*() {
      const { client } = yield* connect({ simulator: { estate: { regions: ["us-east-1", "eu-west-1"], counts: { "sns:topic": 4 } } } })
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.notInclude(JSON.stringify(tools), "(unlisted)")
      const asked = [{ region: "eu-west-1", account_id: "111122223333" }, { regions: ["eu-west-1"], account_ids: ["111122223333"] }]
      const found = yield* Effect.forEach(asked, (filters) =>
        Effect.promise(() => client.callTool({ name: "check_tag_compliance", arguments: { resource_types: "sns:topic", filters } })))
      const [first, second] = found.map(({ isError, structuredContent }) => {
        assert.notStrictEqual(isError, true)
        const { coverage, resources_found: resources } = structuredContent as { readonly coverage: unknown; readonly resources_found: number }
        return { coverage, resources }
      })
      assert.deepStrictEqual(first, second)
      assert.isAbove(first?.resources ?? 0, 0)
    }))
})
