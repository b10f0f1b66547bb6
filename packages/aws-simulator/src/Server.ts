/**
 * The HTTP server of the simulator, without Effect: requests in, answers out.
 *
 * @since 0.1.0
 */
import * as Http from "node:http"
import { AwsFault } from "./AwsFault.ts"
import * as Counts from "./Counts.ts"
import * as Credentials from "./Credentials.ts"
import * as Estate from "./Estate.ts"
import * as Family from "./Family.ts"
import { draw, hex8, unit } from "./Hash.ts"
import { type Answer, bytesOf, operationsOf, type Request } from "./Protocol.ts"
import { isEnabled } from "./Region.ts"
import * as Rule from "./Rule.ts"
import type { Call, Service } from "./Service.ts"
import { services } from "./services/catalog.ts"
import type { OperationShape } from "./Shape.ts"
import * as Signature from "./Signature.ts"
import * as Throttle from "./Throttle.ts"

/**
 * How a simulator behaves.
 *
 * @since 0.1.0
 */
export interface SimulatorOptions {
  /** What there is to find (default: 1,000 resources from seed 1 in one account). */
  readonly estate?: Estate.Estate | Estate.EstateOptions
  /** The port on the loopback address (default 0: a free one). */
  readonly port?: number
  /** Draws jitter, ragged pages and faults (default: the estate's seed). */
  readonly seed?: number
  /** Milliseconds before each answer, and how much more at random (default 0). */
  readonly latency?: number | { readonly milliseconds: number; readonly jitter?: number }
  /** Whether AWS's rate limits are enforced (default `"off"`). */
  readonly throttling?: Throttle.Throttling
  /** Cuts pages to this size, beneath the services' own limits. */
  readonly pageSize?: number | ((call: { readonly service: string; readonly operation: string }) => number)
  /** `"ragged"`: pages come shorter than asked, or empty with a token, wherever AWS documents that this may be. */
  readonly pages?: "full" | "ragged"
  /** IAM actions that an account allows, e.g. `ec2:Describe*`; accounts that are not named allow all. */
  readonly allow?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Rules in force from the start. */
  readonly rules?: ReadonlyArray<Rule.Rule>
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
  readonly reset: () => void
  readonly rule: (rule: Rule.Rule) => () => void
  readonly clearRules: () => void
  readonly advance: (milliseconds: number) => void
  readonly credentials: (accountId?: string) => Credentials.AccessKeys
  readonly close: () => Promise<void>
}

interface LoadedService {
  readonly service: Service
  readonly operations: Promise<ReadonlyMap<string, OperationShape>>
}

/** Starts a server on the loopback address. */
export const listen = (options: SimulatorOptions): Promise<Server> => {
  const estate = isEstate(options.estate) ? options.estate : Estate.make(options.estate)
  const seed = options.seed ?? estate.seed
  let advanced = 0
  const now = () => (options.now ?? Date.now)() + advanced
  const counts = Counts.make()
  const rules = Rule.make(seed)
  for (const rule of options.rules ?? []) rules.add(rule)
  const throttle = Throttle.make(options.throttling ?? "off", now)
  const { jitter = 0, milliseconds: latency } = typeof options.latency === "object"
    ? options.latency
    : { milliseconds: options.latency ?? 0 }
  const loaded = new Map<string, LoadedService>()
  const known = new Map(services.map((service) => [service.signingName, service]))
  const enabled = new Set(estate.regions.filter(isEnabled).map(({ name }) => name))
  const timers = new Set<NodeJS.Timeout>()
  let requests = 0

  const load = (signingName: string): LoadedService | undefined => {
    const found = loaded.get(signingName)
    if (found !== undefined) return found
    const service = known.get(signingName)
    if (service === undefined) return undefined
    const operations = service.load().then((client) =>
      operationsOf(client as Record<string, unknown>, Object.keys(service.operations))
    )
    const made = { service, operations }
    loaded.set(signingName, made)
    return made
  }

  const later = (delay: number): Promise<void> =>
    delay <= 0 ? Promise.resolve() : new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, delay)
      timers.add(timer)
    })

  const requestIdOf = (number: number): string => {
    const a = draw(seed, number)
    const b = hex8(draw(a, 1))
    const node = `${hex8(draw(a, 3))}${b.slice(0, 4)}`
    return `${hex8(a)}-${b.slice(0, 4)}-4${b.slice(5)}-a${hex8(draw(a, 2)).slice(5)}-${node}`
  }

  const answerAws = async (request: Request, response: Http.ServerResponse): Promise<void> => {
    const number = ++requests
    const requestId = requestIdOf(number)
    const scope = Credentials.scopeOf(
      typeof request.headers["authorization"] === "string" ? request.headers["authorization"] : undefined
    )
    const found = load(scope?.service ?? "")
    if (scope === undefined || found === undefined) {
      const code = scope === undefined ? "MissingAuthenticationTokenException" : "UnknownOperationException"
      return send(response, {
        status: scope === undefined ? 403 : 404,
        headers: { "content-type": "application/json", "x-amzn-requestid": requestId, "x-amzn-errortype": code },
        body: JSON.stringify({
          __type: code,
          message: scope === undefined
            ? "Missing Authentication Token"
            : `The simulator has no service ${scope.service}`
        })
      })
    }
    const { service } = found
    const operations = await found.operations
    const operation = service.protocol.route(request, operations)
    const sessionToken = request.headers["x-amz-security-token"]
    const caller = Credentials.read(scope.accessKeyId, typeof sessionToken === "string" ? sessionToken : undefined)
    const subject = {
      accountId: caller?.accountId ?? "unknown",
      region: scope.region,
      service: service.signingName,
      operation: operation ?? "unknown"
    }
    const counter = counts.begin(subject)
    response.once("close", counter.end)
    const faults = rules.faultsFor(subject)
    if (faults.length > 0) counter.fault()
    const has = <T extends Rule.Fault["type"]>(type: T) =>
      faults.find((one): one is Extract<Rule.Fault, { type: T }> => one.type === type)
    await later(latency + jitter * unit(seed, number) + (has("slow")?.milliseconds ?? 0))
    if (has("hang") !== undefined) return
    if (has("reset") !== undefined && has("reset")?.when !== "body") return reset(response)
    if (has("html") !== undefined) {
      const body = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1>" +
        "</center>\n<hr><center>nginx</center>\n</body>\n</html>\n"
      counter.answered({ status: 502, throttled: false, bytes: body.length })
      return send(response, { status: 502, headers: { "content-type": "text/html" }, body })
    }

    const refuse = (cause: Family.Cause, message?: string): AwsFault => {
      const fault = Family.fault(service.family, cause, message)
      const queryCode = service.queryCodes?.[cause]
      return queryCode === undefined
        ? fault
        : new AwsFault(fault.code, fault.status, fault.message, { queryCode, throttled: fault.throttled })
    }

    /** The services do not tell a disabled Region from a key that they do not know. */
    const strange = () =>
      service.signingName === "s3" && scope.accessKeyId.startsWith("ASIA")
        ? new AwsFault("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
        : refuse("unknown-key")

    const perform = (): Answer => {
      if (operation === undefined || !Object.hasOwn(service.operations, operation)) throw refuse("unknown-operation")
      if (caller === undefined || !estate.accounts.includes(caller.accountId)) throw refuse("unknown-key")
      if (has("invalid-credentials") !== undefined) throw refuse("unknown-key")
      if (has("bad-signature") !== undefined) throw refuse("bad-signature")
      if (options.verifySignatures === true && !Signature.isValid(request, scope)) throw refuse("bad-signature")
      if (has("expired") !== undefined || (caller.expires !== undefined && caller.expires <= now())) {
        throw refuse("expired")
      }
      if (has("disabled-region") !== undefined) throw strange()
      if (service.scope === "regional" && !enabled.has(scope.region)) throw strange()
      const action = `${service.iamPrefix}:${service.actions?.[operation] ?? operation}`
      const deny = has("deny")
      const allowed = options.allow !== undefined && Object.hasOwn(options.allow, caller.accountId)
        ? options.allow[caller.accountId]
        : undefined
      if (deny !== undefined || (allowed !== undefined && action !== freeAction && !allows(allowed, action))) {
        throw refuse("denied", denial(service, action, caller.principal, deny?.by === "scp"))
      }
      const shape = operations.get(operation)!
      let input: unknown
      try {
        input = service.protocol.decode(shape, request)
      } catch {
        throw refuse("malformed-request")
      }
      const granted = throttle({
        accountId: caller.accountId,
        region: service.scope === "global" ? "global" : scope.region,
        service: service.signingName,
        operation,
        unpaginated: service.isUnpaginated?.(input) === true
      })
      if (!granted || has("throttle") !== undefined) throw refuse("throttled")
      const status = has("status")?.status
      if (status !== undefined) throw refuse(status === 500 ? "internal" : "unavailable")
      const vanish = has("vanish")
      const call: Call = {
        estate,
        accountId: caller.accountId,
        region: scope.region,
        service: service.signingName,
        operation,
        principal: caller.principal,
        userId: caller.userId,
        now: now(),
        paging: {
          cap: capOf(options.pageSize, service.signingName, operation),
          ragged: options.pages === "ragged" && service.ragged?.includes(operation) === true,
          seed
        },
        find: (type, key, region = scope.region) => {
          const resource = estate.findIn(caller.accountId, region, type, key)
          return vanish !== undefined && resource?.arn.includes(vanish.resource ?? "") === true ? undefined : resource
        }
      }
      const handler = service.operations[operation] as (input: unknown, call: Call) => unknown
      return service.protocol.encode(shape, handler(input, call), requestId)
    }

    let answer: Answer
    let throttled = false
    try {
      answer = perform()
    } catch (error) {
      const fault = error instanceof AwsFault
        ? error
        // A fault of the simulator itself: say so rather than pose as AWS.
        : refuse("internal", `The simulator failed: ${error instanceof Error ? error.stack : String(error)}`)
      throttled = fault.throttled
      answer = service.protocol.encodeFault(fault, requestId)
    }
    const oversized = has("oversized")
    const whole = bytesOf(answer)
    const body = has("malformed") === undefined ? whole : mangled(whole)
    counter.answered({ status: answer.status, throttled, bytes: body.length + (oversized?.bytes ?? 0) })
    if (has("reset") !== undefined) return half(response, answer, body, () => reset(response))
    if (has("truncate") !== undefined) return half(response, answer, body, () => response.socket?.end())
    if (oversized !== undefined) return pad(response, answer, body, oversized.bytes ?? 64 * 1024 * 1024)
    response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
    response.end(request.method === "HEAD" ? undefined : body)
  }

  const admin = (request: Request, response: Http.ServerResponse): void => {
    const json = (status: number, value: unknown) =>
      send(response, { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) })
    switch (`${request.method} ${request.path}`) {
      case "GET /_cadastre/calls":
        return json(200, counts.all())
      case "GET /_cadastre/truth":
        return stream(response, estate.truth())
      case "POST /_cadastre/rules": {
        const rule = JSON.parse(request.body) as Rule.Rule
        if (!faultTypes.has(rule.fault?.type)) return json(400, { message: `unknown fault ${rule.fault?.type}` })
        rules.add(rule)
        return json(201, {})
      }
      case "DELETE /_cadastre/rules":
        rules.clear()
        return json(200, {})
      case "POST /_cadastre/reset":
        counts.reset()
        return json(200, {})
      default:
        return json(404, { message: "no such administration request" })
    }
  }

  const server = Http.createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const chunks: Array<Buffer> = []
    response.on("error", () => {})
    incoming.on("error", () => {})
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const url = incoming.url ?? "/"
      const mark = url.indexOf("?")
      const request: Request = {
        method: incoming.method ?? "GET",
        path: mark < 0 ? url : url.slice(0, mark),
        query: mark < 0 ? "" : url.slice(mark + 1),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString()
      }
      const failed = (error: unknown) => {
        if (!response.headersSent) {
          send(response, {
            status: 500,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ message: `The simulator failed: ${String(error)}` })
          })
        } else response.destroy()
      }
      try {
        if (request.path.startsWith("/_cadastre/")) admin(request, response)
        else answerAws(request, response).catch(failed)
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
      resolve({
        url: `http://127.0.0.1:${port}`,
        port,
        estate,
        calls: counts.all,
        maxInFlight: counts.maxInFlight,
        reset: counts.reset,
        rule: rules.add,
        clearRules: rules.clear,
        advance: (milliseconds) => {
          advanced += milliseconds
        },
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

const isEstate = (value: SimulatorOptions["estate"]): value is Estate.Estate =>
  value !== undefined && "resources" in value && typeof value.resources === "function"

const capOf = (pageSize: SimulatorOptions["pageSize"], service: string, operation: string): number =>
  pageSize === undefined
    ? Number.MAX_SAFE_INTEGER
    : Math.max(1, typeof pageSize === "number" ? pageSize : pageSize({ service, operation }))

/** The one call that no policy can forbid. */
const freeAction = "sts:GetCallerIdentity"

const allows = (allowed: ReadonlyArray<string>, action: string): boolean =>
  allowed.some((pattern) =>
    new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/gu, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "iu")
      .test(action)
  )

/** IAM's texts ("Troubleshoot access denied error messages"); EC2 and SQS have their own ways. */
const denial = (service: Service, action: string, principal: string, scp: boolean): string | undefined => {
  const written = service.signingName === "sqs"
    ? action.toLowerCase()
    : service.signingName === "sns"
    ? action.replace("sns:", "SNS:")
    : action
  const reason = scp
    ? "with an explicit deny in a service control policy"
    : `because no identity-based policy allows the ${written} action`
  if (service.signingName === "s3" && !scp) return undefined
  const text = `User: ${principal} is not authorized to perform: ${written} ${reason}`
  return service.signingName === "ec2" ? `You are not authorized to perform this operation. ${text}` : text
}

const faultTypes = new Set<unknown>([
  "deny",
  "throttle",
  "hang",
  "reset",
  "status",
  "truncate",
  "malformed",
  "html",
  "expired",
  "invalid-credentials",
  "bad-signature",
  "disabled-region",
  "slow",
  "vanish",
  "oversized"
])

/** Complete, and no document: the last third is gone. */
const mangled = (body: Buffer): Buffer =>
  Buffer.concat([body.subarray(0, Math.ceil(body.length * 0.66)), Buffer.from("\u0000<<{\"")])

const send = (response: Http.ServerResponse, answer: Answer): void => {
  const body = bytesOf(answer)
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
  response.end(body)
}

const reset = (response: Http.ServerResponse): void => {
  response.socket?.resetAndDestroy()
}

/** The head and half of a body, and then the connection ends somehow. */
const half = (response: Http.ServerResponse, answer: Answer, body: Buffer, then: () => void): void => {
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
  response.write(body.subarray(0, Math.ceil(body.length / 2)), then)
}

/** White space after a document is no part of it: the answer stays right and grows too large. */
const pad = (response: Http.ServerResponse, answer: Answer, body: Buffer, bytes: number): void => {
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length + bytes })
  response.write(body)
  const chunk = Buffer.alloc(Math.min(bytes, 1024 * 1024), "\n")
  let left = bytes
  const more = () => {
    while (left > 0 && !response.destroyed) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk
      left -= part.length
      if (!response.write(part)) {
        response.once("drain", more)
        return
      }
    }
    response.end()
  }
  more()
}

/** One JSON document a line, as fast as the reader takes them. */
const stream = (response: Http.ServerResponse, values: Iterator<unknown>): void => {
  response.writeHead(200, { "content-type": "application/x-ndjson" })
  const more = () => {
    while (!response.destroyed) {
      let text = ""
      let done = false
      while (text.length < 65_536) {
        const next = values.next()
        if (next.done === true) {
          done = true
          break
        }
        text += `${JSON.stringify(next.value)}\n`
      }
      if (done) {
        response.end(text)
        return
      }
      if (!response.write(text)) {
        response.once("drain", more)
        return
      }
    }
  }
  more()
}

