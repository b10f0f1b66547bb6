import { Tags } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "", "Owner", "0", "1"),
  fc.string({ unit: "grapheme", maxLength: 20 })
)
const entries = fc.uniqueArray(fc.tuple(key, fc.string()), { selector: ([name]) => name, maxLength: 10 })

/** Own entries, in an order that does not depend on the object's. */
const listOf = (tags: object) => Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1))

describe("Tags", () => {
  it("fromAws reads every shape of AWS alike, whatever the keys", () => {
    fc.assert(
      fc.property(entries, (pairs) => {
        const expected = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
        const shapes: ReadonlyArray<Tags.AwsTags> = [
          pairs.map(([Key, Value]) => ({ Key, Value })),
          pairs.map(([key, value]) => ({ key, value })),
          pairs.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
          Object.fromEntries(pairs)
        ]
        for (const shape of shapes) {
          const tags = Tags.fromAws(shape)
          assert.deepStrictEqual(listOf(tags), expected)
          for (const [name, value] of pairs) assert.strictEqual(Tags.get(tags, name), value)
          assert.strictEqual(Object.getPrototypeOf(tags), Object.prototype)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("a tag without a value has the empty value; an entry without a key is no tag", () => {
    assert.deepStrictEqual(Tags.fromAws([{ Key: "a" }, { Key: "b", Value: undefined }, { Value: "lost" }]), {
      a: "",
      b: ""
    })
    assert.deepStrictEqual(Tags.fromAws([{ key: "a" }, { value: "lost" }]), { a: "" })
    assert.deepStrictEqual(Tags.fromAws([{ TagKey: "a" }, { TagValue: "lost" }]), { a: "" })
    assert.deepStrictEqual(Tags.fromAws([{ Key: "", Value: "kept" }]), { "": "kept" })
    assert.deepStrictEqual(Tags.fromAws([{}]), {})
  })

  it("an answer that names no tags is known to have none", () => {
    for (const nothing of [undefined, [], {}]) assert.deepStrictEqual(Tags.fromAws(nothing), {})
    // Some SDK clients answer `null` where their types say `undefined`.
    assert.deepStrictEqual(Tags.fromAws(null as unknown as undefined), {})
    assert.isTrue(Object.isFrozen(Tags.none))
  })

  it("a key named __proto__ is a tag and pollutes nothing", () => {
    for (const shape of [
      [{ Key: "__proto__", Value: "x" }],
      JSON.parse('{"__proto__":"x"}') as Record<string, string>
    ]) {
      const tags = Tags.fromAws(shape)
      assert.deepStrictEqual(Object.keys(tags), ["__proto__"])
      assert.strictEqual(Tags.get(tags, "__proto__"), "x")
      assert.strictEqual(JSON.stringify(tags), '{"__proto__":"x"}')
    }
    assert.isUndefined(({} as Record<string, unknown>)["x"])
  })

  it("get sees own keys only", () => {
    for (const name of ["__proto__", "constructor", "toString", "valueOf"])
      assert.isUndefined(Tags.get({ a: "1" }, name))
  })

  it("does not keep the object that it was given", () => {
    const given: Record<string, string> = { a: "1" }
    const tags = Tags.fromAws(given)
    given["a"] = "2"
    assert.strictEqual(Tags.get(tags, "a"), "1")
  })

  it("decodes what it encodes as JSON", () => {
    const Json = Schema.fromJsonString(Tags.Tags)
    fc.assert(
      fc.property(entries, (pairs) => {
        const tags = Tags.fromAws(Object.fromEntries(pairs))
        assert.deepStrictEqual(listOf(Schema.decodeSync(Json)(Schema.encodeSync(Json)(tags))), listOf(tags))
      }),
      { numRuns: 300 }
    )
  })
})
