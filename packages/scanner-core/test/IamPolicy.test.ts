import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { IamPolicy } from "../src/index.ts"

interface Entry {
  readonly actions: ReadonlyArray<string>
  readonly fallbackActions: ReadonlyArray<string>
}

const word = fc.stringMatching(/^[A-Z][a-z]{2,30}$/u)
const actions = fc.array(fc.tuple(fc.constantFrom("ec2", "s3", "tag", "resource-explorer-2"), word), { maxLength: 6 })
  .map((pairs) => pairs.map(([service, name]) => `${service}:${name}`))
const entries: fc.Arbitrary<ReadonlyArray<Entry>> = fc.array(
  fc.record({ actions, fallbackActions: actions }),
  { maxLength: 40 }
)
const features = fc.subarray(IamPolicy.features.map(({ name }) => name))

const allowedBy = (documents: ReadonlyArray<IamPolicy.PolicyDocument>) =>
  documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))

/** Everything that is not white space, as AWS counts. */
const characters = (document: IamPolicy.PolicyDocument) =>
  [...IamPolicy.format(document)].filter((one) => one.trim() !== "")

describe("IamPolicy", () => {
  it("allows exactly what the types and features need, once, whatever their order", () => {
    fc.assert(
      fc.property(entries, features, fc.nat(), (entries, chosen, turn) => {
        const documents = IamPolicy.of(entries, { features: chosen })
        const needed = new Set([
          ...(entries.length > 0 ? ["ec2:DescribeRegions"] : []),
          ...entries.flatMap(({ actions }) => actions),
          ...(chosen.includes("tag-fallback") ? entries.flatMap(({ fallbackActions }) => fallbackActions) : []),
          ...(chosen.includes("assume-role") ? ["sts:AssumeRole"] : []),
          ...IamPolicy.features.filter(({ name }) => chosen.includes(name)).flatMap(({ actions }) => actions)
        ])
        assert.sameMembers(allowedBy(documents), [...needed])
        for (const document of documents) assert.isAtMost(characters(document).length, 6144)

        const at = turn % (entries.length + 1)
        const turned = [...entries.slice(at), ...entries.slice(0, at), ...entries.slice(0, 1)]
        const again = IamPolicy.of(turned, { features: [...chosen, ...chosen].toReversed() })
        assert.strictEqual(again.map(IamPolicy.format).join(), documents.map(IamPolicy.format).join())
      }),
      { numRuns: 200 }
    )
  })

  it("is one statement in one document while there is room, and the fewest documents after that", () => {
    const many = (count: number) => [{
      actions: Array.from(
        { length: count },
        (_, index) => `ec2:Describe${"X".repeat(30)}${String(index).padStart(4, "0")}`
      ),
      fallbackActions: []
    }]
    for (const count of [0, 1, 50, 110]) {
      const documents = IamPolicy.of(many(count))
      assert.strictEqual(documents.length, 1)
      assert.strictEqual(documents[0].Statement.length, 1)
    }
    for (const count of [125, 400, 1000]) {
      const documents = IamPolicy.of(many(count), { features: ["assume-role"] })
      const written = documents.reduce((sum, document) => sum + characters(document).length, 0)
      assert.isAtLeast(documents.length, 2)
      assert.isAtMost(documents.length, Math.ceil(written / (6144 - 60)))
      assert.strictEqual(allowedBy(documents).length, count + 2)
      for (const document of documents) assert.isAtMost(characters(document).length, 6144)
    }
  })

  it("confines AssumeRole to the role, in its partition, and nothing else", () => {
    const [document, ...others] = IamPolicy.of([], {
      features: ["assume-role"],
      roleName: "audit/ReadOnly",
      partition: "aws-us-gov"
    })
    assert.isEmpty(others)
    assert.deepStrictEqual(JSON.parse(IamPolicy.format(document)), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "CadastreAssumeRole",
          Effect: "Allow",
          Action: ["sts:AssumeRole"],
          Resource: "arn:aws-us-gov:iam::*:role/audit/ReadOnly"
        }
      ]
    })
  })

  it("confines reading the bill to its files, and allows nothing of S3 without them", () => {
    const [document] = IamPolicy.of([], { features: ["cost-files"], bills: [{ bucket: "bills", prefix: "cur/data/" }] })
    assert.deepStrictEqual(document.Statement.map(({ Action, Resource }) => [Action.join(), Resource]), [
      ["s3:GetBucketLocation,s3:ListBucket", "arn:aws:s3:::bills"],
      ["s3:GetObject", "arn:aws:s3:::bills/cur/data/*"]
    ])
    assert.isEmpty(IamPolicy.of([], { features: ["cost-files"] })[0].Statement)
    const two = IamPolicy.of([], { features: ["cost-files"], bills: [{ bucket: "a", prefix: "" }, { bucket: "b", prefix: "" }] })
    const sids = two.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))
    assert.strictEqual(new Set(sids).size, 4)
  })
})
