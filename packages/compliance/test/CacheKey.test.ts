import { cacheKey, type CacheKeyParts } from "@cadastre/compliance"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const text = fc.oneof(fc.string(), fc.constantFrom("", "a", "a,b", '"', "__proto__", "us-east-1", "ec2:instance"))
const list = fc.array(text, { maxLength: 6 })

const parts: fc.Arbitrary<CacheKeyParts> = fc.record(
  {
    accountIds: list,
    partition: text,
    estate: text,
    types: list,
    regions: list,
    narrowed: fc.boolean(),
    severity: text,
    withResources: fc.boolean(),
    include: list,
    policyHash: text
  },
  { noNullPrototype: true }
)

const setOf = (values: ReadonlyArray<string>) => [...new Set(values)].toSorted()

/** What the key is about, as plain data: lists are sets. */
const meaningOf = (parts: CacheKeyParts) => ({
  ...parts,
  accountIds: setOf(parts.accountIds),
  types: setOf(parts.types),
  regions: setOf(parts.regions),
  include: setOf(parts.include)
})

/** The same list with repetitions, in another order. */
const rewritten = (values: ReadonlyArray<string>) =>
  fc
    .tuple(fc.shuffledSubarray([...values], { minLength: values.length }), fc.subarray([...values]))
    .map(([all, again]) => [...all, ...again])

const same = parts.chain((one) =>
  fc.tuple(
    fc.constant(one),
    fc
      .tuple(rewritten(one.accountIds), rewritten(one.types), rewritten(one.regions))
      .chain(([accountIds, types, regions]) =>
        fc
          .shuffledSubarray(Object.entries({ ...one, accountIds, types, regions }), {
            minLength: Object.keys(one).length
          })
          .map((entries) => Object.fromEntries(entries) as unknown as CacheKeyParts)
      )
  )
)

describe("Property 13: the cache key", () => {
  it("is equal for equal requests, whatever the order of lists and keys, and repetitions", () => {
    fc.assert(
      fc.property(same, ([one, other]) => {
        assert.strictEqual(cacheKey(other), cacheKey(one))
      }),
      { numRuns: 300 }
    )
  })

  it("is different for each part that differs", () => {
    const changes = fc.tuple(parts, parts, fc.nat()).map(([one, other, pick]) => {
      const names = Object.keys(one) as Array<keyof CacheKeyParts>
      const name = names[pick % names.length]!
      return [one, { ...one, [name]: other[name] }] as const
    })
    fc.assert(
      fc.property(changes, ([one, other]) => {
        const equal = JSON.stringify(meaningOf(one)) === JSON.stringify(meaningOf(other))
        assert.strictEqual(cacheKey(one) === cacheKey(other), equal)
      }),
      { numRuns: 500 }
    )
  })

  it("tells every part from every other: the same texts elsewhere are another request", () => {
    const base: CacheKeyParts = {
      accountIds: [],
      partition: "",
      estate: "",
      types: [],
      regions: [],
      narrowed: false,
      severity: "",
      withResources: false,
      include: [],
      policyHash: ""
    }
    const variants: ReadonlyArray<Partial<CacheKeyParts>> = [
      {},
      { accountIds: ["x"] },
      { partition: "x" },
      { estate: "x" },
      { types: ["x"] },
      { regions: ["x"] },
      { narrowed: true },
      { include: ["x"] },
      { severity: "x" },
      { withResources: true },
      { policyHash: "x" },
      { types: ["x", "y"] },
      { types: ["x,y"] },
      { types: ["xy"] }
    ]
    const keys = variants.map((variant) => cacheKey({ ...base, ...variant }))
    assert.strictEqual(new Set(keys).size, variants.length)
    for (const key of keys) assert.match(key, /^[0-9a-f]{64}$/)
  })
})
