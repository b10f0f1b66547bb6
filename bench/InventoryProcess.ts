/**
 * An inventory as its users take one: the command as it is published, in a
 * process of its own, streaming NDJSON into a pipe. The reader counts the lines.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import type { Readable } from "node:stream"
import { coreTypes } from "./CoreTypes.ts"
import type { SimulatorProcess } from "./SimulatorProcess.ts"

/** Where to scan. */
type Simulator = Pick<SimulatorProcess, "credentials" | "url">

/**
 * What an inventory took.
 *
 * - `resources`: lines that reached the reader, the coverage's not counted
 * - `complete`: whether the command says that everything was seen
 * - `cpuMs`: user and system time of the whole process, its start included
 * - `peakMiB`: the most resident memory that the kernel saw (`ru_maxrss`)
 */
export interface Inventory {
  readonly resources: number
  readonly complete: boolean
  readonly cpuMs: number
  readonly peakMiB: number
}

const lineFeed = 10

/** Says at the end what the process took, on a pipe that the command knows nothing of. */
const meter = `--import=data:text/javascript,${
  encodeURIComponent(`
    import { writeSync } from "node:fs"
    process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())))
  `)
}`

/** Paced by all that AWS allows, with time enough: a million resources take longer than a minute a Region. */
const settings = { RATE_LIMIT_SHARE: "1", REGION_SCAN_TIMEOUT_SECONDS: "300" }

/** Scans what a simulator holds with the bundled command at `main`. */
export const take = async ({ credentials, url }: Simulator, main: string): Promise<Inventory> => {
  const { AWS_PROFILE: _, ...environment } = process.env
  const child = spawn(
    process.execPath,
    [meter, main, "scan", "--no-journal", "--format", "ndjson", "--types", coreTypes.join(","), "--endpoint-url", url],
    {
      env: {
        ...environment,
        ...settings,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey
      },
      stdio: ["ignore", "pipe", "inherit", "pipe"]
    }
  )
  const ended = once(child, "exit")
  const usage = text(child.stdio[3] as Readable)
  let lines = 0
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++
  }
  const [code] = await ended as [number | null]
  const { maxRSS, systemCPUTime, userCPUTime } = JSON.parse(await usage) as NodeJS.ResourceUsage
  return { resources: lines - 1, complete: code === 0, cpuMs: (systemCPUTime + userCPUTime) / 1000, peakMiB: maxRSS / 2 ** 10 }
}
