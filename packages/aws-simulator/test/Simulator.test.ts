import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  GetTagKeysCommand,
  GetTagValuesCommand,
  paginateGetResources,
  ResourceGroupsTaggingAPIClient
} from "@aws-sdk/client-resource-groups-tagging-api"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { createInterface } from "node:readline"
import { type Estate, type Fault, Simulator, type SimulatorOptions } from "../src/index.ts"

const connect = (simulator: Simulator["Service"], region = "us-east-1") => ({
  endpoint: simulator.url,
  region,
  credentials: simulator.credentials(),
  maxAttempts: 1
})

const using = <A>(
  options: SimulatorOptions,
  use: (simulator: Simulator["Service"]) => Promise<A>
) => Effect.scoped(Effect.flatMap(Simulator.make(options), (simulator) => Effect.promise(() => use(simulator))))

const refusal = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => assert.fail("it was allowed"), (error: Error) => error)

const small: Estate.EstateOptions = {
  regions: ["us-east-1", "eu-west-1"],
  counts: {
    "sns:topic": { "us-east-1": 3, "eu-west-1": 1 },
    "lambda:function": { "us-east-1": 3 },
    "ec2:volume": { "us-east-1": 12 },
    "dynamodb:table": { "us-east-1": 1 }
  }
}

describe("faults", () => {
  const topics = (simulator: Simulator["Service"], region?: string, more?: { readonly abortSignal?: AbortSignal }) =>
    new SNSClient(connect(simulator, region)).send(new ListTopicsCommand({}), more)

  const broken: ReadonlyArray<{ readonly title: string; readonly fault: Fault; readonly service?: string }> = [
    { title: "reset before the answer", fault: { type: "reset" } },
    { title: "reset in the body", fault: { type: "reset", when: "body" } },
    { title: "truncated body", fault: { type: "truncate" } },
    { title: "malformed body", fault: { type: "malformed" } },
    { title: "HTML page", fault: { type: "html" } }
  ]

  it.live.each(broken)("$title: neither XML nor JSON clients take it for an answer", ({ fault }) =>
    using({ estate: small }, async (simulator) => {
      const remove = simulator.rule({ fault })
      await refusal(topics(simulator))
      await refusal(new DynamoDBClient(connect(simulator)).send(new ListTablesCommand({})))
      remove()
      assert.strictEqual((await topics(simulator)).Topics?.length, 3)
    }))

  it.live("a hang in a Region takes every service there, and only there; the server still stops at once", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const simulator = yield* Simulator.make({ estate: small }).pipe(Scope.provide(scope))
      simulator.rule({ match: { region: "eu-west-1" }, fault: { type: "hang" } })
      const pending = [
        refusal(topics(simulator, "eu-west-1")),
        refusal(new ResourceGroupsTaggingAPIClient(connect(simulator, "eu-west-1")).send(new GetResourcesCommand({})))
      ]
      yield* Effect.promise(() => topics(simulator))
      while (simulator.calls().reduce((sum, row) => sum + row.calls, 0) < 3) yield* Effect.yieldNow
      const before = performance.now()
      yield* Scope.close(scope, Exit.void)
      assert.isBelow(performance.now() - before, 500)
      yield* Effect.promise(() => Promise.all(pending))
    }))

  it.live("nth and probability", () =>
    using({ estate: small, seed: 4 }, async (simulator) => {
      const outcome = () => topics(simulator).then(() => "ok", (error: Error) => error.name)
      const remove = simulator.rule({ match: { service: "sns", nth: [2, 3] }, fault: { type: "throttle" } })
      const seen = [await outcome(), await outcome(), await outcome(), await outcome()]
      assert.deepStrictEqual(seen, ["ok", "Throttling", "Throttling", "ok"])
      remove()
      const draw = async () => {
        const all: Array<string> = []
        for (let at = 0; at < 40; at++) all.push(await outcome())
        return all
      }
      const removeSecond = simulator.rule({
        match: { operation: "List*", probability: 0.5 },
        fault: { type: "throttle" }
      })
      const first = await draw()
      removeSecond()
      const refused = first.filter((one) => one !== "ok").length
      assert.isAbove(refused, 5)
      assert.isBelow(refused, 35)
    }))

  it.live("random faults are the same for the same seed", () => {
    const run = using({
      estate: small,
      seed: 77,
      rules: [{ match: { probability: 0.3 }, fault: { type: "deny" } }]
    }, async (simulator) => {
      const all: Array<boolean> = []
      for (let at = 0; at < 30; at++) all.push(await topics(simulator).then(() => true, () => false))
      return all
    })
    return Effect.map(Effect.zip(run, run), ([a, b]) => assert.deepStrictEqual(a, b))
  })

  it.live("vanish: listed, and not found when asked for", () =>
    using({ estate: small }, async (simulator) => {
      simulator.rule({ fault: { type: "vanish" } })
      const client = new LambdaClient(connect(simulator))
      const { Functions = [] } = await client.send(new ListFunctionsCommand({}))
      assert.strictEqual(Functions.length, 3)
      const error = await refusal(client.send(new ListTagsCommand({ Resource: Functions[0]!.FunctionArn })))
      assert.strictEqual(error.name, "ResourceNotFoundException")
    }))

  it.live("oversized: the right answer, too long", () =>
    using({ estate: small }, async (simulator) => {
      simulator.rule({ fault: { type: "oversized", bytes: 3_000_000 } })
      assert.strictEqual((await topics(simulator)).Topics?.length, 3)
      assert.isAbove(simulator.calls()[0]?.bytes ?? 0, 3_000_000)
    }))

  it.live("slow and latency are waited for; a caller may give up", () =>
    using({ estate: small, latency: { milliseconds: 5, jitter: 5 } }, async (simulator) => {
      await topics(simulator)
      simulator.rule({ fault: { type: "slow", milliseconds: 60_000 } })
      const abort = new AbortController()
      const pending = refusal(topics(simulator, "us-east-1", { abortSignal: abort.signal }))
      abort.abort()
      assert.strictEqual((await pending).name, "AbortError")
    }))
})

describe("throttling", () => {
  const volumes = (simulator: Simulator["Service"], MaxResults?: number) =>
    new EC2Client(connect(simulator)).send(new DescribeVolumesCommand({ MaxResults }))
      .then(() => "ok", (error: Error) => error.name)

  it.live("AWS's buckets: 100 calls at once, 50 when unpaginated, each refilling", () =>
    using({ estate: small, throttling: "aws", now: () => 0 }, async (simulator) => {
      const many = (count: number, size?: number) =>
        Promise.all(Array.from({ length: count }, () => volumes(simulator, size)))
      const refusedOf = async (all: Promise<ReadonlyArray<string>>) =>
        (await all).filter((one) => one === "RequestLimitExceeded").length
      assert.strictEqual(await refusedOf(many(105, 5)), 5)
      assert.strictEqual(await refusedOf(many(53)), 3)
      simulator.advance(1000)
      assert.strictEqual(await refusedOf(many(21, 5)), 1)
      assert.strictEqual(await refusedOf(many(11)), 1)
      const row = simulator.calls().find(({ operation }) => operation === "DescribeVolumes")
      assert.strictEqual(row?.throttled, 10)
      assert.strictEqual(row?.calls, 190)
    }))

  it.live("a factor scales them", () =>
    using({ estate: small, throttling: 0.02, now: () => 0 }, async (simulator) => {
      assert.deepStrictEqual(
        [await volumes(simulator, 5), await volumes(simulator, 5), await volumes(simulator, 5)],
        ["ok", "ok", "RequestLimitExceeded"]
      )
    }))
})

describe("counts", () => {
  it.live("are kept by account, Region and operation, in process and over HTTP", () =>
    using({ estate: { ...small, accounts: ["111122223333", "222233334444"] } }, async (simulator) => {
      await new SNSClient(connect(simulator)).send(new ListTopicsCommand({}))
      await new SNSClient({ ...connect(simulator), credentials: simulator.credentials("222233334444") })
        .send(new ListTopicsCommand({}))
      const rows = simulator.calls().map(({ accountId, calls, operation, region, service }) =>
        [accountId, region, service, operation, calls] as const
      )
      assert.deepStrictEqual(rows, [
        ["111122223333", "us-east-1", "sns", "ListTopics", 1],
        ["222233334444", "us-east-1", "sns", "ListTopics", 1]
      ])
      const overHttp = await (await fetch(`${simulator.url}/_cadastre/calls`)).json()
      assert.deepStrictEqual(overHttp, simulator.calls())
      await fetch(`${simulator.url}/_cadastre/reset`, { method: "POST" })
      assert.deepStrictEqual(simulator.calls(), [])
    }))

  it.live("the truth, and rules, over HTTP", () =>
    using({ estate: small }, async (simulator) => {
      const text = await (await fetch(`${simulator.url}/_cadastre/truth`)).text()
      const lines = text.trim().split("\n").map((line) => JSON.parse(line) as { readonly arn: string })
      assert.deepStrictEqual(lines.map(({ arn }) => arn), [...simulator.estate.resources()].map(({ arn }) => arn))
      const post = (rule: unknown) =>
        fetch(`${simulator.url}/_cadastre/rules`, { method: "POST", body: JSON.stringify(rule) })
      assert.strictEqual((await post({ fault: { type: "deny" } })).status, 201)
      assert.strictEqual((await post({ fault: { type: "nonsense" } })).status, 400)
      const client = new SNSClient(connect(simulator))
      await refusal(client.send(new ListTopicsCommand({})))
      await fetch(`${simulator.url}/_cadastre/rules`, { method: "DELETE" })
      await client.send(new ListTopicsCommand({}))
      assert.strictEqual((await fetch(`${simulator.url}/_cadastre/none`)).status, 404)
    }))
})

describe("the tagging API", () => {
  const estate: Estate.EstateOptions = {
    seed: 3,
    regions: ["us-east-1", "eu-west-1"],
    resources: 600,
    tags: { untagged: 0.4 },
    ghosts: 0.1
  }

  const everything = async (simulator: Simulator["Service"], region: string, ResourcesPerPage?: number) => {
    const client = new ResourceGroupsTaggingAPIClient(connect(simulator, region))
    const seen = new Map<string, Readonly<Record<string, string>>>()
    for await (const page of paginateGetResources({ client }, { ResourcesPerPage })) {
      for (const { ResourceARN = "", Tags = [] } of page.ResourceTagMappingList ?? []) {
        assert.isFalse(seen.has(ResourceARN))
        seen.set(ResourceARN, Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value])))
      }
    }
    return seen
  }

  it.live("has all tagged resources of a Region, some untagged ones, some that are gone; no groups, no roles", () =>
    using({ estate }, async (simulator) => {
      let untagged = 0
      let ghosts = 0
      for (const region of ["us-east-1", "eu-west-1"]) {
        const seen = await everything(simulator, region)
        const real = [...simulator.estate.resources()].filter((one) =>
          one.region === region || (one.region === "global" && region === "us-east-1")
        )
        for (const one of real) {
          const known = seen.get(one.arn)
          if (one.type === "autoscaling:group" || one.type === "iam:role") assert.isUndefined(known)
          else if (Object.keys(one.tags).length > 0) assert.deepStrictEqual(known, one.tags)
          else if (known !== undefined) {
            assert.deepStrictEqual(known, {})
            untagged++
          }
        }
        const arns = new Set(real.map(({ arn }) => arn))
        ghosts += [...seen.keys()].filter((arn) => !arns.has(arn)).length
      }
      const never = [...simulator.estate.resources()].filter((one) => Object.keys(one.tags).length === 0).length
      assert.isAbove(untagged, 0)
      assert.isBelow(untagged, never / 2)
      assert.isAbove(ghosts, 0)
    }))

  it.live("is the same whatever the pages are", () =>
    using({ estate }, async (simulator) => {
      const whole = await everything(simulator, "us-east-1", 100)
      const ragged = await Effect.runPromise(
        using({ estate, pages: "ragged" }, (other) => everything(other, "us-east-1", 100))
      )
      const single = await Effect.runPromise(
        using({ estate, pageSize: 1 }, (other) => everything(other, "us-east-1"))
      )
      assert.deepStrictEqual(single, whole)
      assert.deepStrictEqual(ragged, whole)
    }))

  it.live("follows tagging, untagging and deletion", () =>
    using({ estate: small }, async (simulator) => {
      const [topic] = simulator.estate.resources({ type: "sns:topic" })
      const made = simulator.estate.create({ accountId: "111122223333", region: "us-east-1", type: "sqs:queue" })
      assert.isFalse((await everything(simulator, "us-east-1")).has(made.arn))
      simulator.estate.tag(made.arn, { Owner: "me" })
      assert.deepStrictEqual((await everything(simulator, "us-east-1")).get(made.arn), { Owner: "me" })
      simulator.estate.tag(made.arn, {})
      assert.deepStrictEqual((await everything(simulator, "us-east-1")).get(made.arn), {})
      simulator.estate.tag(topic!.arn, { Owner: "me" })
      simulator.estate.delete(topic!.arn)
      assert.deepStrictEqual((await everything(simulator, "us-east-1")).get(topic!.arn), { Owner: "me" })
    }))

  it.live("filters by type, tag and ARN; ARNs exclude everything else", () =>
    using({ estate }, async (simulator) => {
      const client = new ResourceGroupsTaggingAPIClient(connect(simulator))
      const arns = async (input: GetResourcesCommandInput) => {
        const { ResourceTagMappingList = [] } = await client.send(new GetResourcesCommand(input))
        return ResourceTagMappingList.map((one) => one.ResourceARN ?? "")
      }
      for (const arn of await arns({ ResourceTypeFilters: ["s3", "sns:topic"], ResourcesPerPage: 100 })) {
        assert.match(arn, /^arn:aws:(?:s3|sns):/u)
      }
      const tagged = await arns({ TagFilters: [{ Key: "Environment", Values: ["staging"] }], ResourcesPerPage: 100 })
      const wanted = [...simulator.estate.resources()].filter((one) =>
        (one.region === "us-east-1" || one.region === "global") && one.tags["Environment"] === "staging" &&
        one.type !== "iam:role" && one.type !== "autoscaling:group"
      )
      assert.deepStrictEqual(wanted.map(({ arn }) => arn).filter((arn) => !tagged.includes(arn)), [])
      const [first = "", second = ""] = tagged
      const asked = [first, "arn:aws:sns:us-east-1:111122223333:none", second]
      assert.deepStrictEqual(await arns({ ResourceARNList: asked }), [first, second])
      for (
        const input of [
          { ResourceARNList: [first], ResourcesPerPage: 10 },
          { ResourceARNList: [first], TagFilters: [{ Key: "a" }] },
          { ResourceARNList: Array.from({ length: 101 }, () => first) }
        ]
      ) {
        const error = await refusal(client.send(new GetResourcesCommand(input)))
        assert.strictEqual(error.name, "InvalidParameterException")
      }
    }))

  it.live("tokens live a quarter of an hour", () =>
    using({ estate }, async (simulator) => {
      const client = new ResourceGroupsTaggingAPIClient(connect(simulator))
      const { PaginationToken = "" } = await client.send(new GetResourcesCommand({ ResourcesPerPage: 2 }))
      await client.send(new GetResourcesCommand({ ResourcesPerPage: 2, PaginationToken }))
      simulator.advance(15 * 60 * 1000 + 1000)
      const error = await refusal(client.send(new GetResourcesCommand({ ResourcesPerPage: 2, PaginationToken })))
      assert.strictEqual(error.name, "PaginationTokenExpiredException")
    }))

  it.live("TagsPerPage ends pages early and splits no resource", () =>
    using({ estate }, async (simulator) => {
      const client = new ResourceGroupsTaggingAPIClient(connect(simulator))
      const { ResourceTagMappingList = [] } = await client.send(
        new GetResourcesCommand({ ResourcesPerPage: 100, TagsPerPage: 100 })
      )
      const tags = ResourceTagMappingList.reduce((sum, { Tags = [] }) => sum + Math.max(1, Tags.length), 0)
      assert.isAtMost(tags, 100)
      assert.isBelow(ResourceTagMappingList.length, 100)
    }))

  it.live("knows the keys and their values", () =>
    using({ estate }, async (simulator) => {
      const client = new ResourceGroupsTaggingAPIClient(connect(simulator))
      const { TagKeys = [] } = await client.send(new GetTagKeysCommand({}))
      const { TagValues = [] } = await client.send(new GetTagValuesCommand({ Key: "Environment" }))
      const seen = await everything(simulator, "us-east-1")
      const tags = [...seen.values()].flatMap((one) => Object.entries(one))
      assert.sameMembers([...TagKeys], [...new Set(tags.map(([key]) => key))])
      assert.sameMembers(
        [...TagValues],
        [...new Set(tags.filter(([key]) => key === "Environment").map(([, value]) => value))]
      )
    }))
})

describe("the server", () => {
  it.live("answers the same bytes for the same seed, request ids apart", () => {
    const bytes = using({ estate: { ...small, seed: 8 } }, async (simulator) => {
      const reply = await fetch(simulator.url, {
        method: "POST",
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${simulator.credentials().accessKeyId}/20261101/us-east-1/ec2/` +
            `aws4_request, SignedHeaders=host, Signature=00`
        },
        body: "Action=DescribeVolumes&Version=2016-11-15&MaxResults=10"
      })
      return (await reply.text()).replace(/<requestId>.*<\/requestId>/u, "")
    })
    return Effect.map(Effect.zip(bytes, bytes), ([a, b]) => {
      assert.isAbove(a.length, 1000)
      assert.strictEqual(a, b)
    })
  })

  it.live("refuses a wrong signature when it checks them", () =>
    using({ estate: small, verifySignatures: true }, async (simulator) => {
      const right = connect(simulator)
      await new EC2Client(right).send(new DescribeInstancesCommand({}))
      const wrong = { ...right, credentials: { ...right.credentials, secretAccessKey: "wrong" } }
      assert.strictEqual(
        (await refusal(new EC2Client(wrong).send(new DescribeInstancesCommand({})))).name,
        "AuthFailure"
      )
      assert.strictEqual(
        (await refusal(new SNSClient(wrong).send(new ListTopicsCommand({})))).name,
        "SignatureDoesNotMatch"
      )
    }))

  it.live("says why it could not start", () =>
    Effect.scoped(Effect.gen(function*() {
      const taken = createServer()
      yield* Effect.promise(async () => {
        taken.listen(0, "127.0.0.1")
        await once(taken, "listening")
      })
      const address = taken.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const busy = yield* Effect.flip(Simulator.make({ port }))
      assert.strictEqual(busy._tag, "SimulatorError")
      assert.include(busy.message, "EADDRINUSE")
      taken.close()
      const wrong = yield* Effect.flip(Simulator.make({ estate: { accounts: ["12"] } }))
      assert.include(wrong.message, "12 digits")
    })))

  it.live("runs as a process of its own and stops when its input ends", () =>
    Effect.promise(async () => {
      const main = new URL("../src/main.ts", import.meta.url).pathname
      const child = spawn(process.execPath, [main, "--resources", "50", "--seed", "2"], {
        stdio: ["pipe", "pipe", "inherit"]
      })
      const lines = createInterface({ input: child.stdout })
      const [line] = await once(lines, "line") as [string]
      const { url } = JSON.parse(line) as { readonly url: string }
      const truth = await (await fetch(`${url}/_cadastre/truth`)).text()
      assert.strictEqual(truth.trim().split("\n").length, 50)
      child.stdin.end()
      const [code] = await once(child, "exit") as [number]
      assert.strictEqual(code, 0)
    }))
})
