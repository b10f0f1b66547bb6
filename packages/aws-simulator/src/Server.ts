/**
 * The HTTP server of the simulator, without Effect: requests in, answers out.
 *
 * @since 0.1.0
 */
import * as Http from "node:http"
import * as Admin from "./Admin.ts"
import * as Authorization from "./Authorization.ts"
import * as AwsEndpoint from "./AwsEndpoint.ts"
import * as CallNumbers from "./CallNumbers.ts"
import * as Counts from "./Counts.ts"
import * as Credentials from "./Credentials.ts"
import * as Delivery from "./Delivery.ts"
import * as Estate from "./Estate.ts"
import * as FaultLog from "./FaultLog.ts"
import * as Latency from "./Latency.ts"
import type { Request } from "./Protocol.ts"
import * as Rule from "./Rule.ts"
import type { Schedule } from "./Schedule.ts"
import * as ServiceLoader from "./ServiceLoader.ts"
import { services } from "./services/catalog.ts"
import * as Throttle from "./Throttle.ts"

/**
 * How a simulator behaves.
 *
 * @since 0.1.0
 */
export interface SimulatorOptions extends Authorization.AuthorizationOptions {
  /** What there is to find (default: 1,000 resources from seed 1 in one account). */
  readonly estate?: Estate.Estate | Estate.EstateOptions
  /** The port on the loopback address (default 0: a free one). */
  readonly port?: number
  /** Draws latency, ragged pages and faults (default: the estate's seed). */
  readonly seed?: number
  /** Milliseconds before each answer, or how these are distributed (default 0). */
  readonly latency?: number | Latency.LatencyOptions
  /** Whether AWS's rate limits are enforced, and where how strictly (default `"off"`). */
  readonly throttling?: Throttle.Throttling
  /** Cuts pages to this size, beneath the services' own limits. */
  readonly pageSize?: number | ((call: { readonly service: string; readonly operation: string }) => number)
  /** `"ragged"`: pages come shorter than asked, or empty with a token, wherever AWS documents that this may be. */
  readonly pages?: "full" | "ragged"
  /** Rules in force from the start. */
  readonly rules?: ReadonlyArray<Rule.Rule>
  /** A schedule of faults, besides the rules. */
  readonly schedule?: Schedule
  /** Whether signatures are checked (default `false`). */
  readonly verifySignatures?: boolean
  /** The clock, in milliseconds since 1970 (default `Date.now`). */
  readonly now?: () => number
}

/** A server that listens. */
export interface Server {
  readonly url: string
  readonly port: number
  readonly estate: Estate.Estate
  readonly calls: () => ReadonlyArray<Counts.CallCount>
  readonly maxInFlight: () => number
  readonly faults: () => ReadonlyArray<FaultLog.FaultEntry>
  readonly reset: () => void
  readonly rule: (rule: Rule.Rule) => () => void
  readonly clearRules: () => void
  readonly schedule: () => Schedule | undefined
  readonly setSchedule: (schedule: Schedule | undefined) => void
  readonly advance: (milliseconds: number) => void
  readonly now: () => number
  readonly credentials: (accountId?: string) => Credentials.AccessKeys
  readonly close: () => Promise<void>
}

/** Starts a server on the loopback address. */
export const listen = (options: SimulatorOptions): Promise<Server> => {
  const estate = isEstate(options.estate) ? options.estate : Estate.make(options.estate)
  const seed = options.seed ?? estate.seed
  let advanced = 0
  const now = () => (options.now ?? Date.now)() + advanced
  estate.history.useClock(now)
  const counts = Counts.make()
  const log = FaultLog.make()
  const numbers = CallNumbers.make()
  const rules = Rule.make(seed)
  const scheduled = Rule.make(seed)
  const timers = new Set<NodeJS.Timeout>()
  let schedule: Schedule | undefined

  for (const rule of options.rules ?? []) rules.add(rule)
  const setSchedule = (given: Schedule | undefined) => {
    schedule = given
    scheduled.clear()
    // The same calls in the same order shall meet the same faults again.
    numbers.restart()
    for (const rule of given?.rules ?? []) scheduled.add(rule)
  }
  setSchedule(options.schedule)

  const later = (delay: number): Promise<void> =>
    delay <= 0 ? Promise.resolve() : new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, delay)
      timers.add(timer)
    })

  const answer = AwsEndpoint.make({
    estate,
    seed,
    now,
    started: now(),
    load: ServiceLoader.make(services),
    counts,
    numbers,
    log,
    rules: [rules, scheduled],
    throttle: Throttle.make(options.throttling ?? "off", now),
    latency: Latency.make(options.latency, seed),
    authorization: Authorization.make(options),
    verifySignatures: options.verifySignatures === true,
    capOf: capOf(options.pageSize),
    ragged: options.pages === "ragged",
    later
  })

  const controls: Admin.Controls = {
    estate,
    calls: counts.all,
    maxInFlight: counts.maxInFlight,
    faults: log.all,
    reset: () => {
      counts.reset()
      log.clear()
    },
    rule: rules.add,
    rules: rules.all,
    clearRules: rules.clear,
    schedule: () => schedule,
    setSchedule,
    advance: (milliseconds) => {
      advanced += milliseconds
    },
    now
  }
  const administer = Admin.make(controls)

  const server = Http.createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const chunks: Array<Buffer> = []
    response.on("error", () => {})
    incoming.on("error", () => {})
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const request = requestOf(incoming, Buffer.concat(chunks).toString())
      const failed = (error: unknown) => {
        if (response.headersSent) response.destroy()
        else {
          const message = `The simulator failed: ${String(error)}`
          const headers = { "content-type": "application/json" }
          Delivery.send(response, { status: 500, headers, body: JSON.stringify({ message }) })
        }
      }
      try {
        if (request.path.startsWith("/_cadastre/")) administer(request, response)
        else answer(request, response).catch(failed)
      } catch (error) {
        failed(error)
      }
    })
  })

  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      server.off("error", reject)
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const { rules: _, ...offered } = controls
      resolve({
        ...offered,
        url: `http://127.0.0.1:${port}`,
        port,
        credentials: (accountId = estate.accounts[0] ?? "") => Credentials.longLived(accountId),
        close: () =>
          new Promise((closed) => {
            for (const timer of timers) clearTimeout(timer)
            server.close(() => closed())
            // Also those that hang, or wait for a rule's delay.
            server.closeAllConnections()
          })
      })
    })
  })
}

const requestOf = (incoming: Http.IncomingMessage, body: string): Request => {
  const url = incoming.url ?? "/"
  const mark = url.indexOf("?")
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers: incoming.headers,
    body
  }
}

const isEstate = (value: SimulatorOptions["estate"]): value is Estate.Estate =>
  value !== undefined && "resources" in value && typeof value.resources === "function"

const capOf = (pageSize: SimulatorOptions["pageSize"]): AwsEndpoint.EndpointContext["capOf"] => (call) =>
  pageSize === undefined
    ? Number.MAX_SAFE_INTEGER
    : Math.max(1, typeof pageSize === "number" ? pageSize : pageSize(call))
