/**
 * Keeps V8 from taking memory because there is some. Left alone, its young
 * generation grows to 128 MiB where a machine has memory enough, and the old
 * one to twice or four times what is in use.
 */
import { constants, PerformanceObserver } from "node:perf_hooks"
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Either half of the young generation. Larger ones save no time in a scan, and both halves are in memory. */
const halfBytes = 4 * 2 ** 20

/** What the heap may grow to until it is collected, while what is in use leaves room for that. */
const heapBytes = 70 * 2 ** 20

/** By how much it may always grow: a heap that is full of what is in use would be collected all the time. */
const leastGrowth = 1.3

/**
 * While no more than this is in use, it is collected in one go, in some forty milliseconds, once it has grown so far. V8
 * would begin before and collect beside the program, which meanwhile fills half as much again, with pages that are not
 * given back; both take more time in all. In a larger heap one go would stop the program for too long.
 */
const inOneGoBytes = 160 * 2 ** 20

const inUse = (): number => getHeapStatistics().used_heap_size

/** What one half can hold. `space_size` is that of one or of both, as V8 has them just then. */
const young = (): number => {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")
  return space === undefined ? halfBytes : space.space_used_size + space.space_available_size
}

/**
 * Brings the young generation to its size at once, in some five milliseconds, by what survives in it: while modules are
 * loaded it could grow several times before anybody has looked. V8 makes it smaller while little happens.
 */
const growYoung = (): void => {
  const before = young()
  const factor = Math.floor(halfBytes / before)
  if (factor < 2) return
  setFlagsFromString(`--semi-space-growth-factor=${factor}`)
  const survivors: Array<ReadonlyArray<unknown>> = []
  for (let round = 0; round < 200 && young() < before * 2; round++) survivors.push(Array.from({ length: 2000 }, (_, at) => [at]))
  setFlagsFromString("--semi-space-growth-factor=1")
}

type Collect = (options: { readonly type: "major"; readonly execution: "sync" }) => void

/** Node has it only for who starts it with `--expose-gc`, which a command that is installed cannot ask for. */
const exposed = (): Collect => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as Collect
  setFlagsFromString("--no-expose-gc")
  return collect
}

const isMajor = (entry: object): boolean =>
  "detail" in entry && typeof entry.detail === "object" && entry.detail !== null && "kind" in entry.detail &&
  entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/** Looks after each collection whether the heap has grown to its bound. Does not keep the process alive. */
export const keep = (): void => {
  let bound = heapBytes
  let collect: Collect | undefined
  const setBound = (): void => {
    const left = inUse()
    bound = left < inOneGoBytes ? Math.max(heapBytes, left * leastGrowth) : Infinity
    // For V8 itself; none is its own choice.
    setFlagsFromString(`--heap-growing-percent=${bound === Infinity ? Math.round(100 * (leastGrowth - 1)) : 0}`)
  }
  growYoung()
  new PerformanceObserver((list) => {
    growYoung()
    if (inUse() > bound) {
      collect ??= exposed()
      collect({ type: "major", execution: "sync" })
      setBound()
    } else if (list.getEntries().some(isMajor)) setBound()
  }).observe({ entryTypes: ["gc"] })
}
