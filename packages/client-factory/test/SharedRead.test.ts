import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { createServer, type Socket } from "node:net"
import { once } from "node:events"
import { Agent, type buildConnector, type Dispatcher } from "undici"
import { sharedRead } from "../src/SharedRead.ts"

/** Asks for a path and collects the body, pausing for a turn of the event loop where `pauses` says so. */
const ask = (agent: Agent, origin: string, path: string, pauses: ReadonlyArray<boolean>): Promise<string> =>
  new Promise((resolve, reject) => {
    let body = ""
    let pieces = 0
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: (controller, chunk) => {
        body += chunk.toString("latin1")
        if (pauses[pieces++ % pauses.length] !== true) return
        controller.pause()
        setTimeout(() => controller.resume(), 1)
      },
      onResponseEnd: () => resolve(body),
      onResponseError: (_, error) => reject(error)
    }
    agent.dispatch({ origin, path, method: "GET" }, handler)
  })

it("answers that come in side by side through one buffer are each what was sent, paused or not, chunked or not", async () => {
  const bodyOf = (path: string) => Array.from({ length: Number(path.slice(1)) }, (_, index) => `${path}:${index};`).join("")
  const server = createServer((socket: Socket) => {
    socket.on("data", (request) => {
      const path = /^GET (\S+)/u.exec(request.toString("latin1"))?.[1] ?? "/0"
      const body = bodyOf(path)
      if (Number(path.slice(1)) % 2 === 0) {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      } else {
        const half = Math.ceil(body.length / 2)
        const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk(body.slice(0, half))}`)
        setImmediate(() => socket.write(`${chunk(body.slice(half))}0\r\n\r\n`))
      }
    }).on("error", () => {})
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  assert.isTrue(typeof address === "object" && address !== null)
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  const agent = new Agent({ connections: 6, pipelining: 1, connect: { onread: sharedRead() } as buildConnector.BuildOptions })
  try {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12_000 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })), { maxLength: 10 }),
      async (asked) => {
        const answers = await Promise.all(asked.map(([size, pauses]) => ask(agent, origin, `/${size}`, pauses)))
        answers.forEach((answer, index) => assert.isTrue(answer === bodyOf(`/${asked[index]![0]}`), `/${asked[index]![0]}`))
      }
    ), { numRuns: 100 })
  } finally {
    await agent.destroy()
    server.close()
  }
}, 60_000)
