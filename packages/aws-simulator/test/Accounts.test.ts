/** Estates of many accounts: their Regions, partitions, rates, and how long answers take. */
import { AccountClient, GetRegionOptStatusCommand, ListRegionsCommand } from "@aws-sdk/client-account"
import { DescribeRegionsCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { commercialRegions, Estate, resourceTypes, Simulator, type SimulatorOptions } from "../src/index.ts"
import * as Latency from "../src/Latency.ts"
import { readers } from "./Reader.ts"

const connect = (simulator: Simulator["Service"], account?: string, region = "us-east-1") => ({
  endpoint: simulator.url,
  region,
  credentials: simulator.credentials(account),
  maxAttempts: 1
})

const using = <A>(options: SimulatorOptions, use: (simulator: Simulator["Service"]) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(Simulator.make(options), (simulator) => Effect.promise(() => use(simulator))))

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => assert.fail("it was allowed"), (error: Error) => error.name)

const twenty = Array.from({ length: 20 }, (_, at) => String(100_000_000_001 + at))
const usual = commercialRegions.filter(({ optInStatus }) => optInStatus === "opt-in-not-required")

describe("many accounts", () => {
  it("20 accounts × 17 Regions × 16 types are made at once, and every cell counts for itself", () => {
    const started = performance.now()
    const estate = Estate.make({ accounts: twenty, resources: 200_000 })
    assert.isBelow(performance.now() - started, 1000)
    let sum = 0
    for (const accountId of twenty) {
      for (const type of resourceTypes) {
        for (const { name } of [...usual, { name: "global" }]) sum += estate.count({ accountId, region: name, type })
      }
    }
    assert.strictEqual(sum, 200_000)
    assert.strictEqual(usual.length, 17)
  })

  it.live("each account sees its own resources and no others", () =>
    using({ estate: { accounts: twenty, regions: ["us-east-1", "eu-west-1"], resources: 3000 } }, async (simulator) => {
      for (const account of [twenty[0]!, twenty[7]!, twenty[19]!]) {
        for (const type of ["sns:topic", "ec2:volume", "lambda:function", "iam:role", "s3:bucket"] as const) {
          const seen = await readers[type](connect(simulator, account), account)
          const real = [...simulator.estate.resources({ accountId: account, type })].filter(({ region }) =>
            region === "us-east-1" || region === "global" || type === "s3:bucket"
          )
          assert.sameMembers(seen.map(({ arn }) => arn), real.map(({ arn }) => arn), `${account} ${type}`)
        }
      }
    }))
})

describe("Regions by account", () => {
  const [management, member, other] = twenty as [string, string, string]
  const estate: Estate.EstateOptions = {
    accounts: [management, member, other],
    regionStates: {
      [member]: { "me-south-1": "opted-in", "af-south-1": "enabling", "ap-east-1": "disabling" }
    },
    counts: { "sns:topic": { [member]: { "me-south-1": 2, "af-south-1": 3, "us-east-1": 1 } } }
  }
  const statuses = async (simulator: Simulator["Service"], caller: string, AccountId?: string) => {
    const client = new AccountClient(connect(simulator, caller))
    const { Regions = [] } = await client.send(new ListRegionsCommand({ AccountId, MaxResults: 50 }))
    return new Map(Regions.map(({ RegionName = "", RegionOptStatus }) => [RegionName, RegionOptStatus as string]))
  }

  it.live("DescribeRegions: the enabled ones, or all", () =>
    using({ estate }, async (simulator) => {
      const regions = async (account: string, AllRegions?: boolean) => {
        const client = new EC2Client(connect(simulator, account))
        const { Regions = [] } = await client.send(new DescribeRegionsCommand({ AllRegions }))
        return new Map(Regions.map(({ OptInStatus, RegionName = "" }) => [RegionName, OptInStatus as string]))
      }
      assert.strictEqual((await regions(other)).size, 17)
      const own = await regions(member)
      assert.strictEqual(own.size, 18)
      assert.strictEqual(own.get("me-south-1"), "opted-in")
      const all = await regions(member, true)
      assert.strictEqual(all.size, 34)
      for (const region of ["af-south-1", "ap-east-1", "eu-south-1"]) {
        assert.strictEqual(all.get(region), "not-opted-in", region)
      }
    }))

  it.live("account:ListRegions: what is being switched says so; of members, to the management account", () =>
    using({ estate }, async (simulator) => {
      const expected: ReadonlyArray<readonly [string, string]> = [
        ["us-east-1", "ENABLED_BY_DEFAULT"],
        ["me-south-1", "ENABLED"],
        ["af-south-1", "ENABLING"],
        ["ap-east-1", "DISABLING"],
        ["eu-south-1", "DISABLED"]
      ]
      for (const seen of [await statuses(simulator, member), await statuses(simulator, management, member)]) {
        for (const [region, status] of expected) assert.strictEqual(seen.get(region), status, region)
      }
      assert.strictEqual((await statuses(simulator, management)).get("me-south-1"), "DISABLED")
      const one = await new AccountClient(connect(simulator, management)).send(
        new GetRegionOptStatusCommand({ AccountId: member, RegionName: "af-south-1" })
      )
      assert.strictEqual(one.RegionOptStatus, "ENABLING")
      const refused = [[member, other], [management, management], [management, "999999999999"]] as const
      for (const [caller, target] of refused) {
        assert.strictEqual(await nameOf(statuses(simulator, caller, target)), "AccessDeniedException")
      }
    }))

  it.live("a Region that is being switched on is of use only when it is on", () =>
    using({ estate }, async (simulator) => {
      const topics = (account: string, region: string) =>
        new SNSClient(connect(simulator, account, region)).send(new ListTopicsCommand({}))
      assert.strictEqual((await topics(member, "me-south-1")).Topics?.length, 2)
      assert.strictEqual(await nameOf(topics(other, "me-south-1")), "InvalidClientTokenId")
      assert.strictEqual(await nameOf(topics(member, "af-south-1")), "InvalidClientTokenId")
      assert.strictEqual(await nameOf(topics(member, "ap-east-1")), "InvalidClientTokenId")
      simulator.estate.setRegion(member, "af-south-1", "opted-in")
      assert.strictEqual((await topics(member, "af-south-1")).Topics?.length, 3)
      assert.strictEqual((await statuses(simulator, member)).get("af-south-1"), "ENABLED")
      simulator.estate.setRegion(member, "me-south-1", "not-opted-in")
      // What is in a Region that is off stays, and cannot be seen.
      assert.strictEqual(await nameOf(topics(member, "me-south-1")), "InvalidClientTokenId")
      assert.strictEqual(simulator.estate.count({ accountId: member, region: "me-south-1" }), 2)
      assert.throws(() => simulator.estate.setRegion(member, "us-east-1", "not-opted-in"), RangeError)
      assert.throws(() => simulator.estate.setRegion(member, "mars-1", "opted-in"), RangeError)
    }))

  it("resources that are spread by themselves lie only in Regions that are on", () => {
    const states = fc.constantFrom("opted-in", "not-opted-in", "enabling", "disabling")
    const optional = commercialRegions.filter(({ optInStatus }) => optInStatus === "not-opted-in")
    const chosen = fc.record(Object.fromEntries(optional.map(({ name }) => [name, states])))
    fc.assert(fc.property(chosen, fc.integer(), (regionStates, seed) => {
      const made = Estate.make({ seed, accounts: [management, member], regionStates: { [member]: regionStates } })
      for (const { name } of optional) {
        assert.strictEqual(made.isUsable(member, name), regionStates[name] === "opted-in")
        assert.isFalse(made.isUsable(management, name))
        if (regionStates[name] !== "opted-in") assert.strictEqual(made.count({ accountId: member, region: name }), 0)
        assert.strictEqual(made.count({ accountId: management, region: name }), 0)
      }
      assert.strictEqual(made.count(), 1000)
    }), { numRuns: 100 })
  })
})

describe("partitions", () => {
  const [world, china, government] = twenty as [string, string, string]
  const estate: Estate.EstateOptions = {
    accounts: [world, china, government],
    partitions: { [china]: "aws-cn", [government]: "aws-us-gov" },
    resources: 600
  }

  it.live("accounts, Regions and ARNs of one have nothing to do with those of another", () =>
    using({ estate }, async (simulator) => {
      const regions = async (account: string, region: string) => {
        const client = new EC2Client(connect(simulator, account, region))
        const { Regions = [] } = await client.send(new DescribeRegionsCommand({}))
        return Regions
      }
      assert.deepStrictEqual(await regions(china, "cn-north-1"), [
        { RegionName: "cn-north-1", Endpoint: "ec2.cn-north-1.amazonaws.com.cn", OptInStatus: "opt-in-not-required" },
        {
          RegionName: "cn-northwest-1",
          Endpoint: "ec2.cn-northwest-1.amazonaws.com.cn",
          OptInStatus: "opt-in-not-required"
        }
      ])
      const names = (await regions(government, "us-gov-west-1")).map(({ RegionName }) => RegionName)
      assert.deepStrictEqual(names, ["us-gov-east-1", "us-gov-west-1"])
      assert.strictEqual((await regions(world, "us-east-1")).length, 17)
      assert.strictEqual(await nameOf(regions(china, "us-east-1")), "AuthFailure")
      assert.strictEqual(await nameOf(regions(world, "cn-north-1")), "AuthFailure")
      for (const [account, partition] of [[world, "aws"], [china, "aws-cn"], [government, "aws-us-gov"]] as const) {
        let count = 0
        for (const { arn } of simulator.estate.resources({ accountId: account })) {
          assert.match(arn, new RegExp(`^arn:${partition}:`, "u"))
          assert.strictEqual(simulator.estate.find(arn)?.accountId, account)
          count++
        }
        assert.isAbove(count, 50)
      }
    }))

  it.live("callers, global services and addresses are of their partition", () =>
    using({ estate }, async (simulator) => {
      const to = connect(simulator, china, "cn-north-1")
      const { Arn } = await new STSClient(to).send(new GetCallerIdentityCommand({}))
      assert.strictEqual(Arn, `arn:aws-cn:iam::${china}:user/simulated`)
      const { Roles = [] } = await new IAMClient(to).send(new ListRolesCommand({}))
      assert.sameMembers(
        Roles.map((role) => role.Arn ?? ""),
        [...simulator.estate.resources({ accountId: china, type: "iam:role" })].map(({ arn }) => arn)
      )
      assert.strictEqual(
        await nameOf(new IAMClient({ ...to, region: "us-east-1" }).send(new ListRolesCommand({}))),
        "InvalidClientTokenId"
      )
      const made = simulator.estate.create({ accountId: china, region: "cn-north-1", type: "sqs:queue" })
      const client = new SQSClient(to)
      const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ MaxResults: 1000 }))
      const url = QueueUrls.find((one) => one.endsWith(`/${made.name}`))
      assert.match(url ?? "", /^https:\/\/sqs\.cn-north-1\.amazonaws\.com\.cn\//u)
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] })
      )
      assert.strictEqual(Attributes?.["QueueArn"], made.arn)
    }))

  it("options that contradict themselves are refused", () => {
    const wrong: ReadonlyArray<Estate.EstateOptions> = [
      { accounts: [world], partitions: { [china]: "aws-cn" } },
      { accounts: [world], partitions: { [world]: "aws-cn" }, regions: ["us-east-1"] },
      { accounts: [world], management: china },
      { accounts: [], resources: 1 },
      { accounts: [world], regionStates: { [china]: {} , [world]: { "mars-1": "opted-in" } } },
      { accounts: [china], partitions: { [china]: "aws-cn" }, counts: { "sns:topic": { "us-east-1": 1 } } }
    ]
    for (const options of wrong) assert.throws(() => Estate.make(options), RangeError)
  })
})

describe("throttling by place", () => {
  const accounts = twenty.slice(0, 3)
  const [whole, tenth, none] = accounts as [string, string, string]
  const estate: Estate.EstateOptions = { accounts, regions: ["us-east-1", "eu-west-1"], resources: 0 }
  /** How many of 60 paginated calls pass at once: AWS's bucket holds 100. */
  const passed = async (simulator: Simulator["Service"], account: string, region?: string) => {
    const client = new EC2Client(connect(simulator, account, region))
    const all = await Promise.all(Array.from({ length: 60 }, () =>
      client.send(new DescribeVolumesCommand({ MaxResults: 5 })).then(() => 1, () => 0)))
    return all.reduce<number>((sum, one) => sum + one, 0)
  }

  it.live("by account, by account and Region, and all others", () =>
    using({
      estate,
      now: () => 0,
      throttling: { [tenth]: 0.1, [`${tenth}/eu-west-1`]: 0.5, [none]: 0, "*": "off" }
    }, async (simulator) => {
      assert.strictEqual(await passed(simulator, whole), 60)
      assert.strictEqual(await passed(simulator, tenth), 10)
      assert.strictEqual(await passed(simulator, tenth, "eu-west-1"), 50)
      assert.strictEqual(await passed(simulator, none), 0)
      simulator.advance(1000)
      // 20 a second, a tenth of it.
      assert.strictEqual(await passed(simulator, tenth), 2)
    }))

  it.live("by a function; who is not named has AWS's own limits", () =>
    Effect.gen(function*() {
      const throttling: SimulatorOptions["throttling"] = ({ region, service }) =>
        service === "ec2" && region === "eu-west-1" ? 0.2 : "off"
      yield* using({ estate, now: () => 0, throttling }, async (simulator) => {
        assert.strictEqual(await passed(simulator, whole), 60)
        assert.strictEqual(await passed(simulator, whole, "eu-west-1"), 20)
      })
      yield* using({ estate, now: () => 0, throttling: { ec2: 0.3 } }, async (simulator) => {
        assert.strictEqual(await passed(simulator, whole), 30)
        const client = new SNSClient(connect(simulator, whole))
        const all = await Promise.all(
          Array.from({ length: 40 }, () => client.send(new ListTopicsCommand({})).then(() => 1, () => 0))
        )
        assert.isBelow(all.reduce<number>((sum, one) => sum + one, 0), 40)
      })
    }))

  it.effect("what is no factor is refused at the start", () =>
    Effect.gen(function*() {
      for (const throttling of [-1, Number.NaN, { ec2: -2 }]) {
        const error = yield* Effect.flip(Effect.scoped(Simulator.make({ throttling })))
        assert.match(error.message, /throttling/u)
      }
      const error = yield* Effect.flip(Effect.scoped(Simulator.make({ latency: { median: -1 } })))
      assert.match(error.message, /latency/u)
    }))
})

describe("latency", () => {
  const subject = (region: string, service = "ec2") => ({
    accountId: twenty[0]!,
    region,
    service,
    operation: "DescribeVolumes"
  })
  const sample = (latency: Latency.Latency, region = "us-east-1", service?: string) =>
    Array.from({ length: 20_000 }, (_, at) => latency.before(subject(region, service), at + 1))
      .toSorted((a, b) => a - b)
  const quantile = (sorted: ReadonlyArray<number>, part: number) => sorted[Math.floor(sorted.length * part)]!

  it("constant, even and lognormal, drawn by the call", () => {
    const constant = sample(Latency.make(40, 1))
    assert.deepStrictEqual([constant[0], constant.at(-1)], [40, 40])
    const even = sample(Latency.make({ milliseconds: 10, jitter: 20 }, 1))
    assert.isAtLeast(even[0]!, 10)
    assert.isBelow(even.at(-1)!, 30)
    assert.closeTo(quantile(even, 0.5), 20, 0.5)
    const skewed = sample(Latency.make({ median: 40, sigma: 0.6 }, 1))
    assert.closeTo(quantile(skewed, 0.5), 40, 1)
    // Standard normal quantiles: 84.134 % at +1, 97.725 % at +2.
    assert.closeTo(quantile(skewed, 0.84134), 40 * Math.exp(0.6), 2.5)
    assert.closeTo(quantile(skewed, 0.97725), 40 * Math.exp(1.2), 8)
    assert.deepStrictEqual(sample(Latency.make({ median: 40, sigma: 0.6 }, 1)), skewed)
    assert.notDeepEqual(sample(Latency.make({ median: 40, sigma: 0.6 }, 2)), skewed)
  })

  it("by service and Region; far Regions are slower", () => {
    const latency = Latency.make({ milliseconds: 10, services: { sns: 0.5 }, regions: { "eu-west-1": 3 } }, 1)
    assert.strictEqual(latency.before(subject("us-east-1"), 1), 10)
    assert.strictEqual(latency.before(subject("eu-west-1"), 1), 30)
    assert.strictEqual(latency.before(subject("eu-west-1", "sns"), 1), 15)
    const far = Latency.make({ milliseconds: 10, regions: "far" }, 1)
    const order = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"].map((one) => far.before(subject(one), 1))
    assert.deepStrictEqual(order, order.toSorted((a, b) => a - b))
    assert.strictEqual(new Set(order).size, 4)
    assert.strictEqual(Latency.make({ bytesPerSecond: 1000 }, 1).transfer(500), 500)
  })
})
