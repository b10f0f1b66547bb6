/**
 * `pnpm bench engine`: what the engine makes of the time and the memory it is given.
 *
 * - `makespan-ratio`, `throttle-ratio`: as `pnpm bench scan` measures them, under AWS's throttles at 40 ms a call
 * - `cpu-vs-sdk-…`: CPU of our engine, from calls to `Resource`s with tags, ÷ CPU of a bare loop over stock SDK
 *   clients that makes the same calls and keeps nothing. Both in this process, warm, in turns; user and system time of
 *   all threads, the collector's included. A ratio is the sum of its types' medians ÷ the same of the loop's.
 * - `rss-…`, `cpu-per-resource-…`: a fresh process for each size that streams an estate of all 16 types in 17 Regions
 *   to NDJSON. Peak resident memory and CPU are the whole process's, as the kernel counts them, its start included:
 *   `rss-idle-mib` is what is resident before the scan, and what the sources cost to load is in both.
 * - `cpu-growth`: CPU of a resource between 10⁵ and 10⁶ ÷ CPU of one between 10⁴ and 10⁵; 1 is linear
 * - `rss-growth`: peak at 10⁶ ÷ peak at 10⁵; 1 is flat
 *
 * The simulator is another process, without latency and throttles but for the first two figures; our pacing is off
 * with it. Every scan is checked: as many resources as there are, the same calls as the loop's, coverage complete.
 */
import assert from "node:assert/strict"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Figure } from "./Figure.ts"
import { type Inventory, take } from "./InventoryProcess.ts"
import { run as scan } from "./scan.ts"
import { type CallCount, type SimulatorProcess, start } from "./SimulatorProcess.ts"
import * as StockSdk from "./StockSdk.ts"
import * as UnpacedScan from "./UnpacedScan.ts"

const region = "us-east-1"
const accountId = "111122223333"

/**
 * Types by group, with how many of each: whole pages, and enough of them that
 * garbage is mostly collected in the round that made it.
 */
const groups = {
  json: { counts: { "dynamodb:table": 10_000, "lambda:function": 10_000, "sqs:queue": 10_000 }, target: 0.6 },
  ec2: { counts: { "ec2:instance": 3000, "ec2:volume": 6000 }, target: 0.25 }
} as const

/** Rounds that count, after those in which the compiler still works. */
const rounds = 9
const warmUps = 4

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/** Milliseconds of CPU that some work takes, and what it answers. */
const cpuOf = async (work: StockSdk.Survey): Promise<readonly [milliseconds: number, resources: number]> => {
  const before = process.cpuUsage()
  const resources = await work()
  const { system, user } = process.cpuUsage(before)
  return [(system + user) / 1000, resources]
}

const callsByOperation = (counts: ReadonlyArray<CallCount>): Readonly<Record<string, number>> =>
  Object.fromEntries(counts.map(({ calls, operation, service }) => [`${service}:${operation}`, calls] as const))

interface Sides<A> {
  readonly engine: A
  readonly sdk: A
}

/** Finds every resource of a type, by our engine or by the loop. */
type Surveys = Sides<StockSdk.Survey> & { readonly count: number }

/** Medians of CPU milliseconds by type. */
const compare = async (
  simulator: SimulatorProcess,
  types: ReadonlyMap<string, Surveys>
): Promise<ReadonlyMap<string, Sides<number>>> => {
  const times = new Map<string, Sides<Array<number>>>()
  for (const type of types.keys()) times.set(type, { engine: [], sdk: [] })
  for (let round = -warmUps; round < rounds; round++) {
    for (const [type, surveys] of types) {
      const calls: Array<Readonly<Record<string, number>>> = []
      // Each goes first every other time.
      for (const side of round % 2 === 0 ? ["engine", "sdk"] as const : ["sdk", "engine"] as const) {
        await simulator.reset()
        const [time, resources] = await cpuOf(surveys[side])
        assert.equal(resources, surveys.count, `${side} finds every ${type}`)
        calls.push(callsByOperation(await simulator.calls()))
        if (round >= 0) times.get(type)![side].push(time)
      }
      assert.deepStrictEqual(calls[0], calls[1], "both sides make the same calls")
    }
  }
  return new Map([...times].map(([type, { engine, sdk }]) => [type, { engine: median(engine), sdk: median(sdk) }]))
}

/** CPU a resource of both sides by type, and the ratio of the group. */
const cpuFigures = async (group: keyof typeof groups): Promise<ReadonlyArray<Figure>> => {
  const { counts, target } = groups[group]
  const perRegion = Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, { [region]: count }]))
  const simulator = await start(["--regions", region, "--accounts", accountId, "--counts", JSON.stringify(perRegion)])
  try {
    const loops: Readonly<Record<string, StockSdk.Survey>> = StockSdk.surveys(simulator, { accountId, region })
    const medians = await Effect.runPromise(
      Effect.gen(function*() {
        const scan = yield* Scan
        const types = new Map<string, Surveys>()
        for (const [type, count] of Object.entries(counts)) {
          const plan = yield* scan.plan({ types: [type] })
          const found = Stream.runFold(scan.run(plan), () => 0, (sum, event) =>
            event._tag === "ResourcesFound" ? sum + event.resources.length : sum)
          types.set(type, { count, engine: () => Effect.runPromise(found), sdk: loops[type]! })
        }
        return yield* Effect.promise(() => compare(simulator, types))
      }).pipe(Effect.provide(UnpacedScan.layer(simulator)))
    )
    const sum = (side: keyof Sides<number>) => [...medians.values()].reduce((all, one) => all + one[side], 0)
    return [
      {
        name: `cpu-vs-sdk-${group}`,
        value: rounded(sum("engine") / sum("sdk"), 3),
        unit: `× the SDK's (target ≤ ${target}; median of ${rounds})`
      },
      ...[...medians].flatMap(([type, { engine, sdk }]): ReadonlyArray<Figure> => {
        const perResource = 1000 / (counts as Readonly<Record<string, number>>)[type]!
        return [
          { name: `cpu-engine-${type}`, value: rounded(engine * perResource, 1), unit: "µs a resource" },
          { name: `cpu-sdk-${type}`, value: rounded(sdk * perResource, 1), unit: "µs a resource" }
        ]
      })
    ]
  } finally {
    await simulator.close()
  }
}

const inventory = async (resources: number): Promise<Inventory> => {
  const simulator = await start(["--resources", `${resources}`, "--seed", "1"])
  try {
    const taken = await take(simulator)
    assert.ok(taken.complete, "the coverage is complete")
    assert.equal(taken.resources, resources, "every resource is written")
    return taken
  } finally {
    await simulator.close()
  }
}

const inventoryFigures = async (): Promise<ReadonlyArray<Figure>> => {
  const small = await inventory(10_000)
  const middle = await inventory(100_000)
  const large = await inventory(1_000_000)
  const sizes = { "10k": small, "100k": middle, "1m": large }
  const between = (less: Inventory, more: Inventory) => (more.cpuMs - less.cpuMs) / (more.resources - less.resources)
  return [
    { name: "rss-idle-mib", value: Math.round(large.idleMiB), unit: "MiB" },
    ...Object.entries(sizes).map(([size, { peakMiB }]): Figure => ({
      name: `rss-${size}-mib`,
      value: Math.round(peakMiB),
      unit: size === "1m" ? "MiB (target ≤ 286)" : "MiB"
    })),
    ...Object.entries(sizes).map(([size, { cpuMs, resources }]): Figure => ({
      name: `cpu-per-resource-${size}-us`,
      value: rounded(cpuMs * 1000 / resources, 1),
      unit: "µs"
    })),
    { name: "cpu-growth", value: rounded(between(middle, large) / between(small, middle), 2), unit: "× (1 is linear)" },
    { name: "rss-growth", value: rounded(large.peakMiB / middle.peakMiB, 2), unit: "× (1 is flat)" }
  ]
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const cpu = [...await cpuFigures("json"), ...await cpuFigures("ec2")]
  const paced = (await scan()).filter(({ name }) => name === "makespan-ratio" || name === "throttle-ratio")
  return [...paced, ...cpu, ...await inventoryFigures()]
}
