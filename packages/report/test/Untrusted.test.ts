import { Untrusted } from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import { displayWidth as oracle } from "effect/cli/CliOutput"
import * as fc from "fast-check"
import { displayWidth, truncate } from "../src/DisplayWidth.ts"
import { hostile } from "./Reports.ts"

describe("Untrusted", () => {
  it.each([
    ["plain text", "plain text"],
    ["größe 漢字", "größe 漢字"],
    ["\u001b[2J", "\\u{1b}[2J"],
    ["a\nb", "a\\u{a}b"],
    ["\u009b", "\\u{9b}"],
    ["\u202eabc\u2069\u200f\u061c", "\\u{202e}abc\\u{2069}\\u{200f}\\u{61c}"],
    ["a\u200db\ufeff", "a\\u{200d}b\\u{feff}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\ud800", "\\u{d800}"],
    ["C:\\temp", "C:\\temp"],
    ["\\u{202e}", "\\u{5c}u{202e}"]
  ])("%j is shown as %s", (text, shown) => assert.strictEqual(Untrusted.visible(text), shown))

  it("shows different texts differently", () => {
    const read = (shown: string) =>
      shown.replaceAll(/\\u\{([0-9a-f]+)\}/gu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    fc.assert(fc.property(hostile, (text) => assert.strictEqual(read(Untrusted.visible(text)), text)))
  })

  it("a code span is one span without a bare pipe", () => {
    fc.assert(fc.property(hostile.filter((text) => text !== ""), (text) => {
      const span = Untrusted.code(text)
      assert.match(span, /^`[^`\n<]+`$/u)
      assert.notMatch(span, /(?<!\\)\||\\\\\|/u)
    }))
  })

  it("JSON parses to the same value", () => {
    fc.assert(fc.property(hostile, (text) => {
      const value = { [text]: [text] }
      const read: unknown = JSON.parse(Untrusted.json(JSON.stringify(value, null, 2)))
      assert.strictEqual(JSON.stringify(read), JSON.stringify(value))
    }))
  })
})

describe("displayWidth", () => {
  it.each([
    ["abc", 3],
    ["漢字", 4],
    ["e\u0301", 1],
    ["한글", 4],
    ["\u1112\u1161\u11ab", 2],
    ["👍", 2],
    ["ｆｕｌｌ", 8],
    ["…–─", 3]
  ])("%s takes %i columns", (text, width) => assert.strictEqual(displayWidth(text), width))

  it("is never less than that of joined shapes", () => {
    fc.assert(fc.property(hostile.map(Untrusted.visible), (text) => assert.isAtLeast(displayWidth(text), oracle(text))))
  })

  it("truncates to the width, and what fits not at all", () => {
    fc.assert(fc.property(hostile.map(Untrusted.visible), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const cut = truncate(text, width)
      assert.isAtMost(oracle(cut), width)
      if (displayWidth(text) <= width) assert.strictEqual(cut, text)
      else assert.isTrue(cut.endsWith("…") && text.startsWith(cut.slice(0, -1)))
    }))
  })
})
