/**
 * The AWS side of the simulator: one signed request in, one answer out, unless something goes wrong.
 *
 * @since 0.1.0
 */
import type * as Http from "node:http"
import { AwsFault } from "./AwsFault.ts"
import * as Authorization from "./Authorization.ts"
import type * as CallNumbers from "./CallNumbers.ts"
import * as ClockSkew from "./ClockSkew.ts"
import * as Corruption from "./Corruption.ts"
import type * as Counts from "./Counts.ts"
import * as Credentials from "./Credentials.ts"
import * as Delivery from "./Delivery.ts"
import * as Enumeration from "./Enumeration.ts"
import type { Estate } from "./Estate.ts"
import * as ExpiredSessions from "./ExpiredSessions.ts"
import * as Family from "./Family.ts"
import * as Fate from "./Fate.ts"
import type { Fault, FaultOf, FaultType } from "./Fault.ts"
import type * as FaultLog from "./FaultLog.ts"
import { draw, hashText, hex8, unit } from "./Hash.ts"
import type { Latency } from "./Latency.ts"
import type { Answer, Request } from "./Protocol.ts"
import { partitionOf } from "./Region.ts"
import type * as Rule from "./Rule.ts"
import type { Call, Service } from "./Service.ts"
import type { LoadedService } from "./ServiceLoader.ts"
import type { OperationShape } from "./Shape.ts"
import * as Signature from "./Signature.ts"
import type { Throttle } from "./Throttle.ts"

/** What an endpoint answers from. */
export interface EndpointContext {
  readonly estate: Estate
  readonly seed: number
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly now: () => number
  /** When the simulator started, on its clock. */
  readonly started: number
  readonly load: (signingName: string, request: Request) => LoadedService | undefined
  readonly counts: Counts.Counts
  readonly numbers: CallNumbers.CallNumbers
  readonly log: FaultLog.FaultLog
  /** Those of rules and of the schedule. */
  readonly rules: ReadonlyArray<Rule.Rules>
  readonly throttle: Throttle
  readonly latency: Latency
  readonly authorization: Authorization.Authorization
  readonly verifySignatures: boolean
  readonly capOf: (call: { readonly service: string; readonly operation: string }) => number
  readonly ragged: boolean
  /** Waits; never ends once the server is closed. */
  readonly later: (milliseconds: number) => Promise<void>
}

/** Answers requests to AWS. */
export const make = (context: EndpointContext) => {
  const { counts, estate, later, now, numbers, rules, seed } = context
  const expired = ExpiredSessions.make((fault) => rules.some((some) => some.all().some((rule) => rule.fault === fault)))
  let requests = 0

  const requestIdOf = (number: number): string => {
    const a = draw(seed, number)
    const b = hex8(draw(a, 1))
    const node = `${hex8(draw(a, 3))}${b.slice(0, 4)}`
    return `${hex8(a)}-${b.slice(0, 4)}-4${b.slice(5)}-a${hex8(draw(a, 2)).slice(5)}-${node}`
  }

  return async (request: Request, response: Http.ServerResponse): Promise<void> => {
    const requestId = requestIdOf(++requests)
    const scope = Credentials.scopeOf(textOf(request.headers["authorization"]))
    const found = context.load(scope?.service ?? "", request)
    if (scope === undefined || found === undefined) return Delivery.send(response, unknown(scope?.service, requestId))
    const { service } = found
    const operations = await found.operations
    const operation = service.protocol.route(request, operations)
    const sessionToken = textOf(request.headers["x-amz-security-token"])
    const caller = callerOf(estate, Credentials.read(scope.accessKeyId, sessionToken))
    const subject = {
      accountId: caller?.accountId ?? "unknown",
      region: scope.region,
      service: service.signingName,
      operation: operation ?? "unknown"
    }
    const number = numbers.next(subject)
    const counter = counts.begin(subject)
    response.once("close", counter.end)
    const fate = Fate.make(context, subject, number)
    const { has, took } = fate
    if (fate.faults.length > 0) counter.fault()

    const slow = has("slow")
    if (slow !== undefined) took(slow, "delayed")
    await later(context.latency.before(subject, number) + (slow?.milliseconds ?? 0))

    const hang = has("hang")
    if (hang !== undefined) return took(hang, "broken")
    const reset = has("reset")
    const absent = has("unsupported")
    const refused = reset !== undefined && (reset.when ?? "before") === "before"
      ? reset
      : absent?.what === "endpoint" ? absent : undefined
    if (refused !== undefined) {
      took(refused, "broken")
      return Delivery.reset(response)
    }
    const gateway = gatewayOf(has("html"), has("status"))
    if (gateway !== undefined) {
      took(gateway.fault, "broken")
      const { body, status } = gateway.answer
      counter.answered({ status, throttled: false, bytes: body.length })
      return Delivery.send(response, gateway.answer)
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

    /** A refusal by a fault of this kind, if there is one. */
    const befall = (type: FaultType, refusal: () => AwsFault) => {
      const fault = has(type)
      if (fault === undefined) return
      took(fault, "refused")
      throw refusal()
    }

    const perform = (): Answer => {
      if (operation === undefined || !Object.hasOwn(service.operations, operation)) throw refuse("unknown-operation")
      if (caller === undefined) throw refuse("unknown-key")
      befall("invalid-credentials", () => refuse("unknown-key"))
      befall("bad-signature", () => refuse("bad-signature"))
      const skew = has("clock-skew")
      const skewed = skew === undefined ? undefined : ClockSkew.judge(request, skew.seconds ?? 3600)
      if (skew !== undefined && skewed !== undefined) {
        took(skew, "refused")
        const { code, message, status } = refuse("clock-skew")
        const text = message === "Signature expired" ? skewed.message : message
        throw new AwsFault(code, status, text, { headers: { date: skewed.date } })
      }
      if (context.verifySignatures && !Signature.isValid(request, scope)) throw refuse("bad-signature")
      const ended = expired.of(has("expired"), subject, sessionToken ?? scope.accessKeyId)
      if (ended !== undefined) took(ended, "refused")
      if (ended !== undefined || (caller.expires !== undefined && caller.expires <= now())) throw refuse("expired")
      befall("disabled-region", strange)
      if (!isUsable(estate, caller, scope.region, service)) throw strange()
      befall("not-subscribed", () => refuse("not-subscribed"))
      befall("unsupported", () => refuse("unsupported"))
      const shape = operations.get(operation)!
      const action = `${service.iamPrefix}:${service.actions?.[operation] ?? operation}`
      let input: unknown
      let readable = true
      try {
        input = service.protocol.decode(shape, request)
      } catch {
        readable = false
      }
      const resource = action === "sts:AssumeRole" ? textOf(memberOf(input, "RoleArn")) : undefined
      const denied = (denial: Authorization.Denial) =>
        refuse(
          "denied",
          Authorization.textOf(denial, { service: service.signingName, action, principal: caller.principal, resource })
        )
      const deny = has("deny")
      befall("deny", () => denied(deny ?? {}))
      const denial = context.authorization.denial(caller, action, resource)
      if (denial !== undefined) throw denied(denial)
      const also = service.alsoNeeds?.(operation, input)
      const denialToo = also === undefined ? undefined : context.authorization.denial(caller, also, resource)
      if (denialToo !== undefined) throw denied(denialToo)
      if (!readable) throw refuse("malformed-request")
      const granted = context.throttle({
        accountId: caller.accountId,
        region: service.scope === "global" ? "global" : scope.region,
        service: service.signingName,
        operation,
        unpaginated: service.isUnpaginated?.(input) === true
      })
      if (!granted) throw refuse("throttled")
      befall("throttle", () => refuse("throttled"))
      const status = has("status")?.status
      befall("status", () => {
        const { code, message } = refuse(status === 500 ? "internal" : "unavailable")
        return new AwsFault(code, status ?? 500, message)
      })
      const handler = service.operations[operation] as (input: unknown, call: Call) => unknown
      const host = textOf(request.headers["host"])
      const call = callOf({ context, caller, fate, host, operation, region: scope.region, service, shape })
      const output = handler(input, call)
      const renew = has("unknown-enum")
      const renewed = renew === undefined ? undefined : Enumeration.renew(shape.output, output, renew.members)
      if (renew !== undefined && renewed !== undefined && renewed.count > 0) took(renew, "altered")
      const extras = has("extra-members")
      if (extras !== undefined) took(extras, "altered")
      return service.protocol.encode(
        shape,
        renewed === undefined ? output : renewed.output,
        requestId,
        extras !== undefined
      )
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
    const corrupted = Corruption.corrupt(
      answer,
      fate,
      hashText(`${subject.accountId}/${subject.region}/${subject.service}/${subject.operation}/${number}`, seed)
    )
    const { body } = corrupted
    answer = corrupted.answer
    counter.answered({ status: answer.status, throttled, bytes: body.length + (has("oversized")?.bytes ?? 0) })
    Delivery.deliver(response, answer, body, fate, context)
  }
}

const textOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** A member of a decoded input; one that could not be decoded has none. */
const memberOf = (input: unknown, name: string): unknown =>
  typeof input === "object" && input !== null ? Object.getOwnPropertyDescriptor(input, name)?.value : undefined

/** Credentials know no partitions: their ARNs get that of the account. */
const callerOf = (estate: Estate, read: Credentials.Caller | undefined): Credentials.Caller | undefined =>
  read === undefined || !estate.accounts.includes(read.accountId) ? undefined : {
    ...read,
    principal: read.principal.replace(/^arn:aws:/u, `arn:${estate.partitionOf(read.accountId)}:`)
  }

/** Whether a caller may ask a service in a Region at all. */
const isUsable = (estate: Estate, caller: Credentials.Caller, region: string, service: Service): boolean => {
  const regions = estate.regionsOf(caller.accountId)
  // Global services answer whatever Region of the partition is signed for.
  if (service.scope === "global") return regions.some(({ name }) => partitionOf(name) === partitionOf(region))
  if (!estate.isUsable(caller.accountId, region)) return false
  // Tokens of the global STS endpoint are good only in Regions that every account has ("Regions and endpoints", STS).
  return caller.isGlobal !== true ||
    regions.some(({ name, optInStatus }) => name === region && optInStatus === "opt-in-not-required")
}

/** What is sent to a caller whom no service can be found for. */
const unknown = (service: string | undefined, requestId: string): Answer => {
  const code = service === undefined ? "MissingAuthenticationTokenException" : "UnknownOperationException"
  return {
    status: service === undefined ? 403 : 404,
    headers: { "content-type": "application/json", "x-amzn-requestid": requestId, "x-amzn-errortype": code },
    body: JSON.stringify({
      __type: code,
      message: service === undefined ? "Missing Authentication Token" : `The simulator has no service ${service}`
    })
  }
}

/** What stands in front of a service answers for it. */
const gatewayOf = (
  html: FaultOf<"html"> | undefined,
  status: FaultOf<"status"> | undefined
): { readonly fault: Fault; readonly answer: Answer } | undefined => {
  if (html !== undefined) return { fault: html, answer: Delivery.page(html.status ?? 502) }
  if (status === undefined) return undefined
  const kind = status.body ?? (status.status === 502 || status.status === 504 ? "html" : "service")
  if (kind === "service") return undefined
  return {
    fault: status,
    answer: kind === "html" ? Delivery.page(status.status) : { status: status.status, headers: {}, body: "" }
  }
}

const callOf = (of: {
  readonly context: EndpointContext
  readonly caller: Credentials.Caller
  readonly fate: Fate.Fate
  readonly host: string | undefined
  readonly operation: string
  readonly region: string
  readonly service: Service
  readonly shape: OperationShape
}): Call => {
  const { caller: { accountId, principal, userId }, context, fate: { has, took }, operation, region, service } = of
  const { estate, seed } = context
  const vanish = has("vanish")
  const gone = (arn: string) =>
    vanish !== undefined && arn.includes(vanish.resource ?? "") &&
    unit(hashText(arn, seed), 0) < (vanish.share ?? 1)
  return {
    estate,
    accountId,
    region,
    partition: estate.partitionOf(accountId),
    service: service.signingName,
    operation,
    shape: of.shape,
    principal,
    userId,
    host: of.host,
    now: context.now(),
    paging: {
      cap: context.capOf({ service: service.signingName, operation }),
      ragged: context.ragged && service.ragged?.includes(operation) === true,
      seed,
      oddities: {
        empty: has("empty-page"),
        short: has("short-page"),
        duplicates: has("duplicates"),
        repeated: has("repeated-token"),
        expired: has("expired-page-token")
      },
      took: (fault) => took(fault, fault.type === "expired-page-token" ? "refused" : "altered")
    },
    find: (type, key, where = region) => {
      const resource = estate.findIn(accountId, where, type, key)
      if (vanish === undefined || resource === undefined || !gone(resource.arn)) return resource
      took(vanish, "altered")
      return undefined
    }
  }
}
