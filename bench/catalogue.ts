/**
 * `pnpm bench catalogue`: every type of the catalogue, call by call, and large types against their lower bounds.
 *
 * First an estate of all types in 17 Regions with AWS's page limits: what each type's cells took, beside the fewest
 * calls that the APIs allow, counted by `LeastCalls` from the ground truth.
 *
 * Then 10,000 buckets, 5,000 functions, 20,000 log groups, 3,000 ECS services in 40 clusters and 2,000 roles, at 40 ms a
 * call under AWS's own token buckets of which we allow ourselves half: each by itself in one Region, all of it in one
 * Region, and all of it over 17. The makespan is what a caller of `scan` waits for, identity and Regions included. The
 * rounds come after the first part, which has loaded the SDK's clients; of those under ten seconds the median of five. The
 * bound is the larger of the longest chain of dependent calls × latency and, for the busiest token bucket, the fewest
 * calls beyond its size ÷ its rate: nothing of the engine is in it.
 */
import assert from "node:assert/strict"
import { AwsSettings } from "@cadastre/client-factory"
import { type CellResult, rateLimitOf, type Resource } from "@cadastre/model"
import { Scan } from "@cadastre/scanner-core"
import { Cadastre } from "@cadastre/sdk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { Figure } from "./Figure.ts"
import { isGlobal, leastOf, type Place, placesOf, types } from "./LeastCalls.ts"
import { type CallCount, type SimulatorProcess, start, type TrueResource } from "./SimulatorProcess.ts"

const latencyMs = 40
const share = 0.5
const shortRounds = 5

const regions = [
  "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-west-1", "eu-west-2", "eu-west-3",
  "eu-central-1", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1",
  "ap-southeast-2"
]

interface Scanned {
  readonly cells: ReadonlyArray<CellResult>
  readonly resources: ReadonlyArray<Resource>
  readonly ms: number
}

/** A scan with a layer of its own: every bucket starts full. */
const scan = async (simulator: SimulatorProcess, asked: ReadonlyArray<string>): Promise<Scanned> => {
  const cells: Array<CellResult> = []
  const resources: Array<Resource> = []
  const startedAt = performance.now()
  await Effect.runPromise(
    Effect.gen(function*() {
      const scan = yield* Scan
      yield* Stream.runForEach(scan.run(yield* scan.plan({ types: asked })), (event) =>
        Effect.sync(() => {
          if (event._tag === "CellEnded") cells.push(event.result)
          if (event._tag === "ResourcesFound") resources.push(...event.resources)
        }))
    }).pipe(Effect.provide(Cadastre.layerScan().pipe(
      Layer.provide(Layer.succeed(AwsSettings, {
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials)
      })),
      // A Region that holds all of it takes longer than a minute, at half of AWS's rates.
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ REGION_SCAN_TIMEOUT_SECONDS: "300" })))
    )))
  )
  return { cells, resources, ms: performance.now() - startedAt }
}

type Shown = Pick<TrueResource, "arn" | "region" | "type"> & { readonly tags: object | null }

const shown = ({ arn, region, tags, type }: Shown): string => {
  const sorted = tags === null ? "?" : JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1))
  return `${type} ${arn} in ${region} ${sorted}`
}

/** Every resource that lists have, once, with its true tags, and nothing else. */
const assertTrue = ({ cells, resources }: Scanned, places: ReadonlyMap<string, Place>): void => {
  assert.ok(cells.every(({ outcome }) => outcome === "scanned" || outcome === "unsupported"), "everything was seen")
  const truth = [...places.values()].flatMap((place) => [...place.values()].flat())
  assert.deepEqual(resources.map(shown).toSorted(), truth.map(shown).toSorted())
}

const nothing: Place = new Map()

/** Calls by type, made and the fewest; the cells that AWS's endpoint data knows to be absent take none. */
const tableOf = ({ cells }: Scanned, places: ReadonlyMap<string, Place>) =>
  types.map((type) => {
    const own = cells.filter((cell) => cell.type === type)
    const made = own.reduce((sum, { calls }) => sum + calls, 0)
    const least = own.filter(({ outcome }) => outcome === "scanned").reduce((sum, { region }) =>
      sum + leastOf(type, places.get(region) ?? nothing, region).steps.reduce((total, { calls }) => total + calls, 0), 0)
    const found = own.reduce((sum, { resources }) => sum + resources, 0)
    return { type, cells: own.length, found, made, least }
  })

const everyType = async (): Promise<ReadonlyArray<Figure>> => {
  const simulator = await start(["--regions", regions.join(","), "--resources", "60000", "--types", "all", "--seed", "4"])
  try {
    const places = placesOf(await simulator.truth())
    const scanned = await scan(simulator, [])
    assertTrue(scanned, places)
    const table = tableOf(scanned, places)
    const calls = (await simulator.calls())
      .filter(({ operation }) => operation !== "GetCallerIdentity" && operation !== "DescribeRegions")
    assert.equal(table.reduce((sum, { made }) => sum + made, 0), calls.reduce((sum, { calls }) => sum + calls, 0))
    const row = (type: string, ...cells: ReadonlyArray<string | number>) =>
      `${type.padEnd(44)}${cells.map((cell) => `${cell}`.padStart(10)).join("")}`
    process.stderr.write(`${row("type", "cells", "resources", "calls", "least")}\n`)
    for (const { cells, found, least, made, type } of table) {
      const more = made === least ? "" : "  more than the least"
      process.stderr.write(`${row(type, cells, found, made, least)}${more}\n`)
    }
    const equal = table.filter(({ least, made }) => made === least).length
    assert.ok(equal >= 40, `${equal} types take the fewest calls`)
    return [
      { name: "all-types resources", value: scanned.resources.length, unit: "" },
      { name: "all-types calls", value: table.reduce((sum, { made }) => sum + made, 0), unit: "" },
      { name: "all-types least-calls", value: table.reduce((sum, { least }) => sum + least, 0), unit: "" },
      { name: "types with the least calls", value: equal, unit: `of ${table.length}` }
    ]
  } finally {
    await simulator.close()
  }
}

/** What no scan can be faster than, ms; and the fewest calls. */
const boundOf = (asked: ReadonlyArray<string>, places: ReadonlyMap<string, Place>) => {
  const buckets = new Map<string, { calls: number; readonly capacity: number; readonly perSecond: number }>()
  let chain = 0
  let least = 0
  for (const type of asked) {
    for (const region of isGlobal(type) ? ["global"] : regions) {
      const place = places.get(region) ?? nothing
      const cell = leastOf(type, place, region)
      chain = Math.max(chain, cell.chain)
      const bucketRegions = [...Map.groupBy(place.get(type) ?? [], ({ region }) => region).keys()]
      let tagged = 0
      for (const { calls, operation, service } of cell.steps) {
        least += calls
        if (calls === 0) continue
        // The tags of buckets are where the buckets are; all else of a global type is at home.
        const home = service === "tagging" && type === "s3:bucket" ? bucketRegions[tagged++]! : "us-east-1"
        const where = region === "global" ? home : region
        const limit = rateLimitOf(service, operation)
        const key = `${limit.scope === "account" ? "" : where}/${service}/${limit.bucket}`
        const bucket = buckets.get(key) ??
          { calls: 0, capacity: Math.max(1, limit.capacity * share), perSecond: limit.refillPerSecond * share }
        buckets.set(key, bucket)
        bucket.calls += calls
      }
    }
  }
  const rate = Math.max(...[...buckets.values()].map(({ calls, capacity, perSecond }) =>
    Math.max(0, calls - capacity) / perSecond * 1000 + latencyMs))
  // Who we are, then which Regions there are, then the longest cell.
  return { least, ms: Math.max((2 + chain) * latencyMs, rate) }
}

type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>

const spread = (count: number): Readonly<Record<string, number>> =>
  Object.fromEntries(regions.map((region, index) =>
    [region, Math.floor(count / regions.length) + (index < count % regions.length ? 1 : 0)]))
const together = (count: number): Readonly<Record<string, number>> => ({ "eu-west-1": count })

const large = (over: (count: number) => Readonly<Record<string, number>>): Counts => ({
  "s3:bucket": over(10_000),
  "lambda:function": over(5000),
  "logs:log-group": over(20_000),
  "ecs:cluster": over(40),
  "ecs:service": over(3000),
  "iam:role": { global: 2000 }
})

const only = (counts: Counts, ...asked: ReadonlyArray<string>): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([type]) => asked.includes(type)))

const measured = async (name: string, counts: Counts, asked: ReadonlyArray<string>): Promise<ReadonlyArray<Figure>> => {
  const simulator = await start([
    "--regions", regions.join(","), "--counts", JSON.stringify(counts), "--latency", `${latencyMs}`, "--throttling", "aws"
  ])
  try {
    const places = placesOf((await simulator.truth()).filter(({ type }) => asked.includes(type) || type === "ecs:cluster"))
    const wanted = new Map([...places].map(([region, place]) =>
      [region, new Map([...place].filter(([type]) => asked.includes(type)))] as const))
    const bound = boundOf(asked, places)
    const rounds: Array<Scanned> = []
    let calls: ReadonlyArray<CallCount> = []
    // What is over at once is measured again; of what takes half a minute, the rest is waiting.
    for (let round = 0; round < (bound.ms < 10_000 ? shortRounds : 1); round++) {
      await simulator.reset()
      rounds.push(await scan(simulator, asked))
      assertTrue(rounds[round]!, wanted)
      calls = await simulator.calls()
    }
    const scanned = rounds.toSorted((a, b) => a.ms - b.ms)[Math.floor(rounds.length / 2)]!
    const made = scanned.cells.reduce((sum, { calls }) => sum + calls, 0)
    const throttled = calls.reduce((sum, { throttled }) => sum + throttled, 0)
    return [
      { name: `${name}: found`, value: scanned.resources.length, unit: "" },
      { name: `${name}: calls`, value: made, unit: `least ${bound.least}, ${throttled} throttled` },
      { name: `${name}: lower bound`, value: Math.round(bound.ms), unit: "ms" },
      { name: `${name}: makespan`, value: Math.round(scanned.ms), unit: "ms" },
      { name: `${name}: ratio`, value: Math.round(scanned.ms / bound.ms * 1000) / 1000, unit: "× lower bound" }
    ]
  } finally {
    await simulator.close()
  }
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const all = Object.keys(large(together))
  const figures = [...await everyType()]
  for (const [name, counts, asked] of [
    ["10,000 buckets", only(large(spread), "s3:bucket"), ["s3:bucket"]],
    ["5,000 functions", only(large(together), "lambda:function"), ["lambda:function"]],
    ["20,000 log groups", only(large(together), "logs:log-group"), ["logs:log-group"]],
    ["3,000 ECS services", only(large(together), "ecs:cluster", "ecs:service"), ["ecs:service"]],
    ["2,000 roles", only(large(together), "iam:role"), ["iam:role"]],
    ["all in one Region", large(together), all],
    ["all over 17 Regions", large(spread), all]
  ] as const) {
    figures.push(...await measured(name, counts, asked))
  }
  return figures
}
