/**
 * Keeps V8 from taking memory because there is some. Left alone, its young
 * generation grows to 128 MiB where a machine has memory enough, and the old
 * one to twice or four times what is in use. Both are decided anew at every
 * collection, by flags that may change while the program runs.
 */
import { constants, PerformanceObserver } from "node:perf_hooks"
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8"

/** Both halves of the young generation: larger ones saved no time in a scan of a hundred thousand resources. */
const youngBytes = 16 * 2 ** 20

/** What the heap may grow to until it is collected, while what is in use leaves room for that. */
const heapBytes = 64 * 2 ** 20

/** By how much it may always grow, in percent: a heap that is full of what is in use would be collected all the time. */
const leastGrowth = 15
/** What is set here counts from the next collection on, when more may be in use. */
const mostGrowth = 60

/**
 * Pages that a collection has emptied stay the process's, unless that collection was one to save memory, which takes
 * more time: so only some of them are.
 */
const savingEvery = 8

const flags = new Map<string, number>()

const setFlag = (name: string, value: number): void => {
  if (flags.get(name) === value) return
  flags.set(name, value)
  setFlagsFromString(`--${name}=${value}`)
}

const young = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? youngBytes

/** V8 makes it smaller while little happens, and then it has to be let grow again. */
const boundYoung = (): void => setFlag("semi-space-growth-factor", young() * 2 <= youngBytes ? 2 : 1)

/**
 * Brings the young generation to its size at once, in some five milliseconds, by what survives in it: while modules are
 * loaded it could grow several times before anybody has looked.
 */
const growYoung = (): void => {
  const before = young()
  if (before * 2 > youngBytes) return
  // At the start only one half of it is there.
  setFlag("semi-space-growth-factor", Math.max(2, Math.floor(youngBytes / before / 2)))
  const survivors: Array<ReadonlyArray<unknown>> = []
  for (let round = 0; round < 200 && young() < before * 2; round++) survivors.push(Array.from({ length: 2000 }, (_, at) => [at]))
  setFlag("semi-space-growth-factor", 1)
}

const boundOld = (): void => {
  const inUse = getHeapStatistics().used_heap_size
  setFlag("heap-growing-percent", Math.min(mostGrowth, Math.max(leastGrowth, Math.round(100 * (heapBytes / inUse - 1)))))
}

let collections = 0

/** After a collection: whether the next one is to give back to the system what is free. */
const chooseNext = (): void => {
  const isSaving = ++collections % savingEvery === 0
  setFlagsFromString(isSaving ? "--optimize-for-size" : "--no-optimize-for-size")
}

const isMajor = (entry: object): boolean =>
  "detail" in entry && typeof entry.detail === "object" && entry.detail !== null && "kind" in entry.detail &&
  entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/** Looks after each collection what the next one may leave. Does not keep the process alive. */
export const keep = (): void => {
  growYoung()
  boundOld()
  new PerformanceObserver((list) => {
    boundYoung()
    if (!list.getEntries().some(isMajor)) return
    boundOld()
    chooseNext()
  }).observe({ entryTypes: ["gc"] })
}
