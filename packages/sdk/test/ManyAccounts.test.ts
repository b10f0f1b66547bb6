import { AccountSource } from "@cadastre/account-discovery"
import { coreTypes, type Fault, Simulator } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { AccountId, cellKey, type CellResult, Coverage, type Resource, type Tags } from "@cadastre/model"
import { Scan } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import { Cadastre } from "@cadastre/sdk"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Stream } from "effect"

const accounts = Array.from({ length: 20 }, (_, index) => `${100_000_000_000 + index * 7_000_001}`)
const [, denied = "", closed = "", expired = "", ...others] = accounts
const throttled = others.slice(0, 2)

const regions = [
  "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
  "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
  "us-east-1", "us-east-2", "us-west-1", "us-west-2"
]

/** All services but STS, which answers whoever has a session. */
const everything = (account: string, fault: Fault) =>
  ["ec2", "autoscaling", "dynamodb", "ecs", "iam", "lambda", "rds", "route53", "s3", "sns", "sqs", "tagging"].map((service) => ({
    match: { account, service },
    fault
  }))

const shown = ({ arn, region, tags }: { readonly arn: string; readonly region: string; readonly tags: Tags.Tags }): string =>
  `${arn} in ${region} ${JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1))}`

describe("20 accounts × 17 Regions × 16 types", () => {
  it.live("one denied, one closed to us, one whose session is over, two throttled to a tenth: all others are complete", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 11, accounts, regions, resources: 12_000, roles: { [closed]: [] } },
        throttling: { "*": "aws", [throttled[0]!]: 0.1, [throttled[1]!]: 0.1 },
        rules: [...everything(denied, { type: "deny", by: "scp" }), ...everything(expired, { type: "expired" })]
      })
      const cells = new Map<string, CellResult>()
      const found = new Map<string, Array<Resource>>()
      const plan = yield* Effect.gen(function*() {
        const scan = yield* Scan
        const plan = yield* scan.plan({ types: coreTypes })
        yield* Stream.runForEach(scan.run(plan), (event) =>
          Effect.sync(() => {
            if (event._tag === "CellEnded") {
              assert.isFalse(cells.has(cellKey(event.result)), "a cell ends once")
              cells.set(cellKey(event.result), event.result)
            }
            if (event._tag === "ResourcesFound") {
              const key = cellKey(event.cell)
              found.set(key, [...found.get(key) ?? [], ...event.resources])
            }
          }))
        return plan
      }).pipe(Effect.provide(
        Cadastre.layerScan().pipe(
          Layer.provide(Layer.succeed(AwsSettings, {
            endpointUrl: simulator.url,
            credentials: () => Promise.resolve(simulator.credentials(accounts[0]))
          })),
          Layer.provide(Layer.succeed(AccountSource, {
            _tag: "List",
            accounts: [AccountId.make(accounts[0]!), ...accounts.slice(1).map((id) => AccountId.make(id))]
          })),
          Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ MAX_CONCURRENT_ACCOUNTS: "20" })))
        )
      ))

      // Every cell, also those of accounts that nobody can enter.
      const expected = accounts.flatMap((account) =>
        catalog.filter(({ type }) => coreTypes.some((one) => one === type)).flatMap(({ scope, type }) =>
          (scope === "global" ? ["global"] : regions).map((region) => `${account}/${region}/${type}`)
        )
      )
      assert.sameMembers([...cells.keys()], expected)

      const truth = new Map<string, Array<string>>()
      for (const resource of simulator.estate.resources()) {
        const { scope } = catalog.find(({ type }) => type === resource.type)!
        const key = `${resource.accountId}/${scope === "global" ? "global" : resource.region}/${resource.type}`
        truth.set(key, [...truth.get(key) ?? [], shown(resource)])
      }
      const outcomes = new Map<string, Set<string>>()
      for (const [key, cell] of cells) {
        const kind = [cell.outcome, ...cell.reason === undefined ? [] : [cell.reason.error]].join(" ")
        outcomes.set(cell.accountId, (outcomes.get(cell.accountId) ?? new Set()).add(kind))
        const resources = (found.get(key) ?? []).map((resource) => {
          if (resource.tags === null) return assert.fail(`the tags of ${resource.arn} are unknown`)
          return shown({ ...resource, tags: resource.tags })
        })
        if (cell.outcome === "scanned") assert.sameMembers(resources, truth.get(key) ?? [], key)
        else if (!throttled.includes(cell.accountId)) assert.isEmpty(resources)
      }
      for (const account of accounts) {
        const what = [...outcomes.get(account)!].toSorted()
        if (account === denied || account === closed) assert.deepStrictEqual(what, ["denied AccessDenied"])
        else if (account === expired) assert.deepStrictEqual(what, ["failed ExpiredToken"])
        else if (throttled.includes(account)) assert.includeMembers(["scanned", "throttled Throttled", "timed-out TimedOut"], what)
        else assert.deepStrictEqual(what, ["scanned"], account)
      }
      const coverage = Coverage.make({ ...plan.scope, cells: [...cells.values()] })
      assert.deepStrictEqual(coverage.failedAccounts.map(String), [closed, denied, expired].toSorted())
      assert.includeMembers(coverage.successfulAccounts.map(String), accounts.filter((account) =>
        ![denied, closed, expired, ...throttled].includes(account)
      ))
      assert.isFalse(coverage.complete)
      const calls = simulator.calls()
      const ofAccount = (account: string) => calls.filter(({ accountId }) => accountId === account)
      // Whose session is over is left alone after a few calls.
      assert.isBelow(ofAccount(expired).reduce((sum, row) => sum + row.calls, 0), 200)
      const fine = calls.filter(({ accountId }) => ![denied, expired, ...throttled].includes(accountId))
      assert.strictEqual(fine.reduce((sum, row) => sum + row.throttled, 0), 0)
    }), 120_000)
})
