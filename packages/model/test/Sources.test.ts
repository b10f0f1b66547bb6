import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { Arn, combineSeenBy, ResourceType, resourceTypeOf, type SeenBy, TagFilter } from "../src/index.ts"

describe("the type that an ARN names", () => {
  const typeOf = (arn: string): string => resourceTypeOf(Option.getOrThrow(Arn.parse(arn)))

  it.each([
    ["arn:aws:appsync:us-east-1:111122223333:apis/abc", "appsync:apis"],
    ["arn:aws:lightsail:us-east-1:111122223333:Instance/abc", "lightsail:instance"],
    ["arn:aws:iam::111122223333:instance-profile/x", "iam:instance-profile"],
    ["arn:aws-cn:s3:::bucket", "s3:bucket"],
    ["arn:aws:s3:::bucket/key/of:an/object", "s3:object"],
    ["arn:aws:apigateway:us-east-1::/restapis/abc/stages/prod", "apigateway:stage"],
    ["arn:aws:apigateway:us-east-1::/apis/abc", "apigatewayv2:api"],
    ["arn:aws:sns:us-east-1:111122223333:topic:5be8f0a1", "sns:subscription"],
    ["arn:aws:lambda:us-east-1:111122223333:function:name:42", "lambda:function-version"],
    ["arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/50dc6c495c0c9188", "elasticloadbalancing:loadbalancer"],
    ["arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/classic", "elasticloadbalancing:classic-loadbalancer"],
    ["arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b", "wafv2:web-acl"],
    ["arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/x:*", "logs:log-group"],
    ["arn:aws:es:us-east-1:111122223333:domain/x", "opensearch:domain"],
    ["arn:aws:newservice:us-east-1:111122223333:barename", "newservice:resource"]
  ])("%s is of type %s", (arn, type) => assert.strictEqual(typeOf(arn), type))

  it("is always one that can be written, whatever the ARN", () =>
    fc.assert(fc.property(
      fc.stringMatching(/^[a-z0-9-]{1,20}$/u),
      fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: "binary", minLength: 1 })),
      (service, resource) => {
        const type = resourceTypeOf({ partition: "aws", service, region: "", accountId: "", resource })
        assert.isTrue(Schema.is(ResourceType.ResourceType)(type), type)
      }
    ), { numRuns: 1000 }))
})

describe("a tag filter", () => {
  const filters = fc.array(
    fc.record({ key: fc.constantFrom("Owner", "owner", "__proto__"), values: fc.subarray(["a", "A", ""]) }),
    { maxLength: 4 }
  )
  const tags = fc.dictionary(fc.constantFrom("Owner", "owner", "__proto__", "x"), fc.constantFrom("a", "A", "", "b"))

  it("is of one key any of its values, of several keys all, case and all", () =>
    fc.assert(fc.property(filters, tags, (filters, tags) => {
      const entries = Object.entries(tags)
      const expected = filters.every(({ key }) =>
        entries.some(([name, value]) =>
          name === key && filters.some((one) => one.key === key && (one.values.length === 0 || one.values.includes(value)))
        )
      )
      assert.strictEqual(TagFilter.matches(TagFilter.normalise(filters), tags), expected)
      assert.deepStrictEqual(TagFilter.normalise(filters.toReversed()), TagFilter.normalise(filters))
    }), { numRuns: 500 }))
})

describe("who saw how many", () => {
  const count = fc.nat(9)
  const seen: fc.Arbitrary<SeenBy> = fc.record({
    type: fc.constantFrom("aa:bb", "aa:cc").map((type) => ResourceType.ResourceType.make(type)),
    byAll: count,
    byOneOnly: count,
    ghosts: count,
    unconfirmed: count,
    tagsDiffer: count,
    unlisted: count,
    serviceApi: count,
    taggingApi: count
  }, { requiredKeys: ["type", "byAll", "byOneOnly", "ghosts", "unconfirmed", "tagsDiffer", "unlisted"] })
    .map((one) => ({ ...one }))

  it("adds up by type in any order and grouping; what is unknown of a part is unknown of the whole", () =>
    fc.assert(fc.property(fc.array(seen), fc.array(seen), (a, b) => {
      const whole = combineSeenBy([...a, ...b])
      assert.deepStrictEqual(combineSeenBy([...b, ...a].toReversed()), whole)
      assert.deepStrictEqual(combineSeenBy([...combineSeenBy(a), ...combineSeenBy(b)]), whole)
      for (const one of whole) {
        const parts = [...a, ...b].filter(({ type }) => type === one.type)
        assert.strictEqual(one.ghosts, parts.reduce((sum, { ghosts }) => sum + ghosts, 0))
        const isKnown = parts.every(({ taggingApi }) => taggingApi !== undefined)
        assert.strictEqual(one.taggingApi, isKnown ? parts.reduce((sum, part) => sum + part.taggingApi!, 0) : undefined)
      }
    }), { numRuns: 300 }))
})
