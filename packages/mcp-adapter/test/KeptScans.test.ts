import { assert, describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as fc from "fast-check"
import { KeptScans, Scan, type ScanLimits } from "../src/KeptScans.ts"
import * as ScanResult from "../src/ScanResult.ts"

const limits: ScanLimits = { running: 8, runningPerSession: 2, results: 3, bytes: 1_000_000, ttlMs: 1000 }

const resultOf = (version: string, count = 1) =>
  ScanResult.make({
    version,
    list: "items",
    items: Array.from({ length: count }, (_, at) => at),
    show: (at: number) => `item ${at}`,
    answer: (items: ReadonlyArray<string>, whole) => ({ items, total: count, whole }),
    text: "text"
  })

const scanOf = (id: string, owner = "me", key = id) => new Scan({ id, owner, key, tool: "scan", startedAt: 0 })

const kept = (scans: KeptScans, owner = "me") => scans.of(owner).map(({ id }) => id)

describe("KeptScans", () => {
  it("forgets results when they expire, and the oldest of whoever has most when there are too many", () => {
    const scans = new KeptScans(limits)
    const end = (scan: Scan, now: number) => {
      scans.add(scan)
      scans.end(scan, Exit.succeed(resultOf(scan.id)), now)
    }
    end(scanOf("theirs", "them"), 0)
    for (const [at, id] of ["a", "b", "c"].entries()) end(scanOf(id), at)
    assert.deepStrictEqual(kept(scans), ["c", "b"])
    assert.deepStrictEqual(kept(scans, "them"), ["theirs"])
    scans.forget(1001)
    assert.deepStrictEqual(kept(scans), ["c"])
    assert.deepStrictEqual(kept(scans, "them"), [])
  })

  it("keeps within its memory, and the latest whatever it takes", () => {
    const scans = new KeptScans({ ...limits, bytes: resultOf("", 100).weight * 2 })
    for (const [id, count] of [["a", 100], ["b", 100], ["c", 100_000], ["d", 1]] as const) {
      const scan = scanOf(id)
      scans.add(scan)
      scans.end(scan, Exit.succeed(resultOf(id, count)), 0)
      if (id === "c") assert.deepStrictEqual(kept(scans), ["c"])
    }
    assert.deepStrictEqual(kept(scans), ["d"])
  })

  it("the same result of the same request has one handle; another has its own", () => {
    const scans = new KeptScans(limits)
    const [first, same, other] = [scanOf("1", "me", "key"), scanOf("2", "me", "key"), scanOf("3", "me", "key")]
    for (const [scan, version] of [[first, "of today"], [same, "of today"], [other, "of tomorrow"]] as const) {
      scans.add(scan)
      scans.end(scan, Exit.succeed(resultOf(version)), 0)
    }
    assert.strictEqual(scans.nameOf(same).id, "1")
    assert.strictEqual(scans.nameOf(other).id, "3")
    assert.sameMembers(kept(scans), ["1", "3"])
  })

  it("what failed and nobody has the handle of is not kept", () => {
    const scans = new KeptScans(limits)
    const [alone, handedOut] = [scanOf("alone"), scanOf("handed out")]
    handedOut.isHandedOut = true
    for (const scan of [alone, handedOut]) {
      scans.add(scan)
      scans.end(scan, Exit.die(new Error("AKIAIOSFODNN7EXAMPLE")), 0)
    }
    assert.deepStrictEqual(kept(scans), ["handed out"])
    assert.strictEqual(handedOut.status, "failed")
    assert.notInclude(handedOut.problem, "AKIA")
  })
})

describe("ScanResult", () => {
  it("pages of any result are, one after the other, all of it, and none is larger than an answer may be", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.nat(40_000).map((length) => "é".repeat(length))), { maxLength: 60 }),
        (items) => {
          const result = ScanResult.make({
            version: "",
            list: "items",
            items,
            show: (item) => item,
            answer: (items: ReadonlyArray<string>) => ({ count: 7, items }),
            text: "text"
          })
          const all: Array<string> = []
          for (let from: number | undefined = 0; from !== undefined;) {
            const { next, structured }: ScanResult.Page<{ readonly items: ReadonlyArray<string> }> = result.page(from)
            assert.isBelow(Buffer.byteLength(JSON.stringify(structured)), structured.items.length === 1 ? 90_000 : 80_000)
            all.push(...structured.items)
            from = next
          }
          assert.deepStrictEqual(all, items)
          assert.deepStrictEqual(JSON.parse([...result.document()].join("")), { count: 7, items })
        }
      ),
      { numRuns: 100 }
    )
  })

  it("pages of any text are, one after the other, all of it, and break no character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.integer({ min: 12, max: 80 }), (text, bytes) => {
        const parts: Array<string> = []
        for (let from = 0; from < text.length;) {
          const part = ScanResult.partOf(text, from, bytes)
          assert.isAbove(part.length, 0)
          assert.isTrue(part.isWellFormed())
          parts.push(part)
          from += part.length
        }
        assert.strictEqual(parts.join(""), text)
      }),
      { numRuns: 200 }
    )
  })
})
