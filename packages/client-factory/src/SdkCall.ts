/**
 * Sends commands through SDK clients, the short way where there is one.
 *
 * The SDK builds a stack of some fifteen middlewares for every call, finds the
 * endpoint and the signing scheme anew, and copies its configuration for each
 * half of the way. Here the first call of an operation goes that way and shows
 * what the SDK makes of it; later ones use what was found: the same endpoint,
 * the same signing, the SDK's own protocol for writing the request and reading
 * the answer.
 *
 * The short way is taken only where nothing can be lost on it: every middleware
 * of the operation is one that is known here, the endpoint does not depend on
 * the input, and the request is signed with SigV4. All else is sent by the SDK.
 * Left out on the short way are only the headers by which the SDK counts its
 * own retries (`amz-sdk-…`) and `x-amz-user-agent`.
 *
 * @since 0.1.0
 */
import { AwsSdkSigV4Signer } from "@aws-sdk/core/httpAuthSchemes"
import { toEndpointV1 } from "@smithy/core/transport"
import { HttpRequest, HttpResponse } from "@smithy/core/protocols"
import type { AwsCredentialIdentityProvider, HandlerExecutionContext } from "@smithy/types"
import type { SdkClient } from "./AwsClients.ts"
import * as BodyPool from "./BodyPool.ts"
import type { RequestHandler } from "./HttpTransport.ts"
import * as SigV4 from "./SigV4.ts"

/** What is used of an SDK command. */
interface Command {
  readonly input: unknown
  readonly schema?: unknown
}

/** Of an SDK client's configuration what the short way needs: the SDK's own protocol, credentials and transport. */
interface Config {
  readonly protocol: Protocol
  readonly credentials: AwsCredentialIdentityProvider
  readonly requestHandler: RequestHandler
  readonly systemClockOffset: number
}

interface Protocol {
  readonly serializeRequest: (operation: object, input: object, context: object) => Promise<unknown>
  readonly deserializeResponse: (operation: object, context: object, response: HttpResponse) => Promise<unknown>
}

interface MiddlewareStack {
  readonly add: (middleware: unknown, options: object) => void
  readonly concat: (other: unknown) => MiddlewareStack
  readonly identify: () => ReadonlyArray<string>
}

/** What the first call of an operation has shown. */
interface Shown {
  readonly config: Config
  readonly operation: object
  readonly context: object
  readonly userAgent: string
  readonly signing: { readonly region: string; readonly service: string }
  readonly signer: AwsSdkSigV4Signer
}

/** By client, then by the command's class; `undefined` for those that only the SDK may send. */
const shownBy = new WeakMap<object, Map<unknown, Shown | undefined>>()

/**
 * Sends a command; what it rejects with is what the SDK would.
 *
 * @category calls
 * @since 0.1.0
 */
export const send = (client: SdkClient, command: Command, abortSignal: AbortSignal): Promise<unknown> => {
  const shown = shownBy.get(client)?.get(command.constructor)
  const { input } = command
  if (shown !== undefined && isPlain(input)) return sendShort(shown, input, abortSignal)
  if (!shownBy.has(client)) watch(client)
  return client.send(command, { abortSignal })
}

/** SQS sends what names a queue to the host of the queue's address. */
const isPlain = (input: unknown): input is object =>
  typeof input === "object" && input !== null && !("QueueUrl" in input)

/** Middlewares whose work is done here as well, or is not needed: our transport signs, counts and logs nothing twice. */
const known: ReadonlySet<string> = new Set([
  "cadastreReleasingMiddleware",
  "cadastreShownMiddleware",
  "contentLengthMiddleware",
  "deserializerMiddleware",
  "endpointV2Middleware",
  "getUserAgentMiddleware",
  "hostHeaderMiddleware",
  "httpAuthSchemeMiddleware",
  "httpSigningMiddleware",
  "loggerMiddleware",
  "queueUrlMiddleware",
  "recursionDetectionMiddleware",
  "retryMiddleware",
  "serializerMiddleware"
])

/** Looks at every call that the SDK sends, after it was signed. */
const watch = (client: SdkClient): void => {
  const operations = new Map<unknown, Shown | undefined>()
  shownBy.set(client, operations)
  const stack = client.middlewareStack as MiddlewareStack
  const middleware = (next: (args: object) => unknown, context: HandlerExecutionContext) => (args: { readonly request: unknown }) => {
    const command = commandOf(context)
    if (command !== undefined && !operations.has(command.constructor)) {
      operations.set(command.constructor, shownOf(client, command, context, args.request))
    }
    return next(args)
  }
  stack.add(releasing, { step: "deserialize", priority: "high", name: "cadastreReleasingMiddleware" })
  stack.add(middleware, { step: "finalizeRequest", priority: "low", name: "cadastreShownMiddleware" })
}

/** Gives the bodies back of what the SDK itself has decoded. */
const releasing = (next: (args: object) => Promise<Decoded>) => async (args: object): Promise<Decoded> => {
  const decoded = await next(args)
  BodyPool.release(decoded.response?.body, decoded.output)
  return decoded
}

interface Decoded {
  readonly response?: { readonly body?: unknown }
  readonly output?: unknown
}

interface SmithyContext {
  readonly commandInstance?: Command & { readonly middlewareStack: unknown }
  readonly selectedHttpAuthScheme?: {
    readonly httpAuthOption: { readonly schemeId: string }
    readonly signer: unknown
  }
}

const smithyOf = (context: HandlerExecutionContext): SmithyContext =>
  (context as { readonly __smithy_context?: SmithyContext }).__smithy_context ?? {}

const commandOf = (context: HandlerExecutionContext): SmithyContext["commandInstance"] => smithyOf(context).commandInstance

const shownOf = (
  client: SdkClient,
  command: NonNullable<SmithyContext["commandInstance"]>,
  context: HandlerExecutionContext,
  request: unknown
): Shown | undefined => {
  const config = client.config as unknown as Config
  const { selectedHttpAuthScheme: scheme } = smithyOf(context)
  const { endpointV2 } = context
  const names = (client.middlewareStack as MiddlewareStack).concat(command.middlewareStack).identify()
  if (!names.every((name) => known.has(name.split(" ")[0]!))) return undefined
  if (dependsOnInput(command.constructor) || endpointV2 === undefined || !HttpRequest.isInstance(request)) return undefined
  if (scheme?.httpAuthOption.schemeId !== "aws.auth#sigv4" || !(scheme.signer instanceof AwsSdkSigV4Signer)) return undefined
  const { authorization = "", "user-agent": userAgent } = request.headers
  const [, signingRegion, service] = signedFor.exec(authorization) ?? []
  if (signingRegion === undefined || service === undefined || userAgent === undefined) return undefined
  if (!Array.isArray(command.schema) || command.schema[0] !== operationSchema) return undefined
  const [, namespace, name, traits, input, output] = command.schema as ReadonlyArray<unknown>
  const endpoint = toEndpointV1(endpointV2)
  return {
    config,
    operation: { namespace, name, traits, input, output },
    context: { ...config, ...context, endpoint: () => Promise.resolve(endpoint) },
    userAgent,
    signing: { region: signingRegion, service },
    signer: scheme.signer
  }
}

/** The scope of a signature, which may be another Region than the client's: that of IAM is us-east-1. */
const signedFor = /^AWS4-HMAC-SHA256 Credential=[^,]+\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/u

/** Smithy's number for the schema of an operation. */
const operationSchema = 9

/** Some endpoints have a part of the input in their name: a bucket, an account. */
const dependsOnInput = (commandClass: unknown): boolean => {
  const { getEndpointParameterInstructions } = commandClass as {
    readonly getEndpointParameterInstructions?: () => Record<string, { readonly type: string }>
  }
  if (getEndpointParameterInstructions === undefined) return true
  return Object.values(getEndpointParameterInstructions()).some(({ type }) => !fromConfiguration.has(type))
}

const fromConfiguration: ReadonlySet<string> = new Set(["builtInParams", "clientContextParams", "staticContextParams"])

const sendShort = async (shown: Shown, input: object, abortSignal: AbortSignal): Promise<unknown> => {
  const { config, context, operation, signer, signing, userAgent } = shown
  const request = await config.protocol.serializeRequest(operation, input, context)
  if (!HttpRequest.isInstance(request)) throw new TypeError("the SDK's protocol made no HTTP request")
  const { headers } = request
  const length = lengthOf(request.body)
  if (length !== undefined) headers["content-length"] ??= String(length)
  headers.host ??= request.port === undefined ? request.hostname : `${request.hostname}:${request.port}`
  headers["user-agent"] = userAgent
  // @effect-diagnostics-next-line globalDate:off -- signatures are about the machine's own clock, as the SDK reads it
  const sentAt = Date.now()
  // What the SDK's signer keeps of a call: from it and the answer's date it learns how wrong this machine's clock is.
  const clock = { config, _preRequestSystemClockOffset: config.systemClockOffset, _requestSentAt: sentAt }
  SigV4.sign(request, await config.credentials(), {
    ...signing,
    // @effect-diagnostics-next-line globalDate:off -- the SDK's signer takes one
    date: new Date(sentAt + config.systemClockOffset)
  })
  let response: HttpResponse | undefined
  try {
    response = (await config.requestHandler.handle(request, { abortSignal })).response
    const output = await config.protocol.deserializeResponse(operation, context, response)
    // An error's body is left alone: who reads the error finds the response behind it.
    BodyPool.release(response.body, output)
    signer.successHandler(response, clock)
    return output
  } catch (error) {
    if (response !== undefined && error instanceof Error) addResponse(error, response)
    try {
      return signer.errorHandler(clock)(error as Error)
    } finally {
      // The SDK calls every error a corrected clock where that is wrong, known or not.
      const correctionMs = Math.abs(config.systemClockOffset - clock._preRequestSystemClockOffset)
      if (correctionMs < toleranceMs && hasClockCorrected(error)) error.$metadata.clockSkewCorrected = false
    }
  }
}

/** A body without a single character is none to the SDK. */
const lengthOf = (body: unknown): number | undefined =>
  typeof body === "string"
    ? body === "" ? undefined : Buffer.byteLength(body)
    : body instanceof Uint8Array
    ? body.byteLength
    : undefined

/** How far the SDK takes a clock to be right: AWS refuses signatures from 5 minutes on. */
const toleranceMs = 240_000

/**
 * Whether a call was refused because its signature bore the wrong time, and the
 * client has learnt the right one from the answer: made again, it may pass.
 *
 * @category guards
 * @since 0.1.0
 */
export const hasClockCorrected = (
  cause: unknown
): cause is Error & { readonly $metadata: { clockSkewCorrected: boolean } } =>
  cause instanceof Error && "$metadata" in cause && typeof cause.$metadata === "object" && cause.$metadata !== null &&
  "clockSkewCorrected" in cause.$metadata && cause.$metadata.clockSkewCorrected === true

/** As the SDK does: the response behind the error, and what identifies the call where the error does not say. */
const addResponse = (error: Error, response: HttpResponse): void => {
  Object.defineProperty(error, "$response", { value: response, configurable: true, enumerable: false })
  if ("$metadata" in error) return
  const { headers, statusCode } = response
  const requestId = headers["x-amzn-requestid"] ?? headers["x-amzn-request-id"] ?? headers["x-amz-request-id"]
  Object.assign(error, { $metadata: { httpStatusCode: statusCode, ...(requestId === undefined ? {} : { requestId }) } })
}

/** The response behind an error of the SDK's. */
const responseOf = (cause: unknown): HttpResponse | undefined => {
  const response: unknown = cause instanceof Error && "$response" in cause ? cause.$response : undefined
  return HttpResponse.isInstance(response) ? response : undefined
}

/**
 * After how many milliseconds the answer asks to be asked again, by
 * `x-amz-retry-after` (milliseconds) or `Retry-After` (seconds, or a date, which
 * is read by the answer's own clock); `undefined` where it does not say.
 *
 * @category getters
 * @since 0.1.0
 */
export const retryAfterMs = (cause: unknown): number | undefined => {
  const { "x-amz-retry-after": milliseconds = "", "retry-after": seconds = "", date = "" } = responseOf(cause)?.headers ?? {}
  if (number.test(milliseconds)) return Number(milliseconds)
  if (number.test(seconds)) return Number(seconds) * 1000
  const wait = Date.parse(seconds) - Date.parse(date)
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

const number = /^\d+(?:\.\d+)?$/u

/**
 * An error without what the SDK has guessed from its status. A 404 in which
 * nobody says what was not found may be a proxy's, and what is taken for gone is
 * dropped from the result; but the SDK gives it the name of the service's own
 * error where that is called `NotFound`, as with SNS.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withoutGuess = (cause: unknown): unknown => {
  const response = responseOf(cause)
  if (response === undefined || response.statusCode !== 404) return cause
  const { headers } = response
  const body: unknown = response.body
  const text = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8", 0, 8192) : ""
  const isSaid = "x-amzn-errortype" in headers || "x-amzn-query-error" in headers || /<Code>|"(?:__type|[Cc]ode)"/u.test(text)
  return isSaid ? cause : Object.assign(new Error("UnknownError"), {
    name: "UnknownError",
    $metadata: (cause as { readonly $metadata?: unknown }).$metadata
  })
}
