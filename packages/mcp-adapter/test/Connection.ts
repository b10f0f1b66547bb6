import { Estate, TagPolicies } from "@cadastre/account-discovery"
import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsSettings } from "@cadastre/client-factory"
import { Compliance, type ComplianceResult, ResultCache } from "@cadastre/compliance"
import type { CostSource } from "@cadastre/cost"
import type { TagPolicy } from "@cadastre/policy"
import { Regions } from "@cadastre/region-discovery"
import { Scan, ScannerRegistry } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import { Client, InMemoryTransport } from "@modelcontextprotocol/client"
import { serveStdio } from "@modelcontextprotocol/server/stdio"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { AuditRow } from "@cadastre/store"
import { AuditTrail, Guardrails, LastScan, McpAdapter, PolicyInForce, ResourceChanges, ScanHandles } from "../src/index.ts"
import { limits, type ScanLimits } from "../src/KeptScans.ts"

export const policy: TagPolicy = {
  version: "1.0",
  required_tags: [
    { name: "Owner" },
    { name: "Environment", allowed_values: ["production", "staging", "development", "test", "sandbox"] },
    { name: "CostCenter", validation_regex: "CC-[0-9]{4}", severity: "warning" }
  ]
}

export const regions = ["us-east-1", "eu-west-1", "eu-central-1"]

/** Everything as in production, but for where AWS is. */
export const servicesAt = (simulator: Simulator["Service"], more: {
  readonly memory?: Layer.Layer<never, Config.ConfigError>
  readonly costs?: Layer.Layer<CostSource, never, Aws.Aws>
} = {}) =>
  Compliance.layerNoDeps.pipe(
    Layer.provide(more.memory ?? Layer.empty),
    Layer.provide((more.costs ?? Layer.empty).pipe(Layer.provide(Aws.Aws.layer))),
    Layer.provideMerge(Scan.layerNoDeps),
    Layer.provideMerge(Layer.mergeAll(ScannerRegistry.layer(catalog), Regions.layerNoDeps, Estate.layerNoDeps, TagPolicies.layerNoDeps)),
    Layer.provideMerge(Accounts.layerNoDeps),
    Layer.provide([Aws.Aws.layer, ResultCache.layerMemory]),
    Layer.provide(
      Layer.succeed(AwsSettings, {
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials())
      })
    )
  )

/** The same services, whose checks say something else of what they found. */
const told = (services: ReturnType<typeof servicesAt>, tellOf: (result: ComplianceResult) => ComplianceResult) =>
  Layer.effect(
    Compliance,
    Effect.map(Compliance, (compliance) => ({
      ...compliance,
      check: (...args: Parameters<typeof compliance.check>) => Effect.map(compliance.check(...args), tellOf)
    }))
  ).pipe(Layer.provideMerge(services))

/** A client and a server, connected in this process, and the simulated AWS behind them, while the scope lives. */
export const connect = (options: {
  readonly simulator?: SimulatorOptions
  readonly policy?: TagPolicy
  readonly source?: string
  readonly revision?: "current" | "previous"
  readonly bounds?: Partial<Guardrails.Bounds>
  readonly memory?: Layer.Layer<never, Config.ConfigError>
  readonly costs?: Layer.Layer<CostSource, never, Aws.Aws>
  readonly scans?: Partial<ScanLimits>
  /** What a check is said to have found, of what it did find. */
  readonly tellOf?: (result: ComplianceResult) => ComplianceResult
} = {}) =>
  Effect.gen(function*() {
    const rows: Array<AuditRow> = []
    const changes = ResourceChanges.make()
    const bounds = { ...(yield* Guardrails.bounds), ...options.bounds }
    const scans = { ...(yield* limits), ...options.scans }
    const simulator = yield* Simulator.make({ estate: { regions, resources: 300 }, ...options.simulator })
    const runtime = yield* Effect.acquireRelease(
      Effect.sync(() =>
        ManagedRuntime.make(
          Layer.mergeAll(
            LastScan.watching(options.tellOf === undefined ? servicesAt(simulator, options) : told(servicesAt(simulator, options), options.tellOf)),
            Layer.succeed(
              PolicyInForce,
              PolicyInForce.make({ policy: options.policy ?? policy, source: options.source ?? "policy.json" })
            ),
            AuditTrail.layerMemory(rows),
            ScanHandles.layerOf(scans),
            Logger.layer([])
          ).pipe(Layer.provideMerge(LastScan.layer), Layer.provideMerge(Layer.succeed(ResourceChanges.ResourceChanges, changes)))
        )
      ),
      (runtime) => runtime.disposeEffect
    )
    /** A client with a session of its own, on the same server. */
    const another = (id: string, principal?: string) =>
      Effect.gen(function*() {
        const session = new Guardrails.Session({ id, principal, bounds })
        const [near, far] = InMemoryTransport.createLinkedPair()
        yield* Effect.acquireRelease(
          Effect.sync(() =>
            serveStdio(
              ({ era }) => McpAdapter.make(runtime, { version: "0.0.0", session, changes, isFiltered: era === "modern" }),
              { transport: far }
            )
          ),
          (server) => Effect.promise(() => server.close())
        )
        const client = new Client(
          { name: "test", version: "1.0.0" },
          options.revision === "current" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {}
        )
        yield* Effect.acquireRelease(
          Effect.promise(() => client.connect(near)),
          () => Effect.promise(() => client.close())
        )
        return client
      })
    const client = yield* another("the-session")
    return { client, another, simulator, rows }
  })

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

/** AWS calls so far, but for those that ask who we are and which Regions there are. */
export const scanCalls = (simulator: Simulator["Service"]): number =>
  simulator.calls()
    .filter(({ operation }) => operation !== "GetCallerIdentity" && operation !== "DescribeRegions")
    .reduce((sum, { calls }) => sum + calls, 0)

/** Types that cost nothing, of those that the simulated estates hold: a policy that does not name them leaves them out. */
const free: ReadonlySet<string> = new Set(["autoscaling:group", "ec2:security-group", "ecs:cluster", "iam:role"])

/**
 * What the score must be, from the estate itself and the policy as a person
 * reads it.
 */
export const expected = (simulator: Simulator["Service"], types?: ReadonlyArray<string>) => {
  const allowed = new Set(policy.required_tags[1]!.allowed_values)
  let total = 0
  let compliant = 0
  for (const { mark, tags, type } of simulator.estate.resources()) {
    if (mark !== undefined || free.has(type) || (types !== undefined && !types.includes(type))) continue
    total++
    // The keys of IAM's tags have no case.
    const value = (key: string) =>
      Object.entries(tags).find(([name]) =>
        name === key || (type === "iam:role" && name.toLowerCase() === key.toLowerCase())
      )?.[1]
    if ((value("Owner") ?? "").trim() !== "" && allowed.has(value("Environment") ?? "")) compliant++
  }
  return { total, compliant }
}
