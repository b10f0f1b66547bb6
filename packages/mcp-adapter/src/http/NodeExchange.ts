/**
 * Requests and answers of Node.js as those of the web, which the protocol's
 * library takes and gives.
 *
 * @since 0.1.0
 */
import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"

/**
 * A request without its body; its signal is aborted when the connection is lost.
 *
 * @category constructors
 * @since 0.1.0
 */
export const requestOf = (request: IncomingMessage, response: ServerResponse, path: string): Request => {
  const headers = new Headers()
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    headers.append(request.rawHeaders[at]!, request.rawHeaders[at + 1]!)
  }
  const lost = new AbortController()
  response.once("close", () => {
    if (!response.writableFinished) lost.abort()
  })
  return new Request(`http://localhost${path}`, { method: request.method ?? "GET", headers, signal: lost.signal })
}

/**
 * Writes an answer as it comes, no faster than it is read.
 *
 * @category running
 * @since 0.1.0
 */
export const write = async (answer: Response, response: ServerResponse): Promise<void> => {
  if (response.destroyed) {
    await answer.body?.cancel()
    return
  }
  for (const [name, value] of answer.headers) response.setHeader(name, value)
  response.writeHead(answer.status)
  if (answer.body === null) return void response.end()
  const together = inOneGo(response)
  // The client of a stream waits for its head.
  together(() => response.flushHeaders())
  const reader = answer.body.getReader()
  const closed = once(response, "close").then(() => "closed" as const, () => "closed" as const)
  let reading = reader.read()
  while (true) {
    const next = await Promise.race([reading, closed])
    if (next === "closed") {
      await reader.cancel().catch(() => undefined)
      return
    }
    if (next.done) break
    const isFull = together(() => !response.write(next.value))
    reading = reader.read()
    // That this was all need not wait until it was read.
    if (isFull) await Promise.race([once(response, "drain").catch(() => undefined), closed, endOf(reading)])
  }
  response.end()
}

/**
 * What is written before the event loop turns goes to the client together: an answer that is known is one packet, not
 * four. The socket is held and not the response, which Node.js ends before what it holds.
 */
const inOneGo = (response: ServerResponse) => {
  let isHeld = false
  return <A>(write: () => A): A => {
    const { socket } = response
    if (!isHeld && socket !== null) {
      isHeld = true
      socket.cork()
      setImmediate(() => {
        isHeld = false
        socket.uncork()
      })
    }
    return write()
  }
}

/** Settles where there is nothing more to read. */
const endOf = (reading: Promise<{ readonly done: boolean }>): Promise<void> =>
  // @effect-diagnostics-next-line newPromise:off -- streams speak in promises
  new Promise((resolve) => {
    void reading.then(({ done }) => done && resolve(), () => resolve())
  })
