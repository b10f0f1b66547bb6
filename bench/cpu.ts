/**
 * `pnpm bench cpu`: what the engine computes, against the stock SDK. Both start each round with a heap that was just
 * collected.
 */
import assert from "node:assert/strict"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Scan } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Figure } from "./Figure.ts"
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

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** Milliseconds of CPU that some work takes, and what it answers. It does not pay for the garbage of who was before it. */
const cpuOf = async (work: StockSdk.Survey): Promise<readonly [milliseconds: number, resources: number]> => {
  collect()
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

export const run = async (): Promise<ReadonlyArray<Figure>> => [...await cpuFigures("json"), ...await cpuFigures("ec2")]
