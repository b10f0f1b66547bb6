import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Completion from "../src/Completion.ts"
import * as UriTemplate from "../src/UriTemplate.ts"

describe("Completion", () => {
  it("holds what is written, at most 100, and counts all", () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,4}$/u)), fc.stringMatching(/^[a-zA-Z]{0,2}$/u), (values, written) => {
      const found = Completion.of(written, values)
      const expected = new Set(values.filter((value) => value.toUpperCase().includes(written.toUpperCase())))
      assert.strictEqual(found.total, expected.size)
      assert.strictEqual(found.values.length, Math.min(100, expected.size))
      assert.isTrue(found.values.every((value) => expected.has(value)))
      assert.strictEqual(found.hasMore, expected.size > 100)
      const begins = found.values.map((value) => value.toLowerCase().startsWith(written.toLowerCase()))
      assert.strictEqual(begins.lastIndexOf(true) < begins.indexOf(false) || !begins.includes(false), true)
    }), { numRuns: 200 })
  })
})

describe("UriTemplate", () => {
  const match = UriTemplate.matcher("cadastre://scan/{id}{?cursor}")

  it("reads back what an address was made of", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((value) => value.isWellFormed())
    fc.assert(fc.property(text, fc.option(text, { nil: undefined }), (id, cursor) => {
      const query = cursor === undefined ? "" : `?${new URLSearchParams({ cursor }).toString()}`
      const uri = `cadastre://scan/${encodeURIComponent(id)}${query}`
      assert.deepStrictEqual(match(uri), cursor === undefined ? { id } : { id, cursor })
    }), { numRuns: 200 })
  })

  it.each([
    "cadastre://scan/",
    "cadastre://scan/a/b",
    "cadastre://scan/a?x=1",
    "cadastre://scan/a?cursor=1&cursor=2",
    "cadastre://scan/%E0%A4%A",
    "cadastre://scans/a",
    "xcadastre://scan/a",
    `cadastre://scan/${"a".repeat(5000)}`
  ])("%s is another address", (uri) => {
    assert.isUndefined(match(uri))
  })
})
