import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import type { Aws } from "@cadastre/client-factory"
import type { CostSource } from "@cadastre/cost"
import type { AuditRow } from "@cadastre/store"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import type * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import { mkdtempSync, rmSync } from "node:fs"
import { request, type RequestOptions } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AuditTrail, Health, Http, HttpSettings, type McpAdapter, PolicyInForce, Tracing } from "../src/index.ts"
import { policy, regions, servicesAt } from "./Connection.ts"

/** A server on a free port, the simulated AWS behind it, and all that it writes down, while the scope lives. */
export const serve = (options: {
  readonly env?: Readonly<Record<string, string>>
  readonly simulator?: SimulatorOptions
  readonly served?: McpAdapter.Served | undefined
  readonly memory?: Layer.Layer<never, Config.ConfigError>
  readonly costs?: Layer.Layer<CostSource, never, Aws.Aws>
  /** One that there is already: for several servers of one estate. */
  readonly simulated?: Simulator["Service"]
  readonly loadPolicy?: Effect.Effect<object, { readonly message: string }>
  readonly onLog?: (line: string) => void
} = {}) =>
  Effect.gen(function*() {
    const simulator = options.simulated ?? (yield* Simulator.make({ estate: { regions, resources: 100 }, ...options.simulator }))
    const rows: Array<AuditRow> = []
    const logs: Array<string> = []
    const listening = Effect.gen(function*() {
      const settings = yield* HttpSettings.load()
      return yield* Http.listen({
        version: "0.0.0",
        settings,
        policy: PolicyInForce.make({ policy, source: "/somewhere/private/policy.json" }),
        services: Health.watched(Layer.provideMerge(servicesAt(simulator, options), options.memory ?? Layer.empty), options),
        audit: AuditTrail.layerMemory(rows),
        ...(options.served === undefined ? {} : { served: options.served })
      })
    })
    const config = ConfigProvider.layer(ConfigProvider.fromEnvRecord({ MCP_SERVER_PORT: "0", ...options.env }))
    const tracing = yield* Layer.build(Tracing.layer("0.0.0").pipe(Layer.provide(config)))
    const { url } = yield* listening.pipe(Effect.provideContext(tracing), Effect.provide([
      config,
      Logger.layer([Logger.make(({ cause, message }) => {
        const line = Formatter.format([message, cause])
        logs.push(line)
        options.onLog?.(line)
      })]),
      Layer.succeed(References.MinimumLogLevel, "All")
    ]))
    return { url, mcp: new URL("/mcp", url), rows, logs, simulator }
  })

/** An official client, connected over real sockets. */
export const connect = (mcp: URL, options: {
  readonly revision?: "current" | "previous"
  readonly token?: string
} = {}) =>
  Effect.gen(function*() {
    const client = new Client(
      { name: "test", version: "1.0.0" },
      options.revision === "current" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {}
    )
    const transport = new StreamableHTTPClientTransport(
      mcp,
      options.token === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${options.token}` } } }
    )
    yield* Effect.acquireRelease(
      Effect.promise(() => client.connect(transport)),
      () => Effect.promise(() => client.close())
    )
    return { client, transport }
  })

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

/** One request as it is written: no header is added but for what Node must. */
export const send = (
  url: URL | string,
  { body, ...options }: RequestOptions & { readonly body?: string | Buffer } = {}
): Effect.Effect<Answered> =>
  Effect.callback((resume) => {
    const sent = request(url, { agent: false, ...options }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => text += chunk)
      response.on("end", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, body: text })))
    })
    sent.on("error", (error) => resume(Effect.succeed({ status: 0, headers: {}, body: String(error) })))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })

export const json = { "content-type": "application/json", accept: "application/json, text/event-stream" }

export const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1.0.0" } }
})

/** A call of a tool in the current revision, which needs no session. */
export const callOf = (name: string, args: object = {}) => ({
  method: "POST",
  headers: { ...json, "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name,
      arguments: args,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {}
      }
    }
  })
})

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-http-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
