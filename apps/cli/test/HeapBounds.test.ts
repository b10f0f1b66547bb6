import { execFileSync } from "node:child_process"
import { assert, it } from "@effect/vitest"

const module = new URL("../src/HeapBounds.ts", import.meta.url).href

interface Seen {
  /** The largest heap, in MiB. */
  readonly most: number
  readonly majors: number
}

/** Keeps so much and makes much more garbage, some of which lives through a few collections. */
const program = (bounds: string, keptMiB: number): string => `
  import { getHeapStatistics } from "node:v8"
  import { PerformanceObserver } from "node:perf_hooks"
  ${bounds}
  let majors = 0
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === 4) majors++
  }).observe({ entryTypes: ["gc"] })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const kept = []
  for (let at = 0; at < ${keptMiB}; at++) {
    kept.push(Array.from({ length: 131_072 }, (_, at) => at + 0.5))
    await turn()
  }
  const late = []
  let most = 0
  for (let round = 0; round < 150; round++) {
    late[round % 12] = Array.from({ length: 20_000 }, (_, at) => ({ at, round, text: "a" + at }))
    const { total_heap_size } = getHeapStatistics()
    most = Math.max(most, total_heap_size)
    await turn()
  }
  console.log(JSON.stringify({ kept: kept.length, most: most / 2 ** 20, majors }))
`

const run = (isBounded: boolean, keptMiB: number): Seen => {
  const bounds = isBounded ? `(await import(${JSON.stringify(module)})).keep()` : ""
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", program(bounds, keptMiB)], { encoding: "utf8" })
  return JSON.parse(said) as Seen
}

it("the heap stays near what is in use, where V8 alone lets it grow", () => {
  const [bounded, free] = [run(true, 40), run(false, 40)]
  assert.isBelow(bounded.most, 130)
  assert.isBelow(bounded.most, free.most * 0.8)
})

it("a heap that is full of what is in use is left to V8, which is not kept busy by it", () => {
  const { majors, most } = run(true, 250)
  assert.isBelow(most, 480)
  assert.isBelow(majors, 40)
})
