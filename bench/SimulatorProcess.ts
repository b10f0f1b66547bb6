/** A simulator in a process, and so on a core, of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { createInterface } from "node:readline"

/** What the simulator says of the calls that it was asked. */
export interface CallCount {
  readonly service: string
  readonly operation: string
  readonly region: string
  readonly calls: number
  readonly throttled: number
}

/** A resource as the estate has it, whatever the APIs say. */
export interface TrueResource {
  readonly arn: string
  readonly type: string
  readonly region: string
  readonly state: string
  readonly tags: Readonly<Record<string, string>>
}

export interface SimulatorProcess {
  readonly url: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly calls: () => Promise<ReadonlyArray<CallCount>>
  /** The ground truth: every resource of the estate. */
  readonly truth: () => Promise<ReadonlyArray<TrueResource>>
  readonly reset: () => Promise<void>
  /** Ends the process, and says so when it has. */
  readonly close: () => Promise<void>
}

/** Starts a simulator with the arguments of its own command line. */
export const start = async (args: ReadonlyArray<string>): Promise<SimulatorProcess> => {
  const main = fileURLToPath(new URL("src/main.ts", import.meta.resolve("@cadastre/aws-simulator/package.json")))
  const child = spawn(process.execPath, [main, ...args], { stdio: ["pipe", "pipe", "inherit"] })
  const [line] = await once(createInterface(child.stdout), "line") as [string]
  const { accessKeyId, secretAccessKey, url } = JSON.parse(line) as {
    readonly url: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  return {
    url,
    credentials: { accessKeyId, secretAccessKey },
    calls: async () => await (await fetch(`${url}/_cadastre/calls`)).json() as ReadonlyArray<CallCount>,
    truth: async () => {
      const text = await (await fetch(`${url}/_cadastre/truth`)).text()
      return text.trimEnd().split("\n").map((line) => JSON.parse(line) as TrueResource)
    },
    reset: async () => void await fetch(`${url}/_cadastre/reset`, { method: "POST" }),
    close: async () => {
      child.stdin.end()
      await once(child, "exit")
    }
  }
}
