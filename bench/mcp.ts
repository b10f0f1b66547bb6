/**
 * `pnpm bench mcp`: what an assistant waits for when the answer is known already.
 *
 * An estate of 17 Regions, 16 types and 20,000 resources is scanned once; after that the same calls are made again and
 * again, one after the other, in turns with each other:
 *
 * - in process: a call as the protocol hands it over, through guardrails, tool, budget, audit row in SQLite, to the
 *   answer as the protocol sends it; `check-json` writes it as JSON too, as every transport does
 * - stdio, HTTP: the official client and the server as it is published, a process of its own; one connection, of the
 *   revision with sessions (`http`) and of the current one (`http-current`). The client has the list of tools, as those
 *   of assistants have, and validates each answer by it: that is in its time
 *
 * `ping` is what the protocol takes by itself; the current revision has none. `bare` is a server of the official library
 * alone with a text as long as the answer, `same` one with that very answer and its output schema: what is more than that
 * is ours. Nothing is subtracted. `-500` are calls made at once. `-p5`, the fastest twentieth, is what it takes where nobody else wants the processor.
 */
import assert from "node:assert/strict"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { AwsSettings } from "@cadastre/client-factory"
import { EstateMemory } from "@cadastre/compliance"
import { AuditTrail, Guardrails, McpAdapter, PolicyInForce, ResourceChanges, ServerOptions, ToolCalls } from "@cadastre/mcp-adapter"
import { PolicyFile } from "@cadastre/policy"
import { Cadastre } from "@cadastre/sdk"
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { coreTypes } from "./CoreTypes.ts"
import type { Figure } from "./Figure.ts"
import { type SimulatorProcess, start } from "./SimulatorProcess.ts"

const rounds = 10
const callsPerRound = 100
const atOnce = 500

/** Nothing of it is cached: each call asks AWS, which is what it is for. */
const scanning: ReadonlySet<string> = new Set(["validate"])

/** What is asked, again and again. */
type Ask = () => Promise<unknown>
type Call = (name: string, args: Readonly<Record<string, unknown>>) => Promise<Answered>

/** What a call came to: whether it failed, and the result as the protocol has it. */
interface Answered {
  readonly isError: boolean
  readonly structured: Readonly<Record<string, unknown>>
  readonly result: object
}

const policyFile = fileURLToPath(new URL("samples/tagging_policy.json", import.meta.resolve("@cadastre/policy/package.json")))
const check = { resource_types: coreTypes }

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

/** Each by its name, in turns; what the first rounds of each warm up is not measured. */
const timed = async (asks: Readonly<Record<string, Ask>>, prefix: string): Promise<ReadonlyArray<Figure>> => {
  const times = new Map(Object.keys(asks).map((name) => [name, new Array<number>()]))
  for (let round = -3; round < rounds; round++) {
    for (const [name, ask] of Object.entries(asks)) {
      for (let call = 0; call < (scanning.has(name) ? callsPerRound / 20 : callsPerRound); call++) {
        const begun = performance.now()
        await ask()
        if (round >= 0) times.get(name)!.push(performance.now() - begun)
      }
    }
  }
  return [...times].flatMap(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b)
    const at = (share: number) => rounded(sorted[Math.floor(sorted.length * share)]!)
    return [
      { name: `${prefix}-${name}-p5`, value: at(0.05), unit: "ms" },
      { name: `${prefix}-${name}-p50`, value: at(0.5), unit: "ms" },
      { name: `${prefix}-${name}-p99`, value: at(0.99), unit: "ms" }
    ]
  })
}

const throughput = async (call: Call, prefix: string): Promise<ReadonlyArray<Figure>> => {
  const rates: Array<number> = []
  for (let round = 0; round < 4; round++) {
    const begun = performance.now()
    const all = await Promise.all(Array.from({ length: atOnce }, () => call("check_tag_compliance", check)))
    rates.push(atOnce * 1000 / (performance.now() - begun))
    assert.ok(all.every(({ isError, structured }) => !isError && structured["status"] === "finished"), "every call is answered")
  }
  const [, , middle] = rates.toSorted((a, b) => a - b)
  return [{ name: `${prefix}-check-${atOnce}`, value: Math.round(middle!), unit: "calls/s" }]
}

/** The calls that are measured, the first of which scans. */
const asksOf = async (call: Call): Promise<{ readonly asks: Readonly<Record<string, Ask>>; readonly result: object }> => {
  const scanned = await call("check_tag_compliance", check)
  assert.equal(scanned.structured["from_cache"], false)
  assert.equal(scanned.structured["resources_found"], 20_000)
  const known = await call("check_tag_compliance", check)
  assert.equal(known.structured["from_cache"], true)
  assert.ok(Number(known.structured["violations_total"]) > 200, "there are hundreds of violations")
  const ask = (name: string, args: Readonly<Record<string, unknown>>): Ask => async () => {
    const { isError } = await call(name, args)
    assert.ok(!isError, name)
  }
  const [violation] = known.structured["violations"] as ReadonlyArray<{ readonly resource_arn: string }>
  return {
    result: known.result,
    asks: {
      check: ask("check_tag_compliance", check),
      policy: ask("get_tagging_policy", {}),
      validate: ask("validate_resource_tags", { resource_arns: [violation!.resource_arn] })
    }
  }
}

const inProcess = async (
  env: Readonly<Record<string, string>>,
  { credentials, url }: SimulatorProcess
): Promise<ReadonlyArray<Figure>> =>
  await Effect.runPromise(
    Effect.gen(function*() {
      const source = "tagging_policy.json"
      const policy = yield* PolicyFile.load(readFileSync(policyFile, "utf8"), { source })
      const runtime = yield* ServerOptions.runtimeOf({
        version: "0.0.0",
        policy: PolicyInForce.make({ policy, source }),
        services: Layer.provideMerge(Cadastre.layer(), EstateMemory.layerConfig).pipe(Layer.provide(
          Layer.succeed(AwsSettings, { endpointUrl: url, credentials: () => Promise.resolve(credentials) })
        )),
        audit: AuditTrail.layer
      }, ResourceChanges.make())
      const session = new Guardrails.Session({ id: "bench", bounds: yield* Guardrails.bounds })
      const { tools } = McpAdapter.everything
      const call: Call = async (name, args) => {
        const progress = () => Effect.void
        const { exit } = await runtime.runPromise(ToolCalls.answer(session, { tools, name, args, progress }))
        if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
        const { isError = false, structured, text } = exit.value
        return { isError, structured, result: { content: [{ type: "text", text }], structuredContent: structured } }
      }
      return yield* Effect.promise(async () => {
        const { asks, result } = await asksOf(call)
        return [
          { name: "answer", value: Buffer.byteLength(JSON.stringify(result)), unit: "bytes" },
          ...await timed({ ...asks, "check-json": async () => void JSON.stringify((await call("check_tag_compliance", check)).result) }, "process"),
          ...await throughput(call, "process")
        ]
      })
    }).pipe(Effect.scoped, Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))))
  )

type Transport = StdioClientTransport | StreamableHTTPClientTransport

const connect = async (transport: Transport, isCurrent = false): Promise<Client> => {
  const client = new Client(
    { name: "bench", version: "1.0.0" },
    isCurrent ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {}
  )
  await client.connect(transport)
  await client.listTools()
  return client
}

const callOf = (client: Client): Call => async (name, args) => {
  const result = await client.callTool({ name, arguments: { ...args } }, { timeout: 600_000 })
  return {
    isError: result.isError === true,
    structured: result.structuredContent as Answered["structured"] ?? {},
    result
  }
}

/** Our server and the bare one, each with a client, over one transport. */
const overTransport = async (
  prefix: string,
  connected: { readonly ours: Client; readonly isCurrent?: boolean; readonly bareOf: (file: string) => Promise<Client> }
): Promise<ReadonlyArray<Figure>> => {
  const { bareOf, isCurrent = false, ours } = connected
  const call = callOf(ours)
  const { asks, result: answer } = await asksOf(call)
  const { tools } = await ours.listTools()
  const folder = mkdtempSync(join(tmpdir(), "cadastre-bench-"))
  const file = join(folder, "answer.json")
  writeFileSync(file, JSON.stringify({ answer, outputSchema: tools.find(({ name }) => name === "check_tag_compliance")?.outputSchema }))
  const bare = await bareOf(file)
  rmSync(folder, { recursive: true })
  const bareCall = (name: string) => async () => void await bare.callTool({ name, arguments: {} })
  const figures = [
    ...await timed({ ...isCurrent ? {} : { ping: () => ours.ping() }, bare: bareCall("text"), same: bareCall("same"), ...asks }, prefix),
    ...await throughput(call, prefix)
  ]
  await Promise.all([ours.close(), bare.close()])
  return figures
}

const bareServer = fileURLToPath(new URL("BareMcpServer.ts", import.meta.url))

/** Node's own profiler, of the server that is measured: `BENCH_PROFILE` names the folder of its profiles. */
const profiled = process.env["BENCH_PROFILE"] === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${process.env["BENCH_PROFILE"]}`]

const overStdio = async (main: string, env: Readonly<Record<string, string>>): Promise<ReadonlyArray<Figure>> => {
  const started = (args: ReadonlyArray<string>) =>
    connect(new StdioClientTransport({ command: process.execPath, args: [...args], env, stderr: "inherit" }))
  return await overTransport("stdio", {
    ours: await started([...profiled, main]),
    bareOf: (file) => started([bareServer, file])
  })
}

const overHttp = async (main: string, env: Readonly<Record<string, string>>, isCurrent: boolean): Promise<ReadonlyArray<Figure>> => {
  const ours = spawn(process.execPath, [...profiled, main, "--http"], { env, stdio: ["ignore", "ignore", "pipe"] })
  const url = await new Promise<string>((resolve) => {
    createInterface(ours.stderr).on("line", (line) => {
      const [found] = /http\S+\/mcp/u.exec(line) ?? []
      if (found === undefined) process.stderr.write(`${line}\n`)
      else resolve(found)
    })
  })
  let bare: ReturnType<typeof spawn> | undefined
  const ends = [once(ours, "exit")]
  try {
    return await overTransport(isCurrent ? "http-current" : "http", {
      isCurrent,
      ours: await connect(new StreamableHTTPClientTransport(new URL(url)), isCurrent),
      bareOf: async (file) => {
        const started = spawn(process.execPath, [bareServer, file, "--http"], { stdio: ["pipe", "pipe", "inherit"] })
        bare = started
        ends.push(once(started, "exit"))
        const [port] = await once(createInterface(started.stdout), "line") as [string]
        return await connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)))
      }
    })
  } finally {
    ours.kill("SIGTERM")
    bare?.stdin?.end()
    await Promise.all(ends)
  }
}

/** As a user has it, but for the limits that this bench is to exceed. */
const environmentOf = ({ credentials, url }: SimulatorProcess, folder: string): Readonly<Record<string, string>> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  DATABASE_URL: `sqlite://${join(folder, "cadastre.db")}`,
  POLICY_PATH: join(folder, "tagging_policy.json"),
  AWS_ENDPOINT_URL: url,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  RATE_LIMIT_SHARE: "1",
  REGION_SCAN_TIMEOUT_SECONDS: "300",
  TOOL_TIMEOUT_SECONDS: "600",
  MAX_TOOL_CALLS_PER_SESSION: "1000000",
  MAX_IDENTICAL_CALLS: "1000000",
  MCP_REQUESTS_PER_MINUTE: "1000000",
  MCP_SERVER_PORT: "0"
})

/** The parts, of which `BENCH_MCP` may name some: `process`, `stdio`, `http`, `http-current`. */
export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const wanted = (process.env["BENCH_MCP"] ?? "process,stdio,http,http-current").split(",")
  const bundled = execFileSync(process.execPath, [fileURLToPath(new URL("../tools/bundle.ts", import.meta.url)), "server"], { encoding: "utf8" })
  const main = join(bundled, "main.mjs")
  const simulator = await start(["--resources", "20000", "--seed", "1"])
  const folder = mkdtempSync(join(tmpdir(), "cadastre-bench-"))
  copyFileSync(policyFile, join(folder, "tagging_policy.json"))
  const env = environmentOf(simulator, folder)
  const parts: Readonly<Record<string, () => Promise<ReadonlyArray<Figure>>>> = {
    process: () => inProcess(env, simulator),
    stdio: () => overStdio(main, env),
    http: () => overHttp(main, env, false),
    "http-current": () => overHttp(main, env, true)
  }
  const figures: Array<Figure> = []
  try {
    for (const [name, part] of Object.entries(parts)) if (wanted.includes(name)) figures.push(...await part())
    return figures
  } finally {
    await simulator.close()
    rmSync(bundled, { recursive: true })
    rmSync(folder, { recursive: true })
  }
}
