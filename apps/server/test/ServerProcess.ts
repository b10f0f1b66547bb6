/** The server as a process of its own, as its users start it, and the simulated AWS that it calls. */
import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { inject } from "@effect/vitest"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Effect from "effect/Effect"
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** The file that starts the server: see `tools/bundled.ts`. */
export const main = inject("mains")["server"]!

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-server-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Where a server runs, and what it finds there. */
export interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** How to start a server that calls a simulated AWS that there is. */
export const placeAt = (simulator: Simulator["Service"]): Effect.Effect<Place, never, Effect.Services<typeof temporaryDirectory>> =>
  Effect.map(temporaryDirectory, (cwd) => {
    const policy = { version: "1.0", required_tags: [{ name: "Owner" }] }
    writeFileSync(join(cwd, "tagging_policy.json"), JSON.stringify(policy))
    const { accessKeyId, secretAccessKey } = simulator.credentials()
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: cwd,
      AWS_ENDPOINT_URL: simulator.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey
    }
    return { cwd, env }
  })

export const regions = ["us-east-1", "eu-west-1"]

/** A simulated AWS, and how to start a server that calls it. */
export const prepare = (options: SimulatorOptions = { estate: { regions, resources: 200 } }) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make(options)
    return { simulator, ...(yield* placeAt(simulator)) }
  })

/** The bare process, with every line of its standard output. */
export const start = (options: Place & { readonly args?: ReadonlyArray<string> }) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const server = spawn(process.execPath, [main, ...options.args ?? []], { cwd: options.cwd, env: { ...options.env } })
      const lines: Array<any> = []
      const waiting = new Set<() => void>()
      createInterface({ input: server.stdout }).on("line", (line) => {
        lines.push(JSON.parse(line))
        for (const wake of waiting) wake()
      })
      let stderr = ""
      server.stderr.on("data", (text) => stderr += String(text))
      const ended = once(server, "close") as Promise<[code: number | null, signal: string | null]>
      return {
        server,
        lines,
        ended,
        stderr: () => stderr,
        send: (message: object) => void server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
        line: (test: (line: any) => boolean) =>
          new Promise<any>((resolve) => {
            const look = () => {
              const found = lines.find((line) => test(line))
              if (found === undefined) return
              waiting.delete(look)
              resolve(found)
            }
            waiting.add(look)
            look()
          })
      }
    }),
    ({ server }) => Effect.sync(() => stop(server))
  )

const stop = (server: ChildProcessWithoutNullStreams) => server.exitCode === null && server.kill("SIGKILL")

/** A server over HTTP on a free port, and where it says that it listens. */
export const startHttp = (place: Place) =>
  Effect.gen(function*() {
    const process = yield* start({ ...place, env: { MCP_SERVER_PORT: "0", ...place.env }, args: ["--http"] })
    const mcp = yield* Effect.promise(() =>
      new Promise<URL>((resolve, reject) => {
        const look = () => {
          const found = /Serving MCP at (\S+)/u.exec(process.stderr())?.[1]
          if (found !== undefined) resolve(new URL(found))
        }
        process.server.stderr.on("data", look)
        process.server.once("close", () => reject(new Error(process.stderr())))
        look()
      })
    )
    return { ...process, mcp }
  })

/** Which revision of the protocol an official client speaks: the previous one unless told otherwise. */
export type Revision = "current" | "previous"

/** An official client of a server that it starts itself. */
export const overStdio = ({ cwd, env }: Place, revision?: Revision) =>
  connected(new StdioClientTransport({ command: process.execPath, args: [main], cwd, env: { ...env }, stderr: "ignore" }), revision)

/** An official client of a server over HTTP that is started for it. */
export const overHttp = (place: Place, revision?: Revision) =>
  Effect.flatMap(startHttp(place), ({ mcp }) => connectedTo(mcp, revision))

const connectedTo = (mcp: URL, revision?: Revision) => connected(new StreamableHTTPClientTransport(mcp), revision)

const connected = (transport: StdioClientTransport | StreamableHTTPClientTransport, revision: Revision = "previous") =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client(
        { name: "test", version: "1.0.0" },
        revision === "current" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {}
      )
      await client.connect(transport)
      return client
    }),
    (client) => Effect.promise(() => client.close())
  )

/** Types that cost nothing, of those that the estates hold: a policy that does not name them leaves them out. */
const free: ReadonlySet<string> = new Set(["autoscaling:group", "ec2:security-group", "ecs:cluster", "iam:role"])

/** What a check must come to, from the estate itself: what is judged, and what of it has no owner. */
export const truthOf = (simulator: Simulator["Service"]) => {
  const judged = [...simulator.estate.resources()].filter(({ mark, type }) => mark === undefined && !free.has(type))
  // The keys of IAM's tags have no case.
  const owner = ({ tags, type }: (typeof judged)[number]) => tags["Owner"] ?? (type === "iam:role" ? tags["owner"] : undefined)
  return { total: judged.length, withoutOwner: judged.filter((resource) => !/\S/u.test(owner(resource) ?? "")).map(({ arn }) => arn) }
}

/** Calls a tool. */
export const call = (
  client: Client,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  options: Parameters<Client["callTool"]>[1] = {}
) =>
  Effect.map(Effect.promise(() => client.callTool({ name, arguments: { ...args } }, options)), (result) => ({
    isError: result.isError === true,
    structured: result.structuredContent as any,
    text: result.content.map((block) => block.type === "text" ? block.text : "").join("\n"),
    bytes: Buffer.byteLength(JSON.stringify(result))
  }))
