/** Bodies come out as they went in, whatever pieces they come in by and however many come in at once. */
import { assert, it } from "@effect/vitest"
import { HttpRequest } from "@smithy/core/protocols"
import { Effect } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { release } from "../src/BodyPool.ts"
import { HttpTransport } from "../src/HttpTransport.ts"
import { freeSoon } from "../src/ReadBuffer.ts"

/** Bytes that no other body has at this place. */
const bodyOf = (seed: number, bytes: number): Buffer => {
  const body = Buffer.alloc(bytes)
  for (let at = 0, state = seed * 2_654_435_761 + 1; at < bytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    body[at] = state >>> 24
  }
  return body
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

interface Served {
  readonly bytes: number
  /** Written in pieces of so many bytes. */
  readonly piece: number
  /** Whether the length is said before, or each piece is a chunk with its own. */
  readonly chunked: boolean
  /** Turns of the event loop for which its reader holds it. */
  readonly held: number
}

const served = fc.record({
  bytes: fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 3_000_000 }), fc.constantFrom(65_536, 131_072, 16_384)),
  piece: fc.oneof(fc.integer({ min: 1000, max: 200_000 }), fc.constantFrom(65_536, 16_384)),
  chunked: fc.boolean(),
  held: fc.integer({ min: 0, max: 2 })
})

const server = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer((request, response) => {
      const { bytes, chunked, piece, seed } = JSON.parse(decodeURIComponent(request.url!.slice(1))) as Served & { readonly seed: number }
      const body = bodyOf(seed, bytes)
      if (!chunked) response.setHeader("content-length", bytes)
      const write = (at: number): void => {
        if (at >= bytes) return void response.end()
        if (response.write(body.subarray(at, at + piece))) setImmediate(write, at + piece)
        else response.once("drain", () => write(at + piece))
      }
      write(0)
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    return server
  }),
  (server) =>
    Effect.promise(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    })
)

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

it.effect("every body is what was sent, with more on their way than may be held at once", () =>
  Effect.gen(function*() {
    const { port } = (yield* server).address() as AddressInfo
    const { handler } = yield* HttpTransport
    let seed = 0
    const fetch = async ({ held, ...one }: Served): Promise<void> => {
      const mine = ++seed
      const path = `/${encodeURIComponent(JSON.stringify({ ...one, seed: mine }))}`
      const { response } = await handler.handle(new HttpRequest({ protocol: "http:", hostname: "127.0.0.1", port, path, method: "GET" }))
      const truth = digest(bodyOf(mine, one.bytes))
      assert.strictEqual(response.body.length, one.bytes)
      assert.strictEqual(digest(response.body), truth)
      for (let turns = 0; turns < held; turns++) await turn()
      assert.strictEqual(digest(response.body), truth, "it stays as it is until it is given back")
      release(response.body)
    }
    yield* Effect.promise(() =>
      fc.assert(fc.asyncProperty(fc.array(served, { minLength: 1, maxLength: 25 }), async (answers) => {
        await Promise.all(answers.map(fetch))
      }), { numRuns: 30 })
    )
  }).pipe(Effect.provide(HttpTransport.layer), Effect.scoped), 120_000)

it("a read's memory is given back when its last byte was handed out, and what is shared never is", async () => {
  const read = () => Buffer.allocUnsafeSlow(20_000)
  const [whole, behindHeaders, chunk, middle, shared] = [read(), read(), read(), read(), Buffer.from("x".repeat(5000))]
  freeSoon(whole)
  freeSoon(whole.subarray(0))
  freeSoon(behindHeaders.subarray(300))
  freeSoon(chunk.subarray(300, 20_000 - "\r\n0\r\n\r\n".length))
  freeSoon(middle.subarray(300, 15_000))
  freeSoon(shared)
  freeSoon(Buffer.alloc(0))
  assert.isFalse(whole.buffer.detached, "not while it is still being handed out")
  await turn()
  assert.deepStrictEqual([whole, behindHeaders, chunk, middle].map(({ buffer }) => buffer.detached), [true, true, true, false])
  assert.strictEqual(shared.toString(), "x".repeat(5000))
  assert.strictEqual(Buffer.from("y").toString(), "y")
})
