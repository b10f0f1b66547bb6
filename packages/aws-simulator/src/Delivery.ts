/**
 * How answers leave: whole, in part, late, or never to an end.
 *
 * @since 0.1.0
 */
import type * as Http from "node:http"
import type { Fate } from "./Fate.ts"
import type { Latency } from "./Latency.ts"
import { type Answer, bytesOf } from "./Protocol.ts"

/** The answer as it is. */
export const send = (response: Http.ServerResponse, answer: Answer): void => {
  const body = bytesOf(answer)
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
  response.end(body)
}

/** Resets the connection, whatever was sent. */
export const reset = (response: Http.ServerResponse): void => {
  response.socket?.resetAndDestroy()
}

/** The head, and part of the body whose whole length is announced; `then` is called when these have left. */
const part = (
  response: Http.ServerResponse,
  answer: Answer,
  body: Buffer,
  portion: 0 | 0.5,
  then: () => void
): void => {
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
  if (portion === 0) {
    response.flushHeaders()
    // After the head: a reset at once would overtake it.
    setImmediate(then)
  } else response.write(body.subarray(0, Math.ceil(body.length / 2)), then)
}

/** Half of a body in chunks, and then the end of the connection instead of the last chunk. */
const cutChunked = (response: Http.ServerResponse, answer: Answer, body: Buffer): void => {
  response.writeHead(answer.status, { ...answer.headers, "transfer-encoding": "chunked" })
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.socket?.end())
}

/** A byte at a time, and white space for ever after the last; ends when the caller does. */
const drip = (response: Http.ServerResponse, answer: Answer, body: Buffer, milliseconds: number): void => {
  response.writeHead(answer.status, { ...answer.headers, "transfer-encoding": "chunked" })
  response.flushHeaders()
  let at = 0
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer)
    else response.write(at < body.length ? body.subarray(at, ++at) : "\n")
  }, milliseconds)
  response.once("close", () => clearInterval(timer))
}

/** White space after a document is no part of it: the answer stays right and grows too large. */
const pad = (
  response: Http.ServerResponse,
  answer: Answer,
  body: Buffer,
  bytes: number,
  chunked: boolean
): void => {
  const length = chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(body.length + bytes) }
  response.writeHead(answer.status, { ...answer.headers, ...length })
  response.write(body)
  const chunk = Buffer.alloc(Math.min(bytes, 1024 * 1024), "\n")
  let left = bytes
  pump(response, () => {
    if (left === 0) return undefined
    const piece = left < chunk.length ? chunk.subarray(0, left) : chunk
    left -= piece.length
    return piece
  })
}

/** One JSON document a line, as fast as the reader takes them. */
export const stream = (response: Http.ServerResponse, values: Iterator<unknown>): void => {
  response.writeHead(200, { "content-type": "application/x-ndjson" })
  pump(response, () => {
    let text = ""
    while (text.length < 65_536) {
      const next = values.next()
      if (next.done === true) return text === "" ? undefined : text
      text += `${JSON.stringify(next.value)}\n`
    }
    return text
  })
}

/** Sends piece after piece, waiting for the reader between them. */
const pump = (response: Http.ServerResponse, next: () => Buffer | string | undefined): void => {
  const more = () => {
    while (!response.destroyed) {
      const piece = next()
      if (piece === undefined) {
        response.end()
        return
      }
      if (!response.write(piece)) {
        response.once("drain", more)
        return
      }
    }
  }
  more()
}

/** What a proxy says in the name of a service. */
export const page = (status: number): Answer => {
  const title = `${status} ${titles[status] ?? "Notice"}`
  return {
    status,
    headers: { "content-type": "text/html" },
    body: `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n` +
      `<hr><center>nginx</center>\n</body>\n</html>\n`
  }
}

const titles: Readonly<Record<number, string>> = {
  200: "Welcome",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out"
}

/** Sends an answer, or as much of it as its faults let through. */
export const deliver = (
  response: Http.ServerResponse,
  answer: Answer,
  body: Buffer,
  { has, took }: Fate,
  { later, latency }: {
    readonly later: (milliseconds: number) => Promise<void>
    readonly latency: Latency
  }
): void => {
  const broken = has("reset")
  if (broken !== undefined) {
    took(broken, "broken")
    return part(response, answer, body, broken.when === "headers" ? 0 : 0.5, () => reset(response))
  }
  const stall = has("stall")
  if (stall !== undefined) {
    took(stall, "broken")
    return part(response, answer, body, stall.after === "headers" ? 0 : 0.5, () => {})
  }
  const truncate = has("truncate")
  if (truncate !== undefined) {
    took(truncate, "broken")
    if (truncate.as === "chunked") return cutChunked(response, answer, body)
    return part(response, answer, body, 0.5, () => response.socket?.end())
  }
  const dripping = has("drip")
  if (dripping !== undefined) {
    took(dripping, "broken")
    return drip(response, answer, body, dripping.milliseconds ?? 100)
  }
  const oversized = has("oversized")
  if (oversized !== undefined) {
    took(oversized, "altered")
    const bytes = oversized.bytes ?? 64 * 1024 * 1024
    return pad(response, answer, body, bytes, oversized.chunked === true)
  }
  const end = () => response.end(body)
  const wait = latency.transfer(body.length)
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length })
  if (wait === 0) {
    end()
    return
  }
  response.flushHeaders()
  void later(wait).then(end)
}
