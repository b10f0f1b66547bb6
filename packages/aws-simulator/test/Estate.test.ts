import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { coreTypes, Estate, resourceTypes } from "../src/index.ts"

describe("Estate", () => {
  it("is the same for the same seed, and another for another", () => {
    const text = (seed: number) => JSON.stringify([...Estate.make({ seed, resources: 300 }).truth()])
    assert.strictEqual(text(1), text(1))
    assert.notStrictEqual(text(1), text(2))
  })

  it("has exactly as many resources as asked, each with an ARN of its own", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer(), (resources, seed) => {
      const estate = Estate.make({ seed, resources, accounts: ["111122223333", "222233334444"] })
      const arns = [...estate.resources()].map(({ arn }) => arn)
      assert.strictEqual(arns.length, resources)
      assert.strictEqual(new Set(arns).size, resources)
      assert.strictEqual(estate.count(), resources)
    }), { numRuns: 20 })
  })

  it("finds every resource by ARN, id and name", () => {
    const estate = Estate.make({ seed: 9, resources: 2000, accounts: ["111122223333", "222233334444"] })
    for (const one of estate.resources()) {
      assert.deepStrictEqual(estate.find(one.arn), one)
      assert.strictEqual(estate.findIn(one.accountId, one.region, one.type, one.id)?.arn, one.arn)
    }
    assert.isUndefined(estate.find("arn:aws:ec2:us-east-1:111122223333:instance/i-00000000000000000"))
    assert.isUndefined(estate.find("nonsense"))
  })

  it("holds a million resources without holding them", () => {
    const estate = Estate.make({ resources: 1_000_000 })
    assert.strictEqual(estate.count(), 1_000_000)
    const volumes = estate.count({ region: "us-east-1", type: "ec2:volume" })
    const last = estate.resource("111122223333", "us-east-1", "ec2:volume", volumes - 1)!
    assert.deepStrictEqual(estate.find(last.arn), last)
    assert.isUndefined(estate.resource("111122223333", "us-east-1", "ec2:volume", volumes))
  })

  it("takes counts as totals, by Region, and by account and Region", () => {
    const estate = Estate.make({
      accounts: ["111122223333", "222233334444"],
      regions: ["us-east-1", "eu-west-1"],
      counts: {
        "sns:topic": 7,
        "lambda:function": { "us-east-1": 3 },
        "sqs:queue": { "222233334444": { "eu-west-1": 5 } },
        "iam:role": { global: 6 }
      }
    })
    assert.strictEqual(estate.count({ type: "sns:topic" }), 7)
    assert.strictEqual(estate.count({ type: "lambda:function" }), 6)
    assert.strictEqual(estate.count({ type: "sqs:queue" }), 5)
    assert.strictEqual(estate.count({ type: "sqs:queue", accountId: "222233334444" }), 5)
    assert.strictEqual(estate.count({ type: "iam:role", region: "global" }), 12)
    assert.strictEqual(estate.count(), 30)
    assert.throws(() => Estate.make({ counts: { "sns:topic": { "mars-north-1": 1 } } }), RangeError)
    assert.throws(() => Estate.make({ accounts: ["1"] }), RangeError)
  })

  it("puts nothing into Regions that are not enabled, and all types somewhere", () => {
    const estate = Estate.make({ resources: 5000 })
    const enabled = new Set(estate.regions.filter((one) => one.optInStatus !== "not-opted-in").map(({ name }) => name))
    for (const one of estate.resources()) assert.isTrue(one.region === "global" || enabled.has(one.region))
    for (const type of coreTypes) assert.isAbove(estate.count({ type }), 0, type)
    const whole = Estate.make({ resources: 50_000, types: "all" })
    for (const type of resourceTypes) assert.isAbove(whole.count({ type }), 0, type)
  })

  it("agrees with itself about what is attached to what", () => {
    const estate = Estate.make({
      seed: 2,
      counts: { "ec2:instance": { "us-east-1": 20 }, "ec2:volume": { "us-east-1": 50 } }
    })
    const attached = new Map<string, string>()
    for (const one of estate.resources({ type: "ec2:volume" })) {
      const volume = estate.findIn(one.accountId, one.region, "ec2:volume", one.id)!
      if (volume.attributes.attachment !== undefined) attached.set(volume.id, volume.attributes.attachment.instanceId)
    }
    const disks = new Map<string, string>()
    for (const one of estate.resources({ type: "ec2:instance" })) {
      const instance = estate.findIn(one.accountId, one.region, "ec2:instance", one.id)!
      for (const { volumeId } of instance.attributes.disks) disks.set(volumeId, instance.id)
    }
    assert.deepStrictEqual(attached, disks)
    assert.isAbove(disks.size, 0)
  })

  it("marks what AWS made and what is gone", () => {
    const estate = Estate.make({ resources: 20_000 })
    const marks = new Map<string, number>()
    for (const { mark, type } of estate.resources()) {
      if (mark !== undefined) marks.set(`${type} ${mark}`, (marks.get(`${type} ${mark}`) ?? 0) + 1)
    }
    assert.sameMembers([...marks.keys()], [
      "ec2:elastic-ip aws-created",
      "ec2:instance deleted",
      "ec2:security-group default",
      "iam:role aws-created",
      "route53:hosted-zone aws-created"
    ])
  })

  it("changes: tags, deletions, additions", () => {
    const estate = Estate.make({ counts: { "sns:topic": { "us-east-1": 3 } } })
    const [first, second] = estate.resources()
    const hostile = Object.fromEntries([["__proto__", "x"], ["a", "b"]])
    estate.tag(first!.arn, hostile)
    assert.deepStrictEqual(Object.entries(estate.find(first!.arn)!.tags), [["__proto__", "x"], ["a", "b"]])
    estate.delete(second!.arn)
    assert.isUndefined(estate.find(second!.arn))
    const made = estate.create({ accountId: "111122223333", region: "eu-west-1", type: "sns:topic" }, { Owner: "me" })
    assert.deepStrictEqual(estate.find(made.arn)?.tags, { Owner: "me" })
    assert.strictEqual(estate.count(), 3)
    assert.strictEqual([...estate.resources()].length, 3)
    assert.throws(() => estate.tag("arn:aws:sns:us-east-1:111122223333:none", {}), RangeError)
    assert.throws(() => estate.delete(second!.arn), RangeError)
  })

  it("tags as AWS allows them at the most: keys that differ in case alone, and fifty of the longest", () => {
    const tags = { untagged: 0, wrongCase: 0, twins: 1, crowded: 1 }
    const estate = Estate.make({ tags, counts: { "ec2:volume": 50 } })
    let twins = 0
    for (const { tags } of estate.resources()) {
      const keys = Object.keys(tags)
      assert.strictEqual(keys.length, 50)
      if (new Set(keys.map((key) => key.toLowerCase())).size < 50) twins++
      assert.isTrue(keys.every((key) => key.length <= 128))
      assert.isAbove(keys.filter((key) => key.length === 128 && tags[key]?.length === 256).length, 35)
    }
    assert.isAbove(twins, 40)
  })
})
