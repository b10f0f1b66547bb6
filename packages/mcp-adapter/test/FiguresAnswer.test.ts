import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { percent } from "../src/FiguresAnswer.ts"

describe("a score in words", () => {
  it("is what reports and the dashboard say: the nearest tenth, and neither all nor nothing where it is not", () => {
    const said = { 0: "0.0 %", 0.0001: "0.1 %", 0.283: "28.3 %", 0.5648: "56.5 %", 0.9999: "99.9 %", 1: "100.0 %" }
    for (const [score, text] of Object.entries(said)) assert.strictEqual(percent(Number(score)), text)
  })

  it("is at most a tenth of a point off", () =>
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (score) => {
      assert.closeTo(Number(percent(score).slice(0, -2)), score * 100, 0.1 + 1e-9)
    })))
})
