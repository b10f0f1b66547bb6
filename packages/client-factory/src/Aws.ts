/**
 * The only door to AWS. Whoever calls AWS calls it here, where pacing, retry,
 * time limit, cancellation, tracing, classification and metering are.
 *
 * @since 0.1.0
 */
import {
  AccessDenied,
  AwsError,
  type AwsErrorReason,
  ExpiredToken,
  InvalidCredentials,
  Network,
  RegionDisabled,
  type RegionId,
  Setting,
  TimedOut,
  Unexpected
} from "@cadastre/model"
import type { MetadataBearer } from "@smithy/types"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type * as Stream from "effect/Stream"
import * as Alarm from "./Alarm.ts"
import { AwsClients, type ClientClass, type SdkClient } from "./AwsClients.ts"
import { CallMeter } from "./CallMeter.ts"
import { CircuitBreaker } from "./CircuitBreaker.ts"
import { type Account, CurrentAccount } from "./CurrentAccount.ts"
import { CurrentRegion } from "./CurrentRegion.ts"
import type { PacedOut } from "./CallLine.ts"
import { callTimeoutMs, Deadline } from "./Deadline.ts"
import * as HostNames from "./HostNames.ts"
import { InFlight } from "./InFlight.ts"
import { type PacedCall, Pacer } from "./Pacer.ts"
import * as PageStream from "./PageStream.ts"
import * as SdkCall from "./SdkCall.ts"
import * as SharedCredentials from "./SharedCredentials.ts"

export { only } from "./OnlyMembers.ts"

/** An SDK v3 command, e.g. `new DescribeInstancesCommand({})`. */
interface SdkCommand<I, O> {
  readonly input: I
  readonly schema?: unknown
  // Carries the output type; commands do not have it at run time.
  readonly resolveMiddleware: (...args: ReadonlyArray<never>) => (input: never) => Promise<{ output: O }>
}

/** The class of an SDK v3 command. */
interface CommandClass<I, O> {
  new(input: I): SdkCommand<I, O>
}

/**
 * What calls go through. `send` in this module is how it is used.
 *
 * @category services
 * @since 0.1.0
 */
export class Aws extends Context.Service<Aws, {
  readonly send: <C extends SdkClient, I extends object, O>(
    clientClass: ClientClass<C>,
    command: SdkCommand<I, O>,
    account: Account,
    region: RegionId
  ) => Effect.Effect<O, AwsError>
}>()("@cadastre/client-factory/Aws") {
  /**
   * Reads, each with its default and range:
   *
   * - `AWS_CALL_TIMEOUT_SECONDS`: how long one call may take, 30 (1–300)
   * - `AWS_MAX_RETRIES`: how often a call is repeated, 3 (0–10)
   * - `MAX_CONCURRENT_CALLS`: calls in flight at once, whatever they are for, 256 (1–1024)
   */
  static readonly layerNoDeps = Layer.effect(
    Aws,
    Effect.gen(function*() {
      const clients = yield* AwsClients
      const pacer = yield* Pacer
      const timeoutMs = yield* callTimeoutMs
      const maxRetries = yield* Setting.number("AWS_MAX_RETRIES", 3, { minimum: 0, maximum: 10 })
      const alarm = yield* Alarm.make
      const absence = HostNames.makeAbsence()
      const inFlight = new InFlight(
        yield* Setting.number("MAX_CONCURRENT_CALLS", 256, { minimum: 1, maximum: 1024 })
      )

      const attempt = Effect.fnUntraced(function*<I, O>(
        client: SdkClient,
        command: SdkCommand<I, O>,
        call: PacedCall,
        trial: Trial
      ): Effect.fn.Return<O, AwsError | PacedOut> {
        const meter = yield* CallMeter
        const deadline = yield* Deadline
        const label = `${call.service}:${call.operation}`
        const region = call.region as RegionId
        const seat = inFlight.seat()
        return yield* Effect.gen(function*() {
          meter.waitedMs += yield* pacer.admit(call, seat)
          yield* seat.take
          const sentAt = yield* Clock.currentTimeMillis
          const leftMs = Math.min(timeoutMs, (deadline - sentAt) * callShare)
          if (leftMs <= 0) return yield* timedOut(label, region, "its time was up before it could be sent")
          meter.calls++
          trial.sentAt = sentAt
          return yield* Effect.callback<O, AwsError>((resume) => {
            const abort = new AbortController()
            const overdue = alarm.set(sentAt + leftMs, () => {
              resume(timedOut(label, region, `no answer within ${Math.round(leftMs / 100) / 10} s`))
              abort.abort()
            })
            SdkCall.send(client, command, abort.signal).then(
              (output) => resume(Effect.succeed(output as O)),
              (cause) => {
                const error = SharedCredentials.asAwsError(label, region)(SdkCall.withoutGuess(cause))
                const laterMs = SdkCall.retryAfterMs(cause)
                if (laterMs !== undefined) askedToWait.set(error, laterMs)
                if (SdkCall.hasClockCorrected(cause)) misdated.add(error)
                resume(Effect.fail(error))
              }
            ).finally(overdue)
            return Effect.sync(() => {
              overdue()
              abort.abort()
            })
          }).pipe(
            Effect.tapError((error) => {
              if (error.reason._tag !== "Throttled") return Effect.void
              meter.throttles++
              return pacer.throttled(call, sentAt)
            }),
            Effect.tap(() => pacer.succeeded(call))
          )
        }).pipe(Effect.ensuring(seat.release))
      })

      const send = Effect.fnUntraced(function*<C extends SdkClient, I extends object, O>(
        clientClass: ClientClass<C>,
        command: SdkCommand<I, O>,
        account: Account,
        region: RegionId
      ): Effect.fn.Return<O, AwsError> {
        const client = yield* clients.get(clientClass, account, region)
        const meter = yield* CallMeter
        const deadline = yield* Deadline
        const call: PacedCall = {
          accountId: account.id,
          region,
          service: client.config.defaultSigningName ?? client.config.serviceId.toLowerCase(),
          operation: operationOf(command),
          unpaginated: isUnpaginated(command.input)
        }
        const breakers = yield* CircuitBreaker
        let refreshed = false
        let throttle: AwsError | undefined
        for (let retries = 0;;) {
          const begunAt = yield* Clock.currentTimeMillis
          const refusal = breakers?.refusal(call, begunAt, retries > 0)
          if (refusal !== undefined) return yield* notCalled(call, refusal)
          const identity = yield* SharedCredentials.ready(
            account.credentials,
            `${call.service}:${call.operation}`,
            region,
            Math.min(timeoutMs, deadline - begunAt)
          )
          const trial: Trial = { sentAt: undefined }
          const exit = yield* Effect.result(attempt(client, command, call, trial))
          if (exit._tag === "Success") {
            breakers?.ended(call, undefined, begunAt)
            yield* Effect.annotateCurrentSpan("aws.attempts", retries + 1)
            return exit.success
          }
          const error = exit.failure
          if (error._tag === "PacedOut") {
            meter.waitedMs += error.waitedMs
            // What AWS has refused for its rate was throttled, however it was to be asked again.
            if (throttle !== undefined) return yield* throttle
            return yield* timedOut(`${call.service}:${call.operation}`, region, error.message)
          }
          throttle = error.reason._tag === "Throttled" ? error : undefined
          const absent = yield* absence(error, region)
          if (absent !== undefined) return yield* absent
          if (misdated.has(error) && retries < maxRetries) {
            retries++
            meter.retries++
            continue
          }
          if (error.reason._tag === "ExpiredToken" && !refreshed) {
            refreshed = true
            meter.retries++
            yield* SharedCredentials.renew(account.credentials, identity, error)
            continue
          }
          const laterMs = askedToWait.get(error) ?? 0
          const wait = Math.max(laterMs, yield* backoff(retries, error.reason._tag === "Throttled" ? 500 : 100))
          const now = yield* Clock.currentTimeMillis
          if (!error.isRetryable || retries >= maxRetries || laterMs > longestAskedMs || now + wait >= deadline) {
            // A call that was hardly given time says nothing of the service: it may have waited for a token until then.
            const isTried = error.reason._tag !== "TimedOut" || now - (trial.sentAt ?? now) >= shortestTrialMs
            if (isTried) breakers?.ended(call, error, now)
            return yield* error
          }
          retries++
          meter.retries++
          yield* Effect.sleep(wait)
        }
      })

      return Aws.of({
        send: (clientClass, command, account, region) =>
          send(clientClass, command, account, region).pipe(
            Effect.withSpan("Aws.send", {
              attributes: {
                "aws.service": clientClass.name,
                "aws.operation": operationOf(command),
                "aws.region": region,
                "aws.account": account.id
              }
              // Where a call comes from is told by the spans around it; finding out the line costs more than the span.
            }, { captureStackTrace: false })
          )
      })
    })
  )

  static readonly layer = Aws.layerNoDeps.pipe(Layer.provide([AwsClients.layer, Pacer.layer]))
}

/**
 * Sends one command in the current account and Region.
 *
 * Fails with {@link AwsError}. Throttles, network faults and HTTP 5xx are
 * repeated with full jitter, not before the answer says (`Retry-After`), and
 * never past the {@link Deadline}; an expired token
 * is refreshed once; what was signed with a clock that is wrong is signed anew
 * with AWS's time.
 *
 * @category calls
 * @since 0.1.0
 */
export const send = <C extends SdkClient, I extends object, O extends MetadataBearer>(
  clientClass: ClientClass<C>,
  command: SdkCommand<I, O>
): Effect.Effect<O, AwsError, Aws | CurrentAccount | CurrentRegion> =>
  Effect.gen(function*() {
    const aws = yield* Aws
    const account = yield* CurrentAccount
    const region = yield* CurrentRegion
    return yield* aws.send(clientClass, command, account, region)
  })

/**
 * Streams a list operation page by page, to the last: each element is one
 * page's items. Every page is a `send` of its own, so it is repeated, traced
 * and cancelled on its own; the next page is asked for while the last one is
 * worked on.
 *
 * `tokens` names the input's and the output's token (`NextToken` in both by
 * default), or once the name that both have; where the output keeps it deeper, a
 * function finds it. Only the token says whether there is more: AWS may answer with an
 * empty page and a token, and ends some lists with an empty token. A token that leads
 * back to a page that was read fails.
 *
 * @category calls
 * @since 0.1.0
 */
export const list = <
  C extends SdkClient,
  I extends object,
  O extends MetadataBearer,
  Item,
  const In extends keyof I & string = "NextToken" & keyof I,
  const Out extends keyof O & string = "NextToken" & keyof O,
  const Both extends keyof I & keyof O & string = never
>(
  clientClass: ClientClass<C>,
  commandClass: CommandClass<I, O>,
  input: NoInfer<I>,
  items: (page: O) => ReadonlyArray<Item> | undefined,
  tokens?: readonly [input: In, output: Out | ((page: O) => string | undefined)] | Both
): Stream.Stream<ReadonlyArray<Item>, AwsError, Aws | CurrentAccount | CurrentRegion> => {
  const [tokenIn, tokenOut] = typeof tokens === "string" ? [tokens, tokens] : tokens ?? ["NextToken", "NextToken"]
  return PageStream.make(commandClass.name, (token, isMet) => {
    const command = new commandClass(token === undefined ? input : { ...input, [tokenIn]: token })
    return Effect.flatMap(send(clientClass, command), (page): Effect.Effect<PageStream.Fetched<Item>, AwsError, CurrentRegion> => {
      const next = typeof tokenOut === "function" ? tokenOut(page) : (page as Record<string, unknown>)[tokenOut]
      if (typeof next !== "string" || next === "") return Effect.succeed({ items: items(page) ?? [], next: undefined })
      return isMet(next)
        ? repeatedToken(`${clientClass.name.replace(/Client$/u, "").toLowerCase()}:${operationOf(command)}`, page)
        : Effect.succeed({ items: items(page) ?? [], next })
    })
  })
}

/** A list that answers with a token that it was asked with before: following it would never end. */
const repeatedToken = (operation: string, { $metadata }: MetadataBearer): Effect.Effect<never, AwsError, CurrentRegion> =>
  Effect.flatMap(CurrentRegion, (region) =>
    Effect.fail(
      new AwsError({
        operation,
        region,
        reason: new Unexpected({
          message: "the answer leads to the same page again",
          code: "RepeatedPageToken",
          status: $metadata.httpStatusCode ?? 200
        }),
        ...($metadata.requestId === undefined ? {} : { requestId: $metadata.requestId })
      })
    ))

/** The Smithy name where the command carries its schema, else its class's. */
const operationOf = (command: { readonly schema?: unknown }): string => {
  const name: unknown = Array.isArray(command.schema) ? command.schema[2] : undefined
  return typeof name === "string" ? name : command.constructor.name.replace(/Command$/u, "")
}

/** Neither page size nor filter nor ids: the calls that EC2 keeps a smaller bucket for. */
const isUnpaginated = (input: object): boolean => {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && (name === "MaxResults" || name === "Filters" || name.endsWith("Ids"))) return false
  }
  return true
}

/** Of the time left before the deadline: a call that hangs leaves its work time to end with what it has. */
const callShare = 0.8

const timedOut = (operation: string, region: RegionId, message: string) =>
  Effect.fail(new AwsError({ operation, region, reason: new TimedOut({ message }) }))

/** One attempt at a call: when it was sent, if it was. */
interface Trial {
  sentAt: number | undefined
}

/** Refusals that the client has learnt AWS's time from. */
const misdated = new WeakSet<AwsError>()

/** Refusals that say when the call may be made again, and after how many milliseconds that is. */
const askedToWait = new WeakMap<AwsError, number>()

/** Who asks for more has no answer for this scan. */
const longestAskedMs = 60_000

/** Shorter than this, a time-out is no sign that nobody answers. */
const shortestTrialMs = 5000

/** The reason stays what it was, and with it the outcome; the message says that this call was not even made. */
const notCalled = (call: PacedCall, { operation, reason }: AwsError): AwsError => {
  const label = `${call.service}:${call.operation}`
  const message = `not called, since ${operation === label ? "it" : operation} kept failing: ${reason.message}`
  return new AwsError({ operation: label, region: call.region as RegionId, reason: withMessage(reason, message) })
}

const withMessage = (reason: AwsErrorReason, message: string): AwsErrorReason => {
  switch (reason._tag) {
    case "AccessDenied":
      return new AccessDenied({ message, byScp: reason.byScp })
    case "RegionDisabled":
      return new RegionDisabled({ message })
    case "InvalidCredentials":
      return new InvalidCredentials({ message })
    case "ExpiredToken":
      return new ExpiredToken({ message })
    case "TimedOut":
      return new TimedOut({ message })
    default:
      return new Network({ message })
  }
}

/** Full jitter: anywhere between nothing and a wait that doubles with every attempt, at most 8 s. */
const backoff = (retries: number, baseMs: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => Math.round(random * Math.min(8000, baseMs * 2 ** retries)))

/** How services refuse what was signed at the wrong time. */
const aboutTheClock = /signature (?:expired|not yet current)|difference between the request time/iu

/**
 * Reads "unknown credentials" as "this Region is switched off", for callers
 * that know the credentials to work elsewhere: AWS uses the same codes for both.
 *
 * @category errors
 * @since 0.1.0
 */
export const asRegionDisabled = (error: AwsError): AwsError =>
  error.reason._tag === "InvalidCredentials" && !aboutTheClock.test(error.reason.message)
    ? new AwsError({
      operation: error.operation,
      region: error.region,
      reason: new RegionDisabled({ message: error.reason.message }),
      ...(error.requestId === undefined ? {} : { requestId: error.requestId })
    })
    : error

