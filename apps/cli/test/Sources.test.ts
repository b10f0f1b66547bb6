/** Scans that ask more than the services, from the command line to what it writes. */
import { Estate, Simulator } from "@cadastre/aws-simulator"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre } from "./run.ts"

const account = "111122223333"
const regions = ["us-east-1", "eu-west-1"]

const estate = Estate.make({
  regions,
  counts: {
    "ec2:volume": { "us-east-1": 12, "eu-west-1": 8 },
    "sqs:queue": { "us-east-1": 6, "eu-west-1": 6 },
    "s3:bucket": { "us-east-1": 3, "eu-west-1": 3 },
    "iam:role": { global: 4 }
  },
  tags: { untagged: 0.4 },
  ghosts: 0.5,
  others: 3,
  explorer: {}
})
const truth = [...estate.resources()]
const others = [...regions, "global"].flatMap((region) => estate.others(account, region))
const isTagged = ({ tags }: { readonly tags: object | null }) => Object.keys(tags ?? {}).length > 0
const arnsOf = (all: ReadonlyArray<{ readonly arn: string }>) => all.map(({ arn }) => arn).toSorted()

interface Line {
  readonly arn: string
  readonly sources: ReadonlyArray<string>
  readonly marks?: ReadonlyArray<string>
}

interface SeenBy {
  readonly type: string
  readonly serviceApi?: number
  readonly ghosts: number
  readonly unconfirmed: number
}

const run = (...args: ReadonlyArray<string>) =>
  Effect.flatMap(Simulator, (simulator) => {
    const { accessKeyId, secretAccessKey } = simulator.credentials()
    return cadastre(args, {
      env: { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    })
  })

layer(Simulator.layer({ estate }))("sources on the command line", (it) => {
  it.effect("--all-services in JSON: what no service lists is there and says so, and no ghost is", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* run("scan", "--all-services", "--format", "json", "--no-journal")
      assert.strictEqual(code, 0, stderr)
      const report = JSON.parse(stdout) as {
        readonly resources: ReadonlyArray<Line>
        readonly seenBy: ReadonlyArray<SeenBy>
        readonly scope: { readonly sources: ReadonlyArray<string> }
        readonly summary: { readonly totalResources: number; readonly byType: Readonly<Record<string, number>> }
      }
      const listed = others.filter(isTagged)
      assert.deepStrictEqual(arnsOf(report.resources), arnsOf([...truth, ...listed]))
      assert.deepStrictEqual(report.scope.sources, ["tagging-api"])
      assert.strictEqual(report.summary.totalResources, truth.length + listed.length)
      assert.strictEqual(report.summary.byType["appsync:apis"], listed.filter(({ kind }) => kind === "appsync:apis").length)
      assert.notProperty(report.summary.byType, "tagging-api:resource")
      const alone = report.resources.filter(({ sources }) => !sources.includes("service-api"))
      assert.deepStrictEqual(arnsOf(alone), arnsOf(listed))
      assert.isTrue(alone.every(({ marks, sources }) => marks?.[0] === "unconfirmed" && sources[0] === "tagging-api"))
      const volumes = report.seenBy.find(({ type }) => type === "ec2:volume")
      assert.strictEqual(volumes?.serviceApi, 20)
      assert.isAbove(volumes?.ghosts ?? 0, 0)
      assert.isUndefined(report.seenBy.find(({ type }) => type === "appsync:apis")?.serviceApi)
    }), 60_000)

  it.effect("--resource-explorer in NDJSON: line by line, the proof with the coverage", () =>
    Effect.gen(function*() {
      const args = ["scan", "--all-services", "--resource-explorer", "--format", "ndjson", "--no-journal"]
      const { code, stderr, stdout } = yield* run(...args)
      assert.strictEqual(code, 0, stderr)
      const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as Line & { readonly seenBy?: ReadonlyArray<SeenBy> })
      const last = lines.pop()
      assert.deepStrictEqual(arnsOf(lines), arnsOf([...truth, ...others]))
      assert.isAbove(last?.seenBy?.length ?? 0, 4)
    }), 60_000)

  it.effect("--tag, for people: what it is about, and who saw what", () =>
    Effect.gen(function*() {
      const owner = truth.map(({ tags }) => tags.Owner).find((one) => one !== undefined)!
      const wanted = truth.filter(({ tags }) => tags.Owner === owner)
      const args = ["scan", "--no-journal", "--tag", `Owner=${owner}`]
      const table = yield* run(...args)
      assert.strictEqual(table.code, 0, table.stderr)
      assert.include(table.stdout, `Only resources with the tags Owner=${owner}`)
      assert.include(table.stdout, "Seen by: service APIs")
      for (const { id, type } of wanted) if (type === "ec2:volume") assert.include(table.stdout, id)
      const json = yield* run("scan", "--no-journal", "--tag-key", "Owner", "--tag-value", owner, "-f", "json")
      const { resources } = JSON.parse(json.stdout) as { readonly resources: ReadonlyArray<Line> }
      assert.deepStrictEqual(
        arnsOf(resources),
        arnsOf([...wanted, ...others.filter(({ tags }) => tags.Owner === owner)])
      )
      const markdown = yield* run(...args, "-f", "md")
      assert.include(markdown.stdout, "## Seen by")
    }), 60_000)

  it.effect("a plan and a policy know of it, and what cannot be meant is said", () =>
    Effect.gen(function*() {
      const plan = yield* run("plan", "--offline", "-r", "eu-west-1", "-t", "sqs,iam:role", "--all-services", "--resource-explorer", "-f", "json")
      assert.strictEqual(plan.code, 0, plan.stderr)
      const { cells, policy } = JSON.parse(plan.stdout) as {
        readonly cells: ReadonlyArray<{ readonly region: string; readonly type: string }>
        readonly policy: ReadonlyArray<{ readonly Statement: ReadonlyArray<{ readonly Action: ReadonlyArray<string> }> }>
      }
      assert.sameMembers(cells.map(({ region, type }) => `${region} ${type}`), [
        "eu-west-1 tagging-api:types-in-scope",
        "global tagging-api:types-in-scope",
        "global resource-explorer:types-in-scope",
        "eu-west-1 sqs:queue",
        "global iam:role"
      ])
      const printed = yield* run("iam-policy", "-t", "sqs,iam:role", "--features", "all-services,resource-explorer")
      const { Statement } = JSON.parse(printed.stdout) as typeof policy[number]
      assert.deepStrictEqual(Statement[0]?.Action, policy[0]?.Statement[0]?.Action)
      assert.includeMembers([...Statement[0]?.Action ?? []], ["tag:GetResources", "resource-explorer-2:ListResources"])
      for (const args of [["--tag", "=prod"], ["--tag-value", "prod"], ["--resource-explorer-view", "default"]]) {
        const wrong = yield* run("scan", ...args)
        assert.strictEqual(wrong.code, 2)
        assert.include(wrong.stderr, args[0]!)
      }
    }), 60_000)
})
