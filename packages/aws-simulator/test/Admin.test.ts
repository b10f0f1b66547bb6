import { LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { Schedule, Simulator, type SimulatorOptions } from "../src/index.ts"

const account = "111122223333"
const estate = {
  regions: ["us-east-1", { name: "me-south-1", optInStatus: "not-opted-in" }],
  counts: { "lambda:function": { "us-east-1": 2 }, "sqs:queue": { "us-east-1": 2 } }
} as const

const using = <A>(use: (simulator: Simulator["Service"]) => Promise<A>, options: SimulatorOptions = {}) =>
  Effect.scoped(Effect.flatMap(
    Simulator.make({ estate, ...options }),
    (simulator) => Effect.promise(() => use(simulator))
  ))

const connect = (url: string, credentials: ReturnType<Simulator["Service"]["credentials"]>, region = "us-east-1") => ({
  endpoint: url,
  region,
  credentials,
  maxAttempts: 1
})

/** One request of administration: its status and its JSON. */
const admin = async (url: string, route: string, body?: unknown) => {
  const [method = "", path = ""] = route.split(" ")
  const response = await fetch(`${url}/_cadastre/${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
  })
  const value: unknown = await response.json()
  return { status: response.status, value }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined

describe("administration", () => {
  it.live("rules are added, listed and removed one by one", () =>
    using(async (simulator) => {
      const topics = () =>
        new SNSClient(connect(simulator.url, simulator.credentials())).send(new ListTopicsCommand({}))
          .then(() => "ok", (error: Error) => error.name)
      const deny = { match: { service: "sns" }, fault: { type: "deny" } }
      const throttle = { match: { service: "sns" }, fault: { type: "throttle" } }
      const { status, value } = await admin(simulator.url, "POST rules", deny)
      assert.strictEqual(status, 201)
      await admin(simulator.url, "POST rules", throttle)
      assert.deepStrictEqual((await admin(simulator.url, "GET rules")).value, [deny, throttle])
      assert.strictEqual(await topics(), "AuthorizationErrorException")
      assert.strictEqual((await admin(simulator.url, `DELETE rules/${String(field(value, "id"))}`)).status, 200)
      assert.strictEqual(await topics(), "Throttling")
      assert.strictEqual((await admin(simulator.url, `DELETE rules/${String(field(value, "id"))}`)).status, 404)
      await admin(simulator.url, "DELETE rules")
      assert.strictEqual(await topics(), "ok")
      const { value: faults } = await admin(simulator.url, "GET faults")
      assert.deepStrictEqual(faults, simulator.faults())
      assert.strictEqual(simulator.faults().length, 2)
    }))

  it.live("a schedule is set by its seed, seen, and taken away; it starts from the first call again", () =>
    using(async (simulator) => {
      const options = { intensity: 1, kinds: ["throttle"] } as const
      const outcomes = async () => {
        const client = new SNSClient(connect(simulator.url, simulator.credentials()))
        const seen: Array<boolean> = []
        for (let at = 0; at < 10; at++) {
          seen.push(await client.send(new ListTopicsCommand({})).then(() => true, () => false))
        }
        return seen
      }
      const half = { ...options, intensity: 0.5 }
      const { value } = await admin(simulator.url, "PUT schedule", { seed: 4, options: half })
      assert.deepStrictEqual(value, Schedule.make(4, half))
      assert.deepStrictEqual((await admin(simulator.url, "GET schedule")).value, simulator.schedule())
      const first = await outcomes()
      assert.sameMembers([...new Set(first)], [true, false])
      await admin(simulator.url, "PUT schedule", { seed: 4, options: half })
      assert.deepStrictEqual(await outcomes(), first)
      await admin(simulator.url, "DELETE schedule")
      assert.isNull((await admin(simulator.url, "GET schedule")).value)
      assert.notInclude(await outcomes(), false)
    }))

  it.live("the estate changes while it runs: resources, tags, Regions", () =>
    using(async (simulator) => {
      const to = connect(simulator.url, simulator.credentials())
      const place = { accountId: account, region: "us-east-1", type: "lambda:function" }
      const made = await admin(simulator.url, "POST resources", { ...place, tags: { Owner: "me" } })
      assert.strictEqual(made.status, 201)
      const arn = String(field(made.value, "arn"))
      const tags = async () => (await new LambdaClient(to).send(new ListTagsCommand({ Resource: arn }))).Tags
      assert.deepStrictEqual(await tags(), { Owner: "me" })
      await admin(simulator.url, "PUT tags", `{"arn":"${arn}","tags":{"__proto__":"x","Owner":"you"}}`)
      assert.deepStrictEqual(Object.entries(simulator.estate.find(arn)!.tags), [["__proto__", "x"], ["Owner", "you"]])
      await admin(simulator.url, "DELETE tags", { arn })
      assert.deepStrictEqual(simulator.estate.find(arn)!.tags, {})
      assert.strictEqual((await admin(simulator.url, "DELETE resources", { arn })).status, 200)
      assert.isUndefined(simulator.estate.find(arn))
      const queues = () =>
        new SQSClient(connect(simulator.url, simulator.credentials(), "me-south-1")).send(new ListQueuesCommand({}))
          .then(() => "ok", (error: Error) => error.name)
      assert.strictEqual(await queues(), "InvalidClientTokenId")
      await admin(simulator.url, "PUT regions", { accountId: account, region: "me-south-1", state: "opted-in" })
      assert.strictEqual(await queues(), "ok")
    }))

  it.live("the clock goes on", () =>
    using(async (simulator) => {
      assert.deepStrictEqual((await admin(simulator.url, "GET clock")).value, { now: 5 })
      assert.deepStrictEqual((await admin(simulator.url, "POST clock", { advance: 1000 })).value, { now: 1005 })
      assert.strictEqual(simulator.now(), 1005)
    }, { now: () => 5 }))

  const wrong: ReadonlyArray<readonly [route: string, body: unknown, message: RegExp]> = [
    ["POST rules", "{\"fault\":", /^the body is no JSON: /u],
    ["POST rules", { fault: { type: "nonsense" } }, /type/u],
    ["POST rules", { fault: { type: "slow" } }, /milliseconds/u],
    ["POST rules", { match: { nth: -1 }, fault: { type: "deny" } }, /nth/u],
    ["POST rules", { match: { regions: "eu-west-1" }, fault: { type: "deny" } }, /regions/u],
    ["PUT schedule", { seed: "x" }, /seed/u],
    ["PUT schedule", { seed: 1, options: { kinds: ["nonsense"] } }, /kinds/u],
    ["POST clock", { advance: -1 }, /advance/u],
    ["POST resources", { accountId: account, region: "us-east-1", type: "sns:nothing" }, /type/u],
    ["POST resources", { accountId: account, region: "mars-1", type: "sns:topic" }, /has no Region mars-1/u],
    ["POST resources", { accountId: "9", region: "us-east-1", type: "sns:topic" }, /account that does not exist: 9/u],
    ["DELETE resources", { arn: "arn:aws:sns:us-east-1:1:x" }, /no such resource/u],
    ["PUT tags", { arn: "nonsense", tags: {} }, /no such resource: nonsense/u],
    ["PUT tags", { arn: "nonsense", tags: { a: 1 } }, /tags/u],
    ["PUT regions", { accountId: account, region: "us-east-1", state: "not-opted-in" }, /every account has/u],
    ["PUT regions", { accountId: account, region: "me-south-1", state: "on" }, /state/u]
  ]

  it.live("what cannot be read or done is refused with a reason, and changes nothing", () =>
    using(async (simulator) => {
      const before = JSON.stringify([...simulator.estate.truth()])
      for (const [route, body, message] of wrong) {
        const { status, value } = await admin(simulator.url, route, body)
        assert.strictEqual(status, 400, `${route} ${JSON.stringify(body)}`)
        assert.match(String(field(value, "message")), message)
      }
      assert.strictEqual(JSON.stringify([...simulator.estate.truth()]), before)
      assert.deepStrictEqual((await admin(simulator.url, "GET rules")).value, [])
      const { status, value } = await admin(simulator.url, "GET nothing")
      assert.strictEqual(status, 404)
      assert.include(field(value, "known") as ReadonlyArray<string>, "GET /_cadastre/faults")
    }))

  it.live("as a command: --faults, throttling by place and latency", () =>
    Effect.promise(async () => {
      const main = new URL("../src/main.ts", import.meta.url).pathname
      const flags = "--resources 50 --faults 9:0.4 --throttling {\"ec2\":0.5} --median 1 --far --bandwidth 1000000"
      const child = spawn(process.execPath, [main, ...flags.split(" ")], { stdio: ["pipe", "pipe", "inherit"] })
      try {
        const [line] = await once(createInterface(child.stdout), "line") as [string]
        const { url } = JSON.parse(line) as { readonly url: string }
        const { value } = await admin(url, "GET schedule")
        assert.deepStrictEqual(value, Schedule.make(9, { intensity: 0.4 }))
      } finally {
        child.stdin.end()
        await once(child, "exit")
      }
    }))
})
