#!/usr/bin/env node
/**
 * Runs a simulator of its own process: prints `{"url": …}` when it listens,
 * stops on SIGTERM, SIGINT, or when the pipe on its standard input ends.
 *
 * @since 0.1.0
 */
import { fstatSync } from "node:fs"
import { parseArgs } from "node:util"
import type { EstateOptions } from "./Estate.ts"
import { parse } from "./Schedule.ts"
import { listen } from "./Server.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    accounts: { type: "string", default: "111122223333" },
    regions: { type: "string" },
    resources: { type: "string" },
    counts: { type: "string" },
    types: { type: "string", default: "core" },
    explorer: { type: "boolean", default: false },
    latency: { type: "string", default: "0" },
    jitter: { type: "string", default: "0" },
    median: { type: "string" },
    sigma: { type: "string" },
    bandwidth: { type: "string" },
    far: { type: "boolean", default: false },
    throttling: { type: "string", default: "off" },
    faults: { type: "string" },
    "page-size": { type: "string" },
    pages: { type: "string", default: "full" }
  }
})

type Counts = NonNullable<EstateOptions["counts"]>

/** `off`, `aws`, a factor, or factors by place as JSON. */
const throttling = values.throttling === "off" || values.throttling === "aws"
  ? values.throttling
  : values.throttling.startsWith("{")
  ? JSON.parse(values.throttling) as Readonly<Record<string, "off" | "aws" | number>>
  : Number(values.throttling)

const server = await listen({
  port: Number(values.port),
  estate: {
    seed: Number(values.seed),
    accounts: values.accounts.split(","),
    ...(values.regions === undefined ? {} : { regions: values.regions.split(",") }),
    ...(values.resources === undefined ? {} : { resources: Number(values.resources) }),
    ...(values.counts === undefined ? {} : { counts: JSON.parse(values.counts) as Counts }),
    types: values.types === "all" ? "all" : "core",
    ...(values.explorer ? { explorer: {} } : {})
  },
  latency: {
    milliseconds: Number(values.latency),
    jitter: Number(values.jitter),
    ...(values.median === undefined ? {} : { median: Number(values.median) }),
    ...(values.sigma === undefined ? {} : { sigma: Number(values.sigma) }),
    ...(values.bandwidth === undefined ? {} : { bytesPerSecond: Number(values.bandwidth) }),
    ...(values.far ? { regions: "far" as const } : {})
  },
  throttling,
  ...(values.faults === undefined ? {} : { schedule: parse(values.faults) }),
  ...(values["page-size"] === undefined ? {} : { pageSize: Number(values["page-size"]) }),
  pages: values.pages === "ragged" ? "ragged" : "full"
})

process.stdout.write(`${JSON.stringify({ url: server.url, ...server.credentials() })}\n`)

const stop = () => {
  process.stdin.destroy()
  void server.close()
}
process.once("SIGTERM", stop)
process.once("SIGINT", stop)
// Whoever started it through a pipe is gone when the pipe ends; `/dev/null` ends at once and means nothing.
const input = fstatSync(0)
if (input.isFIFO() || input.isSocket()) {
  process.stdin.once("end", stop)
  process.stdin.once("error", stop)
  process.stdin.resume()
}
