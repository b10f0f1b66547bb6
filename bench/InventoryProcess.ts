/**
 * An inventory in a process of its own: scans everything and writes it to stdout
 * as `cadastre scan --format ndjson` does, a page at a time, each taken by the
 * pipe before the next. The reader counts the lines.
 *
 * This file is both ends: what forks, and what is forked.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Aggregate, coverageOf } from "@cadastre/aggregation"
import { coverageLine, resourceLine } from "@cadastre/report"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { coreTypes } from "./CoreTypes.ts"
import type { SimulatorProcess } from "./SimulatorProcess.ts"
import * as UnpacedScan from "./UnpacedScan.ts"

/** Where to scan. */
type Simulator = Pick<SimulatorProcess, "credentials" | "url">

/**
 * What an inventory took.
 *
 * - `resources`: lines that reached the reader, the coverage's not counted
 * - `complete`: whether the coverage says that everything was seen
 * - `cpuMs`: user and system time of the whole process, its start included
 * - `idleMiB`: resident memory before the scan, with everything loaded but the SDK's clients
 * - `peakMiB`: the most resident memory that the kernel saw (`ru_maxrss`)
 */
export interface Inventory {
  readonly resources: number
  readonly complete: boolean
  readonly cpuMs: number
  readonly idleMiB: number
  readonly peakMiB: number
}

const lineFeed = 10

/** What the built command does first: it bounds V8's heap. */
const bounds = new URL("../apps/cli/src/HeapBounds.ts", import.meta.url).href
const bounded = `--import=data:text/javascript,${encodeURIComponent(`import { keep } from ${JSON.stringify(bounds)}; keep()`)}`

/** Scans what a simulator holds, in a fresh process. `flags` are for its Node. */
export const take = async ({ credentials, url }: Simulator, flags: ReadonlyArray<string> = []): Promise<Inventory> => {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ credentials, url })], {
    execArgv: [bounded, ...flags],
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  const ended = once(child, "exit")
  let report: Omit<Inventory, "resources"> | undefined
  child.once("message", (message) => {
    report = message as typeof report
  })
  let lines = 0
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++
  }
  await ended
  if (report === undefined) throw new Error("the inventory ended early")
  return { resources: lines - 1, ...report }
}

const writeStdout = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(text, () => resume(Effect.void))
  })

const inventory = Effect.gen(function*() {
  const scan = yield* Scan
  const plan = yield* scan.plan({ types: coreTypes })
  const fold = Aggregate.fold()
  yield* Stream.runForEach(scan.run(plan), (event) => {
    fold.add(event)
    return event._tag === "ResourcesFound" ? writeStdout(event.resources.map(resourceLine).join("")) : Effect.void
  })
  const coverage = coverageOf(fold.aggregate())
  yield* writeStdout(coverageLine(coverage))
  return coverage.complete
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const simulator = JSON.parse(process.argv[2]!) as Simulator
  const idle = process.memoryUsage.rss()
  const complete = await Effect.runPromise(Effect.provide(inventory, UnpacedScan.layer(simulator)))
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  const report: Omit<Inventory, "resources"> = {
    complete,
    cpuMs: (systemCPUTime + userCPUTime) / 1000,
    idleMiB: idle / 2 ** 20,
    peakMiB: maxRSS / 2 ** 10
  }
  process.send?.(report, () => process.disconnect())
}
