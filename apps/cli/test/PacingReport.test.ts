import { Simulator } from "@cadastre/aws-simulator"
import type { BucketReport } from "@cadastre/client-factory"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { render } from "../src/PacingReport.ts"
import { cadastre } from "./run.ts"

const bucket = (report: Partial<BucketReport>): BucketReport => ({
  accountId: "111122223333",
  region: "eu-west-1",
  service: "ec2",
  bucket: "DescribeVolumes",
  share: 0.5,
  publishedRate: 20,
  published: true,
  rate: 10,
  admitted: 1,
  refused: 0,
  throttles: 0,
  waitedMs: 0,
  longestWaitMs: 0,
  longestQueue: 0,
  ...report
})

const scanning = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ estate: { seed: 3, counts: { "sns:topic": { "us-east-1": 400 } }, regions: ["us-east-1"] }, pageSize: 10 })
    const { accessKeyId, secretAccessKey } = simulator.credentials()
    return yield* cadastre(["scan", "--types", "sns:topic", ...args], {
      env: { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, ...env }
    })
  })

describe("what pacing did", () => {
  it("sums up, and shows the longest waits first, without what nothing happened to", () => {
    const lines = render([
      bucket({ admitted: 70, waitedMs: 1500, longestWaitMs: 700, longestQueue: 9 }),
      bucket({ bucket: "DescribeVpcs", admitted: 5 }),
      bucket({ service: "rds", bucket: "DescribeDBInstances", published: false, admitted: 20, waitedMs: 61_000, longestWaitMs: 9900, refused: 3, throttles: 2, rate: 2.5 })
    ]).split("\n")
    assert.strictEqual(
      lines[0],
      "Pacing: 95 calls through 3 buckets at 50 % of AWS's limits; waited 62.5 s in all, 2 throttled, 3 given up."
    )
    assert.deepStrictEqual(lines.slice(1).map((line) => line.trim().split(/ {2,}/u)), [
      ["waited", "longest", "queue", "calls", "given up", "throttled", "rate now", "allowed", "AWS's limit", "bucket", "Region", "account"],
      ["61.0 s", "9.9 s", "0", "20", "3", "2", "2.5/s", "10/s", "about 20/s", "rds:DescribeDBInstances", "eu-west-1", "111122223333"],
      ["1.5 s", "0.7 s", "9", "70", "0", "0", "10/s", "10/s", "20/s", "ec2:DescribeVolumes", "eu-west-1", "111122223333"],
      [""]
    ])
  })

  it("stays short, and shows nothing that acts on a terminal", () => {
    const text = render(Array.from({ length: 40 }, (_, index) => bucket({ region: `\u001b[2J\u202e${index}`, waitedMs: index + 1 })))
    assert.strictEqual(text.split("\n").length, 1 + 1 + 15 + 1 + 1)
    assert.include(text, "and 25 more")
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    assert.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/u)
    assert.strictEqual(render([]), "Pacing: no calls.\n")
  })

  it.live("--debug ends with it, on stderr; without it there is none", () =>
    Effect.gen(function*() {
      const loud = yield* scanning(["--debug"], { RATE_LIMIT_SHARE: "0.5" })
      assert.strictEqual(loud.code, 0, loud.stderr)
      assert.match(loud.stderr, /Pacing: \d+ calls through \d+ buckets at 50 % of AWS's limits/u)
      assert.match(loud.stderr, / {2}15\/s +15\/s +30\/s +sns:ListTopics +us-east-1 +111122223333/u)
      assert.notInclude(loud.stdout, "Pacing")
      const quiet = yield* scanning([], {})
      assert.strictEqual(quiet.stderr, "")
    }).pipe(Effect.scoped), 60_000)

  it.live("a Redis that is not there is one warning; an address that is none is a usage error without the password", () =>
    Effect.gen(function*() {
      const away = yield* scanning([], { REDIS_URL: "redis://:hunter2@127.0.0.1:1" })
      assert.strictEqual(away.code, 0, away.stderr)
      assert.strictEqual(away.stderr.match(/REDIS_URL/gu)?.length, 1)
      assert.include(away.stderr, "ECONNREFUSED")
      const wrong = yield* scanning([], { REDIS_URL: "http://:hunter2@127.0.0.1:1" })
      assert.strictEqual(wrong.code, 2, wrong.stderr)
      assert.include(wrong.stderr, "REDIS_URL is not the address of a Redis")
      assert.notInclude(away.stderr + wrong.stderr, "hunter2")
    }).pipe(Effect.scoped), 60_000)
})
