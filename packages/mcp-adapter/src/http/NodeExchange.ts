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
  // The client of a stream waits for its head.
  response.flushHeaders()
  const reader = answer.body.getReader()
  const closed = once(response, "close").then(() => "closed" as const, () => "closed" as const)
  while (true) {
    const next = await Promise.race([reader.read(), closed])
    if (next === "closed") {
      await reader.cancel().catch(() => undefined)
      return
    }
    if (next.done) break
    if (!response.write(next.value)) {
      await Promise.race([once(response, "drain").catch(() => undefined), closed])
    }
  }
  response.end()
}
