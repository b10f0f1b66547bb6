/** What goes wrong between the machines, byte by byte: raw sockets, no SDK. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { type Fault, Simulator } from "../src/index.ts"

const estate = { regions: ["us-east-1"], counts: { "sns:topic": { "us-east-1": 3 }, "dynamodb:table": 2 } } as const

/** A signed request, and all that comes back on its connection. */
interface Exchange {
  readonly socket: Socket
  readonly received: () => string
  /** `"end"`: closed in good order; else the error's code. */
  readonly ended: Promise<string>
  readonly until: (condition: (received: string) => boolean) => Promise<void>
}

const ask = (simulator: Simulator["Service"], service: "sns" | "dynamodb" = "sns"): Exchange => {
  const body = service === "sns" ? "Action=ListTopics&Version=2010-03-31" : "{}"
  const { accessKeyId } = simulator.credentials()
  const socket = connect(simulator.port, "127.0.0.1")
  const chunks: Array<Buffer> = []
  let wake = () => {}
  socket.on("data", (chunk) => {
    chunks.push(chunk)
    wake()
  })
  const ended = new Promise<string>((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"))
    socket.once("end", () => {
      resolve("end")
      socket.end()
    })
    socket.once("close", () => resolve("closed"))
  })
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n` +
      `Authorization: AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261101/us-east-1/${service}` +
      `/aws4_request, SignedHeaders=host, Signature=00\r\n` +
      `${service === "sns" ? "" : "X-Amz-Target: DynamoDB_20120810.ListTables\r\n"}\r\n${body}`
  )
  const received = () => Buffer.concat(chunks).toString("latin1")
  return {
    socket,
    received,
    ended,
    until: async (condition) => {
      while (!condition(received())) await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

const split = (text: string): readonly [head: string, body: string] => {
  const at = text.indexOf("\r\n\r\n")
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 4)]
}

const lengthOf = (head: string) => Number(/content-length: (\d+)/iu.exec(head)?.[1])

const using = <A>(fault: Fault, use: (simulator: Simulator["Service"]) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(
    Simulator.make({ estate, rules: [{ match: { nth: 1 }, fault }] }),
    (simulator) => Effect.promise(() => use(simulator))
  ))

/** The whole answer of the next call, which no rule befalls. */
const plain = async (simulator: Simulator["Service"], service?: "sns" | "dynamodb") => {
  const exchange = ask(simulator, service)
  await exchange.until((text) => {
    const [head, body] = split(text)
    return body.length > 0 && body.length === lengthOf(head)
  })
  exchange.socket.destroy()
  return split(exchange.received())
}

describe("transport", () => {
  it.live("reset: before, after the headers, in the body", () =>
    Effect.gen(function*() {
      const bytes = (when: "before" | "headers" | "body") =>
        using({ type: "reset", when }, async (simulator) => {
          const exchange = ask(simulator)
          assert.strictEqual(await exchange.ended, "ECONNRESET", when)
          return split(exchange.received())
        })
      assert.deepStrictEqual(yield* bytes("before"), ["", ""])
      const [head, none] = yield* bytes("headers")
      assert.match(head, /^HTTP\/1\.1 200 OK\r\n/u)
      assert.strictEqual(none, "")
      const [whole, part] = yield* bytes("body")
      assert.isAbove(part.length, 0)
      assert.isBelow(part.length, lengthOf(whole))
    }))

  it.live("truncate: short of its length, or without the last chunk, and closed in good order", () =>
    Effect.gen(function*() {
      yield* using({ type: "truncate" }, async (simulator) => {
        const exchange = ask(simulator)
        assert.strictEqual(await exchange.ended, "end")
        const [head, body] = split(exchange.received())
        assert.strictEqual(body.length, Math.ceil(lengthOf(head) / 2))
      })
      yield* using({ type: "truncate", as: "chunked" }, async (simulator) => {
        const exchange = ask(simulator)
        assert.strictEqual(await exchange.ended, "end")
        const [head, body] = split(exchange.received())
        assert.match(head, /transfer-encoding: chunked/iu)
        assert.include(body, "<ListTopicsResponse")
        assert.notInclude(body, "\r\n0\r\n")
      })
    }))

  it.live("stall: after the headers, or half of the body, nothing more, and the connection stays", () =>
    Effect.gen(function*() {
      for (const after of ["headers", "half"] as const) {
        yield* using({ type: "stall", after }, async (simulator) => {
          const exchange = ask(simulator)
          await exchange.until((text) => text.includes("\r\n\r\n") && (after === "headers" || split(text)[1] !== ""))
          const [, whole] = await plain(simulator)
          const [head, body] = split(exchange.received())
          assert.strictEqual(lengthOf(head), whole.length)
          assert.strictEqual(body.length, after === "headers" ? 0 : Math.ceil(whole.length / 2))
          assert.isFalse(exchange.socket.readableEnded)
          exchange.socket.destroy()
        })
      }
    }))

  it.live("drip: a byte at a time, and then white space without end", () =>
    using({ type: "drip", milliseconds: 1 }, async (simulator) => {
      const exchange = ask(simulator)
      const [, whole] = await plain(simulator)
      const text = () => split(exchange.received())[1].replace(/1\r\n([\s\S])\r\n/gu, "$1")
      await exchange.until(() => text().length > whole.length + 5)
      // The request id is the call's own.
      const masked = (document: string) => document.replace(/<RequestId>.*<\/RequestId>/u, "")
      assert.strictEqual(masked(text().slice(0, whole.length)), masked(whole))
      assert.strictEqual(text().slice(whole.length).trim(), "")
      exchange.socket.destroy()
    }))

  it.live("hang: not a byte", () =>
    using({ type: "hang" }, async (simulator) => {
      const exchange = ask(simulator)
      await once(exchange.socket, "connect")
      while (simulator.faults().length === 0) await plainly()
      await plain(simulator)
      assert.strictEqual(exchange.received(), "")
      exchange.socket.destroy()
    }))

  it.live("oversized: with its length announced, or in chunks; never built as a whole", () =>
    Effect.gen(function*() {
      yield* using({ type: "oversized", bytes: 3_000_000_000 }, async (simulator) => {
        const before = process.memoryUsage().rss
        const exchange = ask(simulator)
        await exchange.until((text) => text.length > 5_000_000)
        assert.isAbove(lengthOf(split(exchange.received())[0]), 3_000_000_000)
        assert.isBelow(process.memoryUsage().rss - before, 300_000_000)
        exchange.socket.destroy()
      })
      yield* using({ type: "oversized", bytes: 100_000, chunked: true }, async (simulator) => {
        const exchange = ask(simulator)
        await exchange.until((text) => text.endsWith("\r\n0\r\n\r\n"))
        const [head, body] = split(exchange.received())
        assert.match(head, /transfer-encoding: chunked/iu)
        assert.isNaN(lengthOf(head))
        assert.isAbove(body.length, 100_000)
        exchange.socket.destroy()
      })
    }))

  const answered = (fault: Fault, service: "sns" | "dynamodb" = "sns") =>
    using(fault, async (simulator) => {
      const exchange = ask(simulator, service)
      await exchange.until((text) => {
        const [head, body] = split(text)
        return text.includes("\r\n\r\n") && body.length === lengthOf(head)
      })
      exchange.socket.destroy()
      const [head, body] = split(exchange.received())
      const [, whole] = await plain(simulator, service)
      return { head, body, whole, faults: simulator.faults() }
    })

  it.live("pages of a proxy, answers without a body, a wrong media type", () =>
    Effect.gen(function*() {
      const page = yield* answered({ type: "html", status: 200 })
      assert.match(page.head, /^HTTP\/1\.1 200 [\s\S]*content-type: text\/html/iu)
      assert.match(page.body, /^<html>/u)
      assert.match((yield* answered({ type: "status", status: 502 })).head, /^HTTP\/1\.1 502 /u)
      const late = yield* answered({ type: "status", status: 504, body: "empty" })
      assert.match(late.head, /^HTTP\/1\.1 504 /u)
      assert.strictEqual(late.body, "")
      const empty = yield* answered({ type: "empty" })
      assert.match(empty.head, /^HTTP\/1\.1 200 /u)
      assert.strictEqual(empty.body, "")
      assert.strictEqual(empty.faults[0]?.effect, "broken")
      const typed = yield* answered({ type: "content-type" })
      assert.match(typed.head, /content-type: text\/plain/iu)
      assert.strictEqual(typed.body.length, typed.whole.length)
    }))

  it.live("document types: a bomb of entities, and one that names a file; JSON services send them too", () =>
    Effect.gen(function*() {
      for (const service of ["sns", "dynamodb"] as const) {
        const bomb = yield* answered({ type: "doctype" }, service)
        assert.match(bomb.body, /^<\?xml[^>]*>\n<!DOCTYPE /u)
        assert.strictEqual(bomb.body.match(/<!ENTITY /gu)?.length, 10)
        assert.isBelow(bomb.body.length, 10_000)
        assert.include(bomb.body.slice(bomb.body.indexOf("]>")), "&a9;")
        const external = yield* answered({ type: "doctype", entities: "external" }, service)
        assert.match(external.body, /<!ENTITY a9 SYSTEM "file:/u)
      }
    }))

  it.live("nesting: well-formed, and as deep as asked", () =>
    Effect.gen(function*() {
      const json = yield* answered({ type: "nesting", depth: 3000 }, "dynamodb")
      const { Nested, ...rest } = JSON.parse(json.body) as { readonly Nested: unknown }
      let depth = 0
      for (let at = Nested; Array.isArray(at); at = at[0]) depth++
      assert.strictEqual(depth, 3000)
      assert.deepStrictEqual(rest, JSON.parse(json.whole))
      const xml = yield* answered({ type: "nesting", depth: 500 })
      assert.include(xml.body, "<n>".repeat(500) + "</n>".repeat(500))
      const masked = (document: string) => document.replace(/<RequestId>.*<\/RequestId>/u, "")
      assert.strictEqual(masked(xml.body.replace(/(?:<n>)+(?:<\/n>)+/u, "")), masked(xml.whole))
    }))

  it.live("bytes that are no UTF-8 stand within a text", () =>
    Effect.gen(function*() {
      for (const service of ["sns", "dynamodb"] as const) {
        const { body, whole } = yield* answered({ type: "invalid-utf8" }, service)
        assert.strictEqual(body.length, whole.length + 2)
        assert.match(body, service === "sns" ? />[^<>]+\u00ff\u00fe[^<>]*<\// : /"[^"]*\u00ff\u00fe[^"]*"/)
        assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "latin1")), TypeError)
      }
    }))

  it.live("a bandwidth: the head at once, the body after as long as it takes", () =>
    Effect.scoped(Effect.flatMap(
      Simulator.make({ estate, latency: { bytesPerSecond: 20_000 } }),
      (simulator) =>
        Effect.promise(async () => {
          const exchange = ask(simulator)
          await exchange.until((text) => text.includes("\r\n\r\n"))
          const started = performance.now()
          const size = lengthOf(split(exchange.received())[0])
          await exchange.until((text) => split(text)[1].length === size)
          assert.isAbove(performance.now() - started, (size / 20_000) * 1000 * 0.5)
          exchange.socket.destroy()
        })
    )))
})

const plainly = () => new Promise<void>((resolve) => setImmediate(resolve))
