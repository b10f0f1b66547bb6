import * as Effect from "effect/Effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A collector that keeps what it is sent. */
export const collector = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly requests: Array<Request>; readonly close: () => void }>((resume) => {
    const requests: Array<Request> = []
    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        requests.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("latin1") })
        response.writeHead(200, { "content-type": "application/json" }).end("{}")
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({
        url: `http://127.0.0.1:${port}`,
        requests,
        close: () => {
          server.closeAllConnections()
          server.close()
        }
      }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

export interface Request {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}
