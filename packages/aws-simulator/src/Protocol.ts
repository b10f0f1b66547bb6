/**
 * The five AWS protocols, from the server's side: a request becomes a plain
 * input, a plain output becomes bytes.
 *
 * @since 0.1.0
 */
import type { AwsFault } from "./AwsFault.ts"
import * as Form from "./Form.ts"
import * as Json from "./Json.ts"
import * as S3Path from "./S3Path.ts"
import type { Member, OperationShape, Shape } from "./Shape.ts"
import * as ShapeModule from "./Shape.ts"
import * as Xml from "./Xml.ts"

/** A request whose body has arrived. */
export interface Request {
  readonly method: string
  /** Still percent-encoded. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** In pieces where it is long; bytes where it is no text. */
  readonly body: string | ReadonlyArray<string> | Uint8Array
}

/** The bytes of an answer. */
export const bytesOf = ({ body }: Answer): Buffer =>
  typeof body === "string" || body instanceof Uint8Array ? Buffer.from(body) : Buffer.concat(body.map((piece) => Buffer.from(piece)))

/** Writers of the plain style and of the one with unknown members; the second is seldom needed. */
const styles = <A>(make: (extras: boolean) => A): (extras: boolean | undefined) => A => {
  const plain = make(false)
  let odd: A | undefined
  return (extras) => extras === true ? odd ??= make(true) : plain
}

/** How one service speaks. */
export interface Protocol {
  /** The operation that a request calls, or `undefined`. */
  readonly route: (request: Request, operations: ReadonlyMap<string, OperationShape>) => string | undefined
  readonly decode: (operation: OperationShape, request: Request) => unknown
  /** `extras`: with members that no client knows yet. */
  readonly encode: (operation: OperationShape, output: unknown, requestId: string, extras?: boolean) => Answer
  readonly encodeFault: (fault: AwsFault, requestId: string) => Answer
}

const xmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

/** EC2's query protocol: a form in, XML with four spaces of indentation out. */
export const ec2Query = (xmlNamespace: string): Protocol => {
  const xml = styles((extras) => Xml.makeXml("    ", "date-time", extras))
  const headers = { "content-type": "text/xml;charset=UTF-8", "cache-control": "no-cache, no-store" }
  return {
    route: formAction,
    decode: (operation, request) => Form.read(operation.input, Form.parse(formOf(request)), true),
    encode: (operation, output, requestId, extras) => ({
      status: 200,
      headers: { ...headers, "x-amzn-requestid": requestId },
      body: [
        `${xmlDeclaration}\n<${operation.name}Response xmlns="${xmlNamespace}">\n`,
        `    <requestId>${requestId}</requestId>`,
        ...xml(extras).pieces(operation.output, 1)(output),
        `\n</${operation.name}Response>`
      ]
    }),
    encodeFault: (fault, requestId) => ({
      status: fault.status,
      headers: { ...headers, ...fault.headers, "x-amzn-requestid": requestId },
      body: `${xmlDeclaration}\n<Response><Errors><Error><Code>${Xml.escape(fault.code)}</Code><Message>` +
        `${Xml.escape(fault.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`
    })
  }
}

/** The query protocol of the older services: a form in, XML out. */
export const query = (xmlNamespace: string): Protocol => {
  const xml = styles((extras) => Xml.makeXml("  ", "date-time", extras))
  return {
    route: formAction,
    decode: (operation, request) => Form.read(operation.input, Form.parse(formOf(request)), false),
    encode: (operation, output, requestId, extras) => {
      const { name } = operation
      const result = operation.output.kind === "unit"
        ? []
        : [`  <${name}Result>`, ...xml(extras).pieces(operation.output, 2)(output), `\n  </${name}Result>\n`]
      return {
        status: 200,
        headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
        body: [
          `<${name}Response xmlns="${xmlNamespace}">\n`,
          ...result,
          `  <ResponseMetadata>\n    <RequestId>${requestId}</RequestId>\n  </ResponseMetadata>\n</${name}Response>\n`
        ]
      }
    },
    encodeFault: (fault, requestId) => queryFault(xmlNamespace, fault, requestId)
  }
}

const queryFault = (xmlNamespace: string, fault: AwsFault, requestId: string): Answer => ({
  status: fault.status,
  headers: { ...fault.headers, "content-type": "text/xml", "x-amzn-requestid": requestId },
  body: `<ErrorResponse xmlns="${xmlNamespace}">\n  <Error>\n    <Type>${senderOf(fault)}</Type>\n` +
    `    <Code>${Xml.escape(fault.code)}</Code>\n    <Message>${Xml.escape(fault.message)}</Message>\n  </Error>\n` +
    `  <RequestId>${requestId}</RequestId>\n</ErrorResponse>\n`
})

/** The JSON-RPC protocol: the operation in `X-Amz-Target`. */
export const awsJson = (options: {
  readonly version: "1.0" | "1.1"
  readonly target: string
  readonly namespace: string
  readonly messageKey?: "message" | "Message"
  /** SQS: the error code of the old query protocol in a header. */
  readonly queryCompatible?: boolean
}): Protocol => {
  const writer = styles((extras) => Json.makeJson(false, extras))
  const contentType = `application/x-amz-json-${options.version}`
  return {
    route: (request) => {
      const [target, name] = String(request.headers["x-amz-target"] ?? "").split(".")
      return target === options.target ? name : undefined
    },
    decode: (operation, request) => Json.read(operation.input, parseJson(request.body), false),
    encode: (operation, output, requestId, extras) => ({
      status: 200,
      headers: { "content-type": contentType, "x-amzn-requestid": requestId },
      body: writer(extras)(operation.output)(output)
    }),
    encodeFault: (fault, requestId) => ({
      status: fault.status,
      headers: {
        ...fault.headers,
        "content-type": contentType,
        "x-amzn-requestid": requestId,
        ...(options.queryCompatible === true
          ? { "x-amzn-query-error": `${fault.queryCode ?? fault.code};${senderOf(fault)}` }
          : {})
      },
      body: JSON.stringify({
        __type: `${commonCodes.has(fault.code) ? "com.amazon.coral.service" : options.namespace}#${fault.code}`,
        [options.messageKey ?? "message"]: fault.message,
        ...fault.fields
      })
    })
  }
}

/** Codes that come from the layer before the service. */
const commonCodes = new Set([
  "AccessDeniedException",
  "UnrecognizedClientException",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "UnknownOperationException",
  "SerializationException"
])

/** REST with JSON bodies: the operation in method and path. */
export const restJson = (options: { readonly messageKey: "message" | "Message" }): Protocol => {
  const writer = styles((extras) => Json.makeJson(true, extras))
  return {
    route: restRoute,
    decode: (operation, request) =>
      restDecode(operation, request, (body, shape) => Json.read(shape, parseJson(body), true)),
    encode: (operation, output, requestId, extras) => ({
      status: operation.traits.http?.[2] ?? 200,
      headers: { "content-type": "application/json", "x-amzn-requestid": requestId },
      body: writer(extras)(operation.output)(output)
    }),
    encodeFault: (fault, requestId) => ({
      status: fault.status,
      headers: {
        ...fault.headers,
        "content-type": "application/json",
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": fault.code
      },
      body: JSON.stringify({ ...fault.fields, [options.messageKey]: fault.message })
    })
  }
}

/**
 * REST with XML bodies. S3 has a form of error document of its own, the
 * bucket in the path, and answers without `Result`.
 */
export const restXml = (xmlNamespace: string, s3?: "s3"): Protocol => {
  const xml = styles((extras) => Xml.makeXml(undefined, "date-time", extras))
  return {
    route: s3 === undefined ? restRoute : s3Route,
    decode: (operation, request) =>
      restDecode(operation, request, (body, shape) => Xml.read(shape, Xml.parse(body)), s3 !== undefined),
    encode: (operation, whole, requestId, extras) => {
      const { output, shape } = payloadOf(operation.output, whole)
      if (output instanceof Uint8Array) return fileOf(operation.output, whole, output, requestId)
      const name = shape.traits.xmlName ?? (shape.kind === "structure" ? shape.name : `${operation.name}Response`)
      const inside = restBody(xml(extras), shape, output)
      return {
        status: operation.traits.http?.[2] ?? 200,
        headers: s3 === undefined
          ? { "content-type": "text/xml", "x-amzn-requestid": requestId }
          : s3Headers(requestId),
        body: `${xmlDeclaration}\n<${name} xmlns="${xmlNamespace}">${inside}</${name}>`
      }
    },
    encodeFault: (fault, requestId) =>
      s3 === undefined
        ? queryFault(xmlNamespace, fault, requestId)
        : {
          status: fault.status,
          headers: { ...s3Headers(requestId), ...fault.headers },
          body: `${xmlDeclaration}\n<Error><Code>${Xml.escape(fault.code)}</Code>` +
            `<Message>${Xml.escape(fault.message)}</Message>` +
            Object.entries(fault.fields).map(([name, text]) => `<${name}>${Xml.escape(text)}</${name}>`).join("") +
            `<RequestId>${requestId}</RequestId><HostId>${hostId(requestId)}</HostId></Error>`
        }
  }
}

/** Some operations answer with one of their members alone. */
const payloadOf = (shape: Shape, output: unknown): { readonly shape: Shape; readonly output: unknown } => {
  const found = shape.kind === "structure"
    ? [...shape.members()].find(([, { traits }]) => traits.httpPayload === 1)
    : undefined
  if (found === undefined) return { shape, output }
  const [name, member] = found
  return { shape: member.shape, output: (output as Record<string, unknown>)[name] ?? {} }
}

/** A file, as S3 sends it: all that is said of it stands in headers. */
const fileOf = (shape: Shape, whole: unknown, body: Uint8Array, requestId: string): Answer => {
  const said = whole as Readonly<Record<string, unknown>>
  const headers: Record<string, string> = { ...s3Headers(requestId) }
  for (const [name, { traits }] of shape.kind === "structure" ? shape.members() : []) {
    const value = said[name]
    if (traits.httpHeader === undefined || value === undefined) continue
    headers[traits.httpHeader.toLowerCase()] = value instanceof Date ? value.toUTCString() : `${value as string | number}`
  }
  return { status: headers["content-range"] === undefined ? 200 : 206, headers, body }
}

/** S3 answers some operations with one member's value alone in the root element. */
const restBody = (xml: ReturnType<typeof Xml.makeXml>, shape: Shape, output: unknown): string => {
  const [only, ...others] = shape.kind === "structure" ? shape.members() : []
  return only !== undefined && others.length === 0 && only[0] === shape.traits.xmlName
    ? Xml.escape((output as Record<string, string | undefined>)[only[0]] ?? "")
    : xml.contents(shape, 1)(output)
}

const hostId = (requestId: string) => Buffer.from(`host-${requestId}`).toString("base64")

const s3Headers = (requestId: string) => ({
  "content-type": "application/xml",
  "x-amz-request-id": requestId,
  "x-amz-id-2": hostId(requestId)
})

const senderOf = (fault: AwsFault) => fault.status >= 500 ? "Receiver" : "Sender"

const parseJson = (body: string): unknown => body === "" ? {} : JSON.parse(body)

const formOf = (request: Request) => request.method === "GET" ? request.query : request.body

const formAction: Protocol["route"] = (request) => /(?:^|&)Action=([A-Za-z0-9]+)/u.exec(formOf(request))?.[1]

/** A path template, split once: `/2017-03-31/tags/{Resource}`. */
interface Template {
  readonly segments: ReadonlyArray<string>
  readonly query: ReadonlyArray<readonly [string, string]>
}

const templates = new Map<string, Template>()

const templateOf = (path: string): Template => {
  const found = templates.get(path)
  if (found !== undefined) return found
  const [before = "", after = ""] = path.split("?")
  const made: Template = {
    segments: before.split("/").filter((segment) => segment !== ""),
    // `x-id` tells apart what the SDK calls; other clients leave it out.
    query: [...new URLSearchParams(after)].filter(([key]) => key !== "x-id")
  }
  templates.set(path, made)
  return made
}

const label = /^\{([^}+]+)(\+?)\}$/u

/** The labels of a path that fits a template, or `undefined`. */
const matchPath = (template: Template, path: string): ReadonlyMap<string, string> | undefined => {
  const segments = path.split("/").filter((segment) => segment !== "")
  const labels = new Map<string, string>()
  for (const [at, pattern] of template.segments.entries()) {
    const [, name, greedy] = label.exec(pattern) ?? []
    const segment = segments[at]
    if (segment === undefined) return undefined
    if (name === undefined) {
      if (segment !== pattern) return undefined
    } else if (greedy === "+") {
      labels.set(name, segments.slice(at).map(decodeURIComponent).join("/"))
      return labels
    } else labels.set(name, decodeURIComponent(segment))
  }
  return segments.length === template.segments.length ? labels : undefined
}

const restRoute: Protocol["route"] = (request, operations) => {
  const query = new URLSearchParams(request.query)
  for (const [name, operation] of operations) {
    const [method, path = ""] = operation.traits.http ?? []
    if (method !== request.method) continue
    const template = templateOf(path)
    if (matchPath(template, request.path) === undefined) continue
    const asked = template.query.every(([key, value]) => query.has(key) && (value === "" || query.get(key) === value))
    if (asked) return name
  }
  return undefined
}

/**
 * In S3 the parameter says the operation on a bucket: `GET /bucket?tagging`, `GET /bucket/?list-type=2`. The model has
 * neither the bucket nor, but for what is of a file, anything else in the path.
 */
const s3Route: Protocol["route"] = (request, operations) => {
  const query = new URLSearchParams(request.query)
  const level = S3Path.levelOf(request.path)
  for (const [name, operation] of operations) {
    const [method, path = ""] = operation.traits.http ?? []
    const template = templateOf(path)
    const of = template.segments.length > 0 ? "file" : template.query.length > 0 ? "bucket" : "service"
    if (method === request.method && level === of && template.query.every(([key]) => query.has(key))) return name
  }
  return undefined
}

const restDecode = (
  operation: OperationShape,
  request: Request,
  readBody: (body: string, shape: Shape) => unknown,
  s3 = false
): unknown => {
  if (operation.input.kind !== "structure") return {}
  const query = new URLSearchParams(request.query)
  const labels = matchPath(templateOf(operation.traits.http?.[1] ?? ""), request.path)
  const body = request.body === "" ? {} : readBody(request.body, operation.input) as Record<string, unknown>
  const found: Array<readonly [string, unknown]> = []
  for (const [name, member] of operation.input.members()) {
    const { httpHeader, httpLabel, httpPayload, httpQuery } = member.traits
    const value = httpLabel === 1
      ? s3 && (name === "Bucket" || name === "Key") ? S3Path.label(name, request.path) : labels?.get(name)
      : httpQuery !== undefined
      ? member.shape.kind === "list" ? query.getAll(httpQuery) : query.get(httpQuery) ?? undefined
      : httpHeader !== undefined
      ? request.headers[httpHeader.toLowerCase()]
      : httpPayload === 1 && request.body !== ""
      ? readBody(request.body, member.shape)
      : body[name]
    if (value !== undefined) found.push([name, simple(member, value)])
  }
  return Object.fromEntries(found)
}

/** What comes in a path, a query or a header is text. */
const simple = ({ shape }: Member, value: unknown): unknown => {
  if (typeof value !== "string") return value
  switch (shape.kind) {
    case "number":
      return Number(value)
    case "boolean":
      return value === "true"
    case "timestamp":
      return new Date(value)
    default:
      return value
  }
}

/** The operations that a service answers, read from its client's schemas. */
export const operationsOf = (
  client: Readonly<Record<string, unknown>>,
  names: ReadonlyArray<string>
): ReadonlyMap<string, OperationShape> => {
  const found = new Map<string, OperationShape>()
  for (const name of names) {
    const schema = client[`${name}$`]
    if (schema === undefined) throw new TypeError(`the client has no operation ${name}`)
    found.set(name, ShapeModule.operation(schema))
  }
  return found
}
