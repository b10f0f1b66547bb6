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
import type { SimulatorProcess } from "./SimulatorProcess.ts"
import * as UnpacedScan from "./UnpacedScan.ts"

/**
 * What an inventory took.
 *
 * - `resources`: lines that reached the reader, the coverage's not counted
 * - `complete`: what the coverage in the last line says
 * - `cpuMs`: user and system time of the whole process, its start included
 * - `idleMiB`: resident memory before the scan, everything loaded that is always loaded
 * - `peakMiB`: the most resident memory that the kernel saw (`ru_maxrss`)
 */
export interface Inventory {
  readonly resources: number
  readonly bytes: number
  readonly complete: boolean
  readonly cpuMs: number
  readonly wallMs: number
  readonly idleMiB: number
  readonly peakMiB: number
}

type Usage = Pick<Inventory, "cpuMs" | "idleMiB" | "peakMiB">

const mib = (kib: number): number => kib / 1024

/** Scans what a simulator holds in a fresh process. `flags` are for its Node. */
export const take = async (
  simulator: Pick<SimulatorProcess, "credentials" | "url">,
  flags: ReadonlyArray<string> = []
): Promise<Inventory> => {
  const startedAt = performance.now()
  const { credentials, url } = simulator
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ credentials, url })], {
    execArgv: [...flags],
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  const said = once(child, "message") as Promise<[Usage]>
  const ended = once(child, "exit")
  let lines = 0
  let bytes = 0
  let tail = Buffer.alloc(0)
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length
    let last = -1
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
      lines++
      if (at < chunk.length - 1) last = at
    }
    tail = last < 0 ? Buffer.concat([tail, chunk]) : chunk.subarray(last + 1)
  }
  const [usage] = await Promise.race([said, ended.then(() => Promise.reject(new Error("the inventory ended early")))])
  await ended
  const { coverage } = JSON.parse(tail.toString("utf8")) as { readonly coverage: { readonly complete: boolean } }
  return { resources: lines - 1, bytes, complete: coverage.complete, wallMs: performance.now() - startedAt, ...usage }
}

const writeStdout = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(text, () => resume(Effect.void))
  })

const inventory = Effect.gen(function*() {
  const scan = yield* Scan
  const plan = yield* scan.plan({})
  const fold = Aggregate.fold()
  yield* Stream.runForEach(scan.run(plan), (event) => {
    fold.add(event)
    return event._tag === "ResourcesFound" ? writeStdout(event.resources.map(resourceLine).join("")) : Effect.void
  })
  yield* writeStdout(coverageLine(coverageOf(fold.aggregate())))
})

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const simulator = JSON.parse(process.argv[2]!) as Pick<SimulatorProcess, "credentials" | "url">
  const idle = process.memoryUsage.rss()
  await Effect.runPromise(Effect.provide(inventory, UnpacedScan.layer(simulator)))
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  const usage: Usage = { cpuMs: (systemCPUTime + userCPUTime) / 1000, idleMiB: idle / 2 ** 20, peakMiB: mib(maxRSS) }
  process.send(usage, () => process.disconnect())
}
