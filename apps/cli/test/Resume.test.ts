import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { cadastre } from "./run.ts"

/** Types that one call lists, and that call. */
const lists = {
  "autoscaling:group": ["autoscaling", "DescribeAutoScalingGroups"],
  "dynamodb:table": ["dynamodb", "ListTables"],
  "ec2:instance": ["ec2", "DescribeInstances"],
  "ec2:natgateway": ["ec2", "DescribeNatGateways"],
  "ec2:security-group": ["ec2", "DescribeSecurityGroups"],
  "ec2:snapshot": ["ec2", "DescribeSnapshots"],
  "ec2:volume": ["ec2", "DescribeVolumes"],
  "ecs:cluster": ["ecs", "ListClusters"],
  "iam:role": ["iam", "GetAccountAuthorizationDetails"],
  "lambda:function": ["lambda", "ListFunctions"],
  "rds:db": ["rds", "DescribeDBInstances"],
  "s3:bucket": ["s3", "ListBuckets"],
  "sns:topic": ["sns", "ListTopics"],
  "sqs:queue": ["sqs", "ListQueues"]
} as const

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** What the last scan has written down as seen, Region and type; nothing to go on with when it has come to its end. */
const written = (data: string): ReadonlyArray<readonly [region: string, type: keyof typeof lists]> | undefined => {
  const database = new DatabaseSync(join(data, "cadastre", "cadastre.db"))
  try {
    const scan = database.prepare("SELECT id, completed_at FROM scans ORDER BY started_at DESC, rowid DESC LIMIT 1").get()!
    if (scan["completed_at"] !== null) return undefined
    const rows = database.prepare("SELECT region, type FROM cells WHERE scan_id = ?")
      .all(scan["id"]!) as unknown as ReadonlyArray<{ readonly region: string; readonly type: keyof typeof lists }>
    return rows.map(({ region, type }) => [region, type])
  } finally {
    database.close()
  }
}

interface Line {
  readonly arn: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>> | null
}

const identity = ({ arn, region, tags }: Line): string =>
  `${arn} ${region} ${JSON.stringify(Object.entries(tags ?? {}).toSorted(([a], [b]) => a < b ? -1 : 1))}`

describe("a scan that is killed", () => {
  it.live("at any of 20 moments, then resumed, finds the same, and asks for nothing again that it had seen", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 21, resources: 2000, tags: { hostile: 0.3 } },
        latency: { milliseconds: 25, jitter: 25 }
      })
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const data = yield* directory
      const truth = [...simulator.estate.resources()].filter(({ type }) => Object.hasOwn(lists, type)).map(identity).toSorted()
      const scan = (killAt: number) =>
        cadastre(["scan", "--format", "ndjson", "--types", Object.keys(lists).join(), "--resume", "--allow-incomplete"], {
          env: {
            AWS_ENDPOINT_URL: simulator.url,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            XDG_DATA_HOME: data
          },
          onStdout: (text, signal) => {
            if (text.length >= killAt) signal("SIGKILL")
          }
        })
      const called = (region: string, type: keyof typeof lists): number => {
        const [service, operation] = lists[type]
        return simulator.calls().reduce((sum, row) =>
          row.service === service && row.operation === operation && (region === "global" || row.region === region)
            ? sum + row.calls
            : sum, 0)
      }

      // Shares of what the whole scan writes.
      const whole = yield* scan(Number.POSITIVE_INFINITY)
      assert.strictEqual(whole.code, 0, whole.stderr)
      const moments = fc.sample(fc.double({ min: 0, max: 0.95, noNaN: true }), { numRuns: 20, seed: 7 })
      let seen: ReadonlyArray<readonly [string, keyof typeof lists]> = []
      let kills = 0
      let escapes = 0
      let reused = 0
      const check = () => {
        for (const [region, type] of seen) assert.strictEqual(called(region, type), 0, `${type} in ${region} is called again`)
        reused += seen.length
      }
      while (kills < 20) {
        simulator.reset()
        const { code, stdout } = yield* scan(moments[kills]! * whole.stdout.length)
        check()
        assert.include([null, 0], code, stdout.slice(-200))
        const left = written(data)
        if (left === undefined) {
          // Signals take their time: the scan had ended before it came, and the next one begins anew.
          assert.isBelow(++escapes, 20)
          seen = []
          continue
        }
        assert.includeDeepMembers(left as Array<unknown>, seen as Array<unknown>, "what was seen stays")
        seen = left
        if (++kills % 5 !== 0) continue
        simulator.reset()
        const last = yield* scan(Number.POSITIVE_INFINITY)
        check()
        assert.strictEqual(last.code, 0, last.stderr)
        const lines = last.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as Line)
        assert.deepStrictEqual(lines.slice(0, -1).map(identity).toSorted(), truth)
        seen = []
      }
      assert.isAbove(reused, 100)
    }).pipe(Effect.scoped), 240_000)
})
