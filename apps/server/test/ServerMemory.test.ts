import { Simulator } from "@cadastre/aws-simulator"
import { assert, inject, it } from "@effect/vitest"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const main = inject("mains")["server"]!

it.live("what one server has stored, the next one remembers", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ estate: { regions: ["us-east-1"], resources: 0, counts: { "sns:topic": 5 } } })
    const cwd = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-server-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    writeFileSync(join(cwd, "tagging_policy.json"), JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }] }))
    const { accessKeyId, secretAccessKey } = simulator.credentials()
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: cwd,
      DATABASE_URL: `sqlite:${join(cwd, "store.db")}`,
      AWS_ENDPOINT_URL: simulator.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey
    }
    const connected = <A>(use: (client: Client) => Promise<A>) =>
      Effect.promise(async () => {
        const client = new Client({ name: "test", version: "1.0.0" })
        await client.connect(new StdioClientTransport({ command: process.execPath, args: [main], cwd, env, stderr: "ignore" }))
        try {
          return await use(client)
        } finally {
          await client.close()
        }
      })
    const call = async (client: Client, name: string, args: Readonly<Record<string, unknown>>) => {
      const { content, isError, structuredContent } = await client.callTool({ name, arguments: { ...args } })
      assert.notStrictEqual(isError, true, JSON.stringify(content))
      return structuredContent as any
    }
    const stored = yield* connected((client) =>
      call(client, "check_tag_compliance", { resource_types: "sns:topic", store_snapshot: true }))
    assert.isTrue(stored.stored_in_history)
    const [history, found] = yield* connected(async (client) => [
      await call(client, "get_violation_history", { resource_types: "sns:topic" }),
      await call(client, "search_inventory", {})
    ])
    assert.deepStrictEqual(history.history.map((one: any) => one.compliance_score), [stored.compliance_score])
    assert.sameMembers(
      found.resources.map((one: any) => one.resource_arn),
      [...simulator.estate.resources()].map(({ arn }) => arn)
    )
  }), 60_000)
