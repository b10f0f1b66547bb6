import { Estate } from "@cadastre/aws-simulator"
import { Arn, ResourceType } from "@cadastre/model"
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Option } from "effect"
import { catalog } from "../src/catalog.ts"
import { called, shown, survey, truth } from "./Survey.ts"

const pages = (count: number, size: number) => Math.ceil(count / size)

describe("large estates", () => {
  it.live("thousands of each, over three Regions: all found once, with the fewest calls", () =>
    Effect.gen(function*() {
      const regions = ["us-east-1", "eu-west-1", "eu-west-2"]
      const each = (count: number) => Object.fromEntries(regions.map((region) => [region, count]))
      const estate = Estate.make({
        accounts: ["111122223333"],
        regions,
        counts: {
          "s3:bucket": each(3600),
          "lambda:function": each(420),
          "logs:log-group": each(1010),
          "ecs:cluster": each(8),
          "ecs:service": each(500),
          "iam:role": { global: 2000 }
        }
      })
      const types = ["ecs:service", "iam:role", "lambda:function", "logs:log-group", "s3:bucket"]
      const { cells, resources, simulator } = yield* survey(types, { estate })
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
      for (const type of types) {
        assert.sameMembers(resources.filter((one) => one.type === type).map(shown), truth(simulator, type).map(shown))
      }
      const services = Map.groupBy(truth(simulator, "ecs:service"), ({ arn, region }) => `${region} ${arn.split("/").at(-2)}`)
      const held = [...services.values()].map(({ length }) => length)
      const empty = 3 * 8 - held.length
      assert.deepStrictEqual(Object.fromEntries(called(simulator)), {
        "ecs:ListClusters": 3,
        "ecs:ListServices": empty + held.reduce((sum, count) => sum + pages(count, 100), 0),
        "ecs:DescribeServices": held.reduce((sum, count) => sum + pages(count, 10), 0),
        "iam:GetAccountAuthorizationDetails": pages(2000, 1000),
        "lambda:ListFunctions": 3 * pages(420, 50),
        "logs:DescribeLogGroups": 3 * pages(1010, 50),
        // One list names the Regions of all buckets: none is asked where it lives.
        "s3:ListAllMyBuckets": pages(3 * 3600, 10_000),
        "tag:GetResources": 3 * (pages(3600, 100) + pages(420, 100) + pages(1010, 100))
      })
    }), 60_000)

  it.live.each([
    ["aws-cn", ["cn-north-1", "cn-northwest-1"]],
    ["aws-us-gov", ["us-gov-west-1", "us-gov-east-1"]]
  ] as const)("every type in %s: all that is there, under the partition's names", ([partition, regions]) =>
    Effect.gen(function*() {
      vi.stubEnv("AWS_REGION", regions[0])
      const estate = Estate.make({ accounts: ["111122223333"], regions, resources: 1500, types: "all" })
      const { cells, resources, simulator } = yield* survey([], { estate })
      const seen = new Set(cells.filter(({ outcome }) => outcome === "scanned").map(({ region, type }) => `${type} ${region}`))
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned" || outcome === "unsupported"))
      assert.isAbove(seen.size, catalog.length)
      const expected = catalog.flatMap(({ scope, type }) =>
        truth(simulator, type).filter(({ region }) => seen.has(`${type} ${scope === "global" ? "global" : region}`))
      )
      assert.sameMembers(resources.map(shown), expected.map(shown))
      for (const { arn, type } of resources) {
        const parsed = Option.getOrThrow(Arn.parse(arn))
        assert.strictEqual(parsed.partition, partition, `${ResourceType.serviceOf(type)} ${arn}`)
      }
    }).pipe(Effect.ensuring(Effect.sync(() => vi.unstubAllEnvs()))), 60_000)
})
