import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { createClient } from "@redis/client"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"

describe.skipIf(!isInstalled)("the README's example", () => {
  it.live("runs as it stands, and its limits are in Redis", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { counts: { "sns:topic": { "us-east-1": 7 } } } })
      const redis = yield* redisServer()
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8")
      const [, example = ""] = /```ts\n([\s\S]*?)```/u.exec(readme)!
      // Beside the tests, where its imports resolve.
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(fileURLToPath(new URL(".", import.meta.url)), ".readme-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const file = join(folder, "example.ts")
      writeFileSync(file, example)
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, [file], {
          env: {
            PATH: process.env.PATH,
            REDIS_URL: redis.url,
            AWS_REGION: "us-east-1",
            AWS_ENDPOINT_URL: simulator.url,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey
          }
        })
      )
      assert.strictEqual(stdout.match(/arn:aws:sns:us-east-1:/gu)?.length, 7)
      const client = yield* Effect.promise(() => createClient({ url: redis.url, RESP: 2 }).connect())
      const keys = yield* Effect.promise(() => client.sendCommand(["KEYS", "*"]))
      client.destroy()
      assert.sameMembers(keys as unknown as Array<string>, [
        "cadastre:pace:processes",
        "cadastre:pace:111122223333/us-east-1/sns/ListTopics",
        // Asked before the account is known.
        "cadastre:pace:000000000000/us-east-1/sts/*"
      ])
    }), 30_000)
})
