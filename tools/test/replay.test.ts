import { assert, describe, it } from "vitest"
import * as fc from "fast-check"
import { replayOf } from "../replay.ts"

describe("replay", () => {
  it("a failing property says how to see it fail again", () => {
    const property = fc.property(fc.array(fc.nat()), (numbers) => numbers.reduce((sum, one) => sum + one, 0) < 1000)
    let message = ""
    try {
      fc.assert(property)
    } catch (error) {
      message = String(error)
    }
    const [, seed = "", path = ""] = /CADASTRE_SEED=(-?\d+) CADASTRE_PATH=([\d:]+) npx --yes pnpm@12 test -t 'replay a failing/u.exec(message) ?? []
    assert.notStrictEqual(seed, "", message)
    const first = fc.check(property, { seed: Number(seed) })
    const again = fc.check(property, { seed: Number(seed), path, endOnFailure: true })
    assert.isTrue(again.failed)
    assert.deepStrictEqual(again.counterexample, first.counterexample)
    assert.strictEqual(again.numRuns, 1)
  })

  it("names a test as the shell and -t take it", () =>
    assert.strictEqual(
      replayOf({ seed: -5, counterexamplePath: "3:0" }, "Scan Property 15: it's (all) true"),
      "CADASTRE_SEED=-5 CADASTRE_PATH=3:0 npx --yes pnpm@12 test -t 'Scan Property 15: it.s \\(all\\) true'"
    ))
})
