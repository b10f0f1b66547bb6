/**
 * `pnpm bench scan`: `check` over 17 Regions × 16 types × 20,000 resources at
 * 40 ms a call, under AWS's own throttles.
 *
 * The makespan is what a caller of `check` waits for, identity and Regions
 * included. No scan can be faster than the larger of two bounds:
 *
 * - chain: the longest chain of calls of which each needs the answer of the one before, × latency
 * - rate: for the busiest token bucket, the calls beyond its size ÷ its rate, at the share that we allow ourselves
 */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { AwsSettings } from "@cadastre/client-factory"
import { Compliance, type ComplianceResult } from "@cadastre/compliance"
import { rateLimitOf } from "@cadastre/model"
import { PolicyFile, type TagPolicy } from "@cadastre/policy"
import { Cadastre } from "@cadastre/sdk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { coreTypes, pageSizes } from "./CoreTypes.ts"
import type { Figure } from "./Figure.ts"
import { type CallCount, type SimulatorProcess, start, type TrueResource } from "./SimulatorProcess.ts"

const latencyMs = 40
const share = 0.5
const rounds = 5

const chainMs = (truth: ReadonlyArray<TrueResource>): number => {
  const cells = Map.groupBy(truth, ({ region, type }) => `${type}/${type === "s3:bucket" ? "global" : region}`)
  const chains = [...cells.values()].map((resources) => {
    const [page, after] = pageSizes[resources[0]!.type]!
    return Math.max(1, Math.ceil(resources.length / page)) + after
  })
  // Who we are, then which Regions there are, then the longest cell.
  return (2 + Math.max(...chains)) * latencyMs
}

const rateMs = (calls: ReadonlyArray<CallCount>): number => {
  const buckets = Map.groupBy(calls, ({ operation, region, service }) => {
    const { bucket, scope } = rateLimitOf(service, operation)
    return `${scope === "account" ? "global" : region}/${service}/${bucket}`
  })
  return Math.max(...[...buckets.values()].map((counts) => {
    const { capacity, refillPerSecond } = rateLimitOf(counts[0]!.service, counts[0]!.operation)
    const total = counts.reduce((sum, { calls }) => sum + calls, 0)
    return Math.max(0, total - Math.max(1, capacity * share)) / (refillPerSecond * share) * 1000 + latencyMs
  }))
}

const checkOnce = (simulator: SimulatorProcess, policy: TagPolicy): Promise<ComplianceResult> =>
  Effect.runPromise(
    Effect.flatMap(Compliance, (compliance) => compliance.check({ policy, types: coreTypes, withResources: true })).pipe(
      // A layer of its own for each round: nothing is cached, every bucket starts full.
      Effect.provide(Cadastre.layer().pipe(Layer.provide(Layer.succeed(AwsSettings, {
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials)
      }))))
    )
  )

/** The result holds every resource of the estate once, with its true tags, and nothing else. */
const assertTrue = (result: ComplianceResult, truth: ReadonlyArray<TrueResource>): void => {
  assert.ok(result.coverage.complete, "the coverage is complete")
  const seen = result.resources.map(({ arn, region, tags, type }) => ({ arn, region, tags, type }))
  const real = truth.map(({ arn, region, tags, type }) => ({ arn, region, tags, type }))
    .toSorted((a, b) => a.arn < b.arn ? -1 : 1)
  assert.deepStrictEqual(seen, real)
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const simulator = await start(["--resources", "20000", "--latency", `${latencyMs}`, "--throttling", "aws", "--seed", "1"])
  try {
    const source = "samples/tagging_policy.json"
    const text = readFileSync(new URL(source, import.meta.resolve("@cadastre/policy/package.json")), "utf8")
    const policy = await Effect.runPromise(PolicyFile.load(text, { source }))
    const truth = await simulator.truth()
    const makespans: Array<number> = []
    const cpus: Array<number> = []
    let calls: ReadonlyArray<CallCount> = []
    for (let round = 0; round < rounds; round++) {
      await simulator.reset()
      const cpu = process.cpuUsage()
      const startedAt = performance.now()
      const result = await checkOnce(simulator, policy)
      makespans.push(performance.now() - startedAt)
      const { system, user } = process.cpuUsage(cpu)
      cpus.push((system + user) / 1000)
      calls = await simulator.calls()
      assertTrue(result, truth)
    }
    const bound = Math.max(chainMs(truth), rateMs(calls))
    const makespan = median(makespans)
    const total = calls.reduce((sum, { calls }) => sum + calls, 0)
    const throttled = calls.reduce((sum, { throttled }) => sum + throttled, 0)
    return [
      { name: "resources", value: truth.length, unit: "" },
      { name: "calls", value: total, unit: "" },
      { name: "throttle-ratio", value: throttled / total, unit: "of calls" },
      { name: "lower-bound-chain", value: Math.round(chainMs(truth)), unit: "ms" },
      { name: "lower-bound-rate", value: Math.round(rateMs(calls)), unit: "ms" },
      { name: "lower-bound", value: Math.round(bound), unit: "ms" },
      { name: "makespan-first", value: Math.round(makespans[0]!), unit: "ms (loads the SDK's clients)" },
      { name: "makespan", value: Math.round(makespan), unit: `ms (median of ${rounds})` },
      { name: "makespan-ratio", value: Math.round(makespan / bound * 1000) / 1000, unit: "× lower bound" },
      { name: "cpu", value: Math.round(median(cpus)), unit: "ms" }
    ]
  } finally {
    await simulator.close()
  }
}
