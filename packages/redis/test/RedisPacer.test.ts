import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Simulator } from "@cadastre/aws-simulator"
import { rateLimitOf } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { excess, longestDelay, wallMs } from "./Arrivals.ts"
import { isInstalled, redisServer } from "@cadastre/test-servers/RedisServer"

const limit = rateLimitOf("sns", "ListTopics")
const share = 0.5

interface Worked {
  readonly passed: number
  readonly failures: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
  readonly admitted: ReadonlyArray<number>
  readonly stallMs: number
}

/** A process of its own that calls `ListTopics`. It waits for `go` when it is ready. */
const worker = (
  simulator: Simulator["Service"],
  redisUrl: string,
  options: { readonly milliseconds: number; readonly fibers: number; readonly go: Effect.Effect<void> }
) =>
  Effect.gen(function*() {
    const { accessKeyId, secretAccessKey } = simulator.credentials()
    const ready = yield* Deferred.make<void>()
    const child = spawn(process.execPath, [
      fileURLToPath(new URL("worker.ts", import.meta.url)),
      simulator.url,
      accessKeyId,
      secretAccessKey,
      `${options.milliseconds}`,
      `${options.fibers}`
    ], {
      env: { PATH: process.env.PATH, REDIS_URL: redisUrl, RATE_LIMIT_SHARE: `${share}`, AWS_MAX_RETRIES: "0" },
      stdio: ["pipe", "pipe", "inherit"]
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => void child.kill("SIGKILL")))
    const ended = yield* Effect.callback<string>((resume) => {
      let said = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text
        if (said.startsWith("ready\n")) Deferred.doneUnsafe(ready, Effect.void)
      })
      child.once("close", () => resume(Effect.succeed(said)))
    }).pipe(Effect.forkScoped)
    yield* Deferred.await(ready)
    return Effect.gen(function*() {
      yield* options.go
      child.stdin.write("go\n")
      const said = yield* Fiber.join(ended)
      return JSON.parse(said.split("\n")[1] ?? "") as Worked
    })
  })

/** When each call came to AWS, in milliseconds. */
const recorded = Effect.gen(function*() {
  const times: Array<number> = []
  const simulator = yield* Simulator.make({
    estate: { counts: { "sns:topic": { "us-east-1": 5 } } },
    throttling: ({ operation }) => {
      if (operation === "ListTopics") times.push(wallMs())
      return "aws"
    }
  })
  return { simulator, times }
})

/**
 * What the busiest window holds beyond the share, judged by when AWS saw the
 * calls. A token may be used later than it was given, by as long as the machine
 * lets a process wait, and a call comes later than it went out.
 */
const beyond = (arrived: ReadonlyArray<number>, workers: ReadonlyArray<Worked>): number => {
  const admitted = workers.flatMap((worker) => worker.admitted)
  const stallMs = Math.max(...workers.map((worker) => worker.stallMs))
  return excess(arrived, allowed, longestDelay(admitted, arrived) + stallMs + answerMs)
}

const allowed = { capacity: share * limit.capacity, rate: share * limit.refillPerSecond }

/** How long Redis's answer takes to reach who asked, and a timer to end, on a machine with nothing else to do. */
const answerMs = 10

describe.skipIf(!isInstalled)("RedisPacer", () => {
  it.live("Property 21: two processes stay together within the share, use it, and share it fairly", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const { simulator, times } = yield* recorded
      const options = { milliseconds: 2500, fibers: 12, go: Effect.void }
      const workers = yield* Effect.all([worker(simulator, redis.url, options), worker(simulator, redis.url, options)], {
        concurrency: 2
      })
      const [one, two] = yield* Effect.all(workers, { concurrency: 2 })
      const total = one.passed + two.passed
      assert.deepStrictEqual([one.failures, two.failures, one.warnings, two.warnings], [[], [], [], []])
      assert.strictEqual(times.length, total)
      assert.isAtMost(beyond(times, [one, two]), 1)
      const ideal = share * (limit.capacity + (limit.refillPerSecond * (times.at(-1)! - times[0]!)) / 1000)
      assert.isAtLeast(total, 0.9 * ideal)
      assert.isAtLeast(Math.min(one.passed, two.passed), 0.35 * total)
    }), 30_000)

  it.live("Redis that ends in mid-run ends nothing: both go on, within the share, with one warning each", () =>
    Effect.gen(function*() {
      const redis = yield* redisServer()
      const { simulator, times } = yield* recorded
      const options = { milliseconds: 2500, fibers: 12, go: Effect.void }
      const workers = yield* Effect.all([worker(simulator, redis.url, options), worker(simulator, redis.url, options)], {
        concurrency: 2
      })
      const both = yield* Effect.forkChild(Effect.all(workers, { concurrency: 2 }))
      yield* Effect.sleep("1 second")
      yield* redis.kill
      const killedAt = wallMs()
      const [one, two] = yield* Fiber.join(both)
      assert.deepStrictEqual([one.failures, two.failures], [[], []])
      for (const { warnings } of [one, two]) {
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0], `127.0.0.1:${redis.port}`)
        assert.include(warnings[0], "1/2 of its share")
      }
      // Each process's own bucket may hold the one token that is less than whole.
      assert.isAtMost(beyond(times, [one, two]), 2)
      const after = times.filter((at) => at > killedAt + 100)
      assert.isAtLeast(after.length, 0.8 * share * limit.refillPerSecond * ((times.at(-1)! - killedAt - 100) / 1000))
    }), 30_000)
})
