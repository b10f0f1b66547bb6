import { execFileSync } from "node:child_process"
import { assert, it } from "@effect/vitest"

const module = new URL("../src/HeapBounds.ts", import.meta.url).href

/** Keeps 40 MiB and makes thirty times as much garbage, some of which lives through a few collections. Prints the largest heap. */
const program = (bounds: string): string => `
  import { getHeapStatistics } from "node:v8"
  ${bounds}
  const kept = Array.from({ length: 40 }, () => Array.from({ length: 131_072 }, (_, at) => at + 0.5))
  const late = []
  let most = 0
  for (let round = 0; round < 150; round++) {
    late[round % 12] = Array.from({ length: 20_000 }, (_, at) => ({ at, round, text: "a" + at }))
    const { total_heap_size } = getHeapStatistics()
    most = Math.max(most, total_heap_size)
    await new Promise((resolve) => setImmediate(resolve))
  }
  console.log(JSON.stringify({ kept: kept.length, most: most / 2 ** 20 }))
`

const most = (bounds: string): number => {
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", program(bounds)], { encoding: "utf8" })
  return (JSON.parse(said) as { readonly most: number }).most
}

it("the heap stays near what is in use, where V8 alone lets it grow", () => {
  const [bounded, free] = [most(`(await import(${JSON.stringify(module)})).keep()`), most("")]
  assert.isBelow(bounded, 130)
  assert.isBelow(bounded, free * 0.8)
})
