import { assert, describe, it } from "@effect/vitest"
import { displayWidth as oracle } from "effect/cli/CliOutput"
import * as fc from "fast-check"
import { displayWidth } from "../src/DisplayWidth.ts"

describe("displayWidth", () => {
  it("is never less than what another implementation says, for any character of Unicode", () => {
    const narrower: Array<string> = []
    // In the planes where nothing is assigned, and in those for private use, some speak for all.
    for (let point = 32; point <= 0x10ffff; point += (point >= 0x40000 && point < 0xe0000) || point >= 0xf0000 ? 97 : 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const character = String.fromCodePoint(point)
      if (displayWidth(character) < oracle(character)) narrower.push(point.toString(16))
    }
    assert.deepStrictEqual(narrower, [])
  })

  it("is never less for Hangul in parts, however they follow each other", () => {
    const parts = fc.array(fc.constantFrom("\u1112", "\u1161", "\u11ab", "\ud7b0", "\ud7cb", "\ua960", "\ud55c", "a"), { maxLength: 8 })
    fc.assert(fc.property(parts.map((parts) => parts.join("")), (text) => assert.isAtLeast(displayWidth(text), oracle(text))), {
      numRuns: 2000
    })
  })
})
