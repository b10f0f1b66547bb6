import type { Resource } from "@cadastre/model"
import { AccountId, RegionId, ResourceType } from "@cadastre/model"
import { makeSuggester, type TagPolicy } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

const account = Schema.decodeSync(AccountId)("111122223333")
const region = Schema.decodeSync(RegionId)("eu-west-1")

const policy: TagPolicy = {
  version: "1.0",
  last_updated: "2026-01-01T00:00:00Z",
  required_tags: [
    { name: "Owner", validation_regex: "[a-z.]+@example\\.com", aliases: ["team-mail"] },
    { name: "Environment", allowed_values: ["production", "staging", "development"] }
  ]
}

const resource = (type: string, id: string, tags: Record<string, string> | null, more: Partial<Resource> = {}): Resource => ({
  arn: `arn:aws:${type.split(":")[0]}:${region}:${account}:${type.split(":")[1]}/${id}`,
  id,
  type: Schema.decodeSync(ResourceType.ResourceType)(type),
  service: type.split(":")[0]!,
  accountId: account,
  region,
  tags,
  attributes: {},
  sources: ["service-api"],
  observedAt: "2026-01-01T00:00:00Z",
  ...more
})

const best = (of: ReadonlyArray<Resource>, subject: Resource, tag: string) =>
  makeSuggester(policy, [...of, subject]).suggest(subject).find((it) => it.tag === tag)?.candidates[0]

const sources = (candidate: ReturnType<typeof best>) => candidate?.evidence.map(({ source }) => source)

describe("suggestions", () => {
  it("take a volume's owner from its instance, and an instance's from its volumes", () => {
    const instance = resource("ec2:instance", "i-1", { Owner: "a@example.com" })
    const volume = resource("ec2:volume", "vol-1", {}, { attributes: { instanceId: "i-1" } })
    const other = resource("ec2:instance", "i-2", { Owner: "b@example.com" })
    assert.strictEqual(best([instance, other], volume, "Owner")?.value, "a@example.com")
    assert.strictEqual(sources(best([instance, other], volume, "Owner"))?.[0], "attachment")
    const bare = resource("ec2:instance", "i-1", {})
    const known = resource("ec2:volume", "vol-1", { Owner: "a@example.com" }, { attributes: { instanceId: "i-1" } })
    assert.strictEqual(best([known, other], bare, "Owner")?.value, "a@example.com")
  })

  const shared: ReadonlyArray<readonly [what: string, source: string, tags: Record<string, string>, more: Partial<Resource>]> = [
    ["a CloudFormation stack", "stack", { "aws:cloudformation:stack-name": "shop" }, {}],
    ["an Auto Scaling group", "auto-scaling-group", { "aws:autoscaling:groupName": "web" }, {}],
    ["an EKS cluster", "cluster", { "kubernetes.io/cluster/main": "owned" }, {}],
    ["an ECS cluster", "cluster", {}, { attributes: { clusterArn: "arn:aws:ecs:eu-west-1:111122223333:cluster/main" } }],
    ["a creator", "creator", { "aws:createdBy": "AssumedRole:X:anna" }, {}],
    ["a role", "role", {}, { attributes: { role: "arn:aws:iam::111122223333:role/shop" } }],
    ["a subnet", "network", {}, { attributes: { subnetId: "subnet-1" } }],
    ["a VPC", "network", {}, { attributes: { vpcId: "vpc-1" } }]
  ]
  for (const [what, source, tags, more] of shared) {
    it(`follow those who share ${what}`, () => {
      const kin = ["1", "2", "3"].map((id) => resource("sqs:queue", id, { ...tags, Owner: "shop@example.com" }, more))
      const strangers = ["4", "5", "6", "7"].map((id) => resource("sns:topic", id, { Owner: "other@example.com" }))
      const candidate = best([...kin, ...strangers], resource("lambda:function", "f", tags, more), "Owner")
      assert.strictEqual(candidate?.value, "shop@example.com")
      assert.isTrue(candidate?.evidence.some((it) => it.source === source))
      const evidence = candidate?.evidence.find((it) => it.source === source)
      assert.deepStrictEqual([evidence?.agreeing, evidence?.of], [3, 3])
      assert.include(evidence?.text, "3 of 3")
    })
  }

  it("read names by whole words", () => {
    assert.strictEqual(best([], resource("sqs:queue", "orders-prod", {}), "Environment")?.value, "production")
    assert.isUndefined(best([], resource("sqs:queue", "orders-preprod", {}), "Environment"))
  })

  it("say what a wrong value stands for", () => {
    const [environment] = makeSuggester(policy, []).suggest(resource("sqs:queue", "q", { Owner: "a@example.com", Environment: "PROD" }))
    assert.deepInclude(environment, { tag: "Environment", current: "PROD" })
    assert.strictEqual(environment?.candidates[0]?.value, "production")
  })

  it("take a value under an alias or in another case for what it is", () => {
    const kin = [resource("sqs:queue", "1", { "Team-Mail": "a@example.com" }), resource("sqs:queue", "2", { owner: "A@example.com" })]
    assert.strictEqual(best(kin, resource("sqs:queue", "3", {}), "Owner")?.value, "a@example.com")
  })

  it("are for missing and wrong tags only, and not for resources that nobody judges", () => {
    const { suggest } = makeSuggester(policy, [])
    assert.isEmpty(suggest(resource("sqs:queue", "q", { Owner: "a@example.com", Environment: "staging" })))
    assert.isEmpty(suggest(resource("sqs:queue", "q", null)))
    assert.isEmpty(suggest(resource("sqs:queue", "q", {}, { marks: ["aws-created"] })))
    assert.deepStrictEqual(suggest(resource("sqs:queue", "q", {})).map(({ candidates, tag }) => [tag, candidates.length]), [
      ["Owner", 0],
      ["Environment", 0]
    ])
  })

  const anyResource = fc.record({
    type: fc.constantFrom("ec2:instance", "ec2:volume", "sqs:queue"),
    id: fc.stringMatching(/^[a-z]{1,6}(-prod|-dev|-staging)?$/),
    tags: fc.option(fc.dictionary(
      fc.constantFrom("Owner", "owner", "Environment", "Name", "__proto__", "aws:cloudformation:stack-name"),
      fc.oneof(fc.constantFrom("a@example.com", "b@example.com", "production", "prod", ""), fc.string()),
      { noNullPrototype: false }
    )),
    instanceId: fc.constantFrom("a", "b")
  }).map(({ id, instanceId, tags, type }) => resource(type, id, tags, { attributes: { instanceId } }))

  it("only ever name values that the policy allows, with confidences between 0 and 1, whatever the order of resources", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyResource, { selector: ({ arn }) => arn, maxLength: 40 }), fc.nat(), (resources, turn) => {
        const suggester = makeSuggester(policy, resources)
        const at = resources.length === 0 ? 0 : turn % resources.length
        const turned = makeSuggester(policy, [...resources.slice(at), ...resources.slice(0, at)])
        for (const it of resources) {
          const suggestions = suggester.suggest(it)
          assert.deepStrictEqual(turned.suggest(it), suggestions)
          for (const { candidates, tag } of suggestions) {
            for (const { confidence, evidence, value } of candidates) {
              assert.isNotEmpty(evidence)
              assert.isTrue(confidence > 0 && confidence < 1)
              if (tag === "Owner") assert.match(value, /^[a-z.]+@example\.com$/u)
              else assert.include(["production", "staging", "development"], value)
            }
          }
        }
      }),
      { numRuns: 200 }
    )
  })
})

describe("backtest", () => {
  /** `count` resources in stacks of ten; each has its stack's owner with the probability `truth`. */
  const estate = (count: number, truth: number) =>
    Array.from({ length: count }, (_, at) => {
      const stack = Math.floor(at / 10)
      const noise = ((at * 2654435761) >>> 0) / 2 ** 32
      const owner = noise < truth ? stack % 7 : (at * 31) % 7
      return resource("sqs:queue", `q${at}`, {
        Owner: `${"abcdefg"[owner]}@example.com`,
        "aws:cloudformation:stack-name": `stack-${stack}`
      })
    })

  it("hits what stacks have in common, and nothing much where nothing goes together", () => {
    const [coherent] = makeSuggester(policy, estate(2000, 0.95)).backtest()
    assert.strictEqual(coherent?.tried, 2000)
    assert.isAbove(coherent?.hitRate ?? 0, 0.9)
    const [random] = makeSuggester(policy, estate(2000, 0)).backtest()
    assert.isBelow(random?.hitRate ?? 1, 0.4)
  })

  for (const truth of [0, 0.3, 0.6, 0.9]) {
    it(`promises what it keeps where ${truth * 100} % go with their stack`, () => {
      const [owner] = makeSuggester(policy, estate(3000, truth)).backtest()
      assert.isAtMost(owner?.calibrationError ?? 1, 0.1)
      assert.strictEqual(owner?.bins.reduce((sum, { count }) => sum + count, 0), owner?.tried)
    })
  }

  it("has nothing to say of tags that nobody has", () =>
    assert.isEmpty(makeSuggester(policy, [resource("sqs:queue", "q", {})]).backtest()))
})

