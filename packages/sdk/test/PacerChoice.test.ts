import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

/** In a process of its own, since a module is loaded only once: the Redis client's files that building the layer loads. */
const loaded = (env: Readonly<Record<string, string>>) =>
  Effect.promise(async () => {
    const script = `
      import { createRequire } from "node:module"
      import { Effect, Layer, Logger } from "effect"
      const { layerPacer } = await import(${JSON.stringify(fileURLToPath(new URL("../src/PacerChoice.ts", import.meta.url)))})
      await Effect.runPromise(Effect.scoped(Layer.build(layerPacer)).pipe(Effect.provide(Logger.layer([]))))
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("@redis")).length)`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: { PATH: process.env.PATH, ...env }
    })
    return Number(stdout)
  })

describe("the pacer", () => {
  it.live("loads no Redis client unless REDIS_URL names a Redis", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* loaded({}), 0)
      assert.strictEqual(yield* loaded({ REDIS_URL: "" }), 0)
      assert.isAbove(yield* loaded({ REDIS_URL: "redis://127.0.0.1:1" }), 0)
    }))
})
