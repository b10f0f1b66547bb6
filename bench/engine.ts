/**
 * `pnpm bench engine`: what the engine makes of the time and the memory it is given.
 *
 * - `makespan-ratio`, `throttle-ratio`: as `pnpm bench scan` measures them, under AWS's throttles at 40 ms a call
 * - `cpu-vs-sdk-…`: CPU of our engine, from calls to `Resource`s with tags, ÷ CPU of a bare loop over stock SDK
 *   clients that makes the same calls and keeps nothing. Both in this process, warm, in turns; user and system time of
 *   all threads, the collector's included. A ratio is the sum of its types' medians ÷ the same of the loop's.
 * - `validation-…`, `fold…`: as `pnpm bench validation` measures them
 * - `rss-…`, `cpu-per-resource-…`: a fresh process for each size that streams an estate of all 16 types in 17 Regions
 *   to NDJSON. Peak resident memory and CPU are the whole process's, as the kernel counts them, its start included:
 *   `rss-1-mib`, of a single resource, is nearly all of it what loading takes.
 * - `cpu-growth`: CPU of a resource between 10⁵ and 10⁶ ÷ CPU of one between 10⁴ and 10⁵; 1 is linear
 * - `rss-growth`: peak at 10⁶ ÷ peak at 10⁵; 1 is flat
 *
 * The simulator is another process, without latency and throttles but for the first two figures; our pacing is off
 * with it. Every scan is checked: as many resources as there are, the same calls as the loop's, coverage complete.
 */
import * as cpu from "./cpu.ts"
import type { Figure } from "./Figure.ts"
import * as memory from "./memory.ts"
import * as scan from "./scan.ts"
import * as validation from "./validation.ts"

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  // First: what ran before in this process would be in its times.
  const validated = await validation.run()
  const engine = await cpu.run()
  const paced = (await scan.run()).filter(({ name }) => name === "makespan-ratio" || name === "throttle-ratio")
  return [...paced, ...engine, ...validated, ...await memory.run()]
}
