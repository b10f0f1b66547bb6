import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("./Day.ts", import.meta.url))

const day = (hours: number) =>
  Effect.callback<{ readonly heap: ReadonlyArray<number>; readonly calls: number; readonly sessions: number; readonly failures: ReadonlyArray<string> }>(
    (resume) => {
      const child = execFile(process.execPath, ["--expose-gc", script, String(hours)], (error, stdout, stderr) => {
        resume(error === null ? Effect.sync(() => JSON.parse(stdout)) : Effect.die(new Error(`${error.message}: ${stderr}`)))
      })
      return Effect.sync(() => void child.kill("SIGKILL"))
    }
  )

describe("24 hours", () => {
  it.live("of clients that come and go leave nothing behind", () =>
    Effect.gen(function*() {
      const { calls, failures, heap, sessions } = yield* day(24)
      assert.deepStrictEqual(failures, [])
      assert.isAbove(calls, 2500)
      // Those that left without a word are forgotten after half an hour.
      assert.isAtMost(sessions, 12)
      const [first, half, last] = heap
      // Within the first hours what is kept fills up to its bounds: 5 MB of 80. From then on, 1 kB for each call would show.
      assert.isBelow(last! - half!, 1400 * 1024, heap.join())
      assert.isBelow(last!, first! * 1.1, heap.join())
    }), 120_000)
})
