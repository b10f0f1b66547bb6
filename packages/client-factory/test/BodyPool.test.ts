import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { BodyPool, pieceBytes, release } from "../src/BodyPool.ts"

/** Cuts a text into pieces of a pool, as an answer comes in. */
const piecesOf = (pool: BodyPool, bytes: Buffer): Array<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = pool.piece()
    bytes.copy(piece, 0, at, at + pieceBytes)
    pieces.push(piece)
  }
  return pieces
}

it("bodies that are held at the same time never share memory, however they are given back", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 5 * pieceBytes }), held: fc.integer({ min: 0, max: 3 }) }), { maxLength: 12 }),
    (answers) => {
      const pool = new BodyPool()
      const held: Array<{ readonly body: Buffer; readonly truth: Buffer; readonly until: number }> = []
      answers.forEach(({ bytes, held: turns }, index) => {
        const truth = Buffer.alloc(bytes, index + 1)
        held.push({ body: pool.whole(piecesOf(pool, truth), bytes), truth, until: index + turns })
        for (const one of held) if (one.until >= index) assert.isTrue(one.body.equals(one.truth))
        for (const one of held) if (one.until === index) release(one.body)
      })
    }
  ), { numRuns: 100 })
})

it("a buffer is used again, once, when its body was released", () => {
  const pool = new BodyPool()
  const body = (text: string) => {
    const bytes = Buffer.from(text.padEnd(pieceBytes + 1))
    return pool.whole(piecesOf(pool, bytes), bytes.length)
  }
  const first = body("first")
  release(first)
  release(first)
  const [second, third] = [body("second"), body("third")]
  assert.strictEqual(second.buffer, first.buffer)
  assert.notStrictEqual(third.buffer, first.buffer)
  assert.deepStrictEqual([second, third].map((one) => one.toString("latin1").trim()), ["second", "third"])
})

it("a small body has memory of its own: nobody gives an error's back", () => {
  const pool = new BodyPool()
  const body = pool.whole(piecesOf(pool, Buffer.from("error")), 5)
  assert.strictEqual(body.buffer.byteLength, 5)
  release(body)
  pool.whole(piecesOf(pool, Buffer.alloc(pieceBytes + 1)), pieceBytes + 1).fill(1)
  assert.strictEqual(body.toString(), "error")
})
