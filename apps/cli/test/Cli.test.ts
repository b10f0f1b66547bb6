import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Estate, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre, type RunOptions, main } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Runs against a simulator, which the environment alone points to. */
const against = (simulator: Simulator["Service"], args: ReadonlyArray<string>, options: RunOptions = {}) => {
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  return cadastre(args, {
    ...options,
    env: {
      AWS_ENDPOINT_URL: simulator.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...options.env
    }
  })
}

/** Types that cost nothing, of those that the estates hold: a policy that does not name them leaves them out. */
const free: ReadonlySet<string> = new Set(["autoscaling:group", "ec2:security-group", "ecs:cluster", "iam:role"])

interface Line {
  readonly arn: string
  readonly type: string
  readonly region: string
  readonly accountId: string
  readonly tags: Readonly<Record<string, string>> | null
}

interface CellRow {
  readonly region: string
  readonly type: string
  readonly outcome: string
}

interface Coverage {
  readonly complete: boolean
  readonly cells: Readonly<Record<string, number>>
  readonly failedRegions: ReadonlyArray<string>
  readonly incompleteRegions: ReadonlyArray<string>
  readonly table: ReadonlyArray<CellRow>
}

interface Report {
  readonly coverage: Coverage
  readonly summary: {
    readonly complianceScore?: number
    readonly scoreBounds?: unknown
    readonly totalResources: number
    readonly compliantResources: number
    readonly notApplicableByReason: Readonly<Record<string, number>>
  }
  readonly resources: ReadonlyArray<Line>
  readonly violations: ReadonlyArray<{ readonly arn: string; readonly tag: string; readonly rule: string }>
}

const identity = ({ arn, region, tags, type }: Line) => ({ arn, region, tags, type })
const byArn = (a: { readonly arn: string }, b: { readonly arn: string }) => a.arn < b.arn ? -1 : 1

const truthOf = (estate: Estate.Estate) => [...estate.truth()].toSorted(byArn)

const linesOf = (stdout: string) => stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown)

/** Owner is required everywhere: simple enough to judge by hand. */
const ownerPolicy = JSON.stringify({ version: "1.0", required_tags: [{ name: "Owner" }] })

const estate = { seed: 11, resources: 1500 }

layer(Simulator.layer({ estate, latency: { milliseconds: 2, jitter: 3 } }), { excludeTestServices: true })("cadastre", (it) => {
  it.effect("scan --format ndjson prints every resource once, then the coverage", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const { code, stderr, stdout } = yield* against(simulator, ["scan", "--format", "ndjson"])
      const lines = linesOf(stdout)
      const resources = lines.slice(0, -1) as ReadonlyArray<Line>
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(
        resources.toSorted(byArn).map(identity),
        truthOf(simulator.estate).map(({ arn, region, tags, type }) => ({ arn, region, tags, type }))
      )
      const { coverage } = lines.at(-1) as { readonly coverage: Coverage }
      assert.isTrue(coverage.complete)
      // 82 regional types in 17 Regions, and six global types.
      assert.strictEqual(coverage.cells.scanned, 82 * 17 + 6)
    }), 60_000)

  it.effect("check --format json judges the estate as its policy says, and exits with 1", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const { code, stderr, stdout } = yield* against(simulator, ["check", "--format", "json"], { cwd })
      const report = JSON.parse(stdout) as Report
      assert.strictEqual(code, 1, stderr)
      assert.deepStrictEqual(Object.keys(report).slice(0, 3), ["schemaVersion", "kind", "generatedAt"])
      assert.deepStrictEqual(report.resources.map(({ arn }) => arn), truthOf(simulator.estate).map(({ arn }) => arn))

      const scored = truthOf(simulator.estate).filter((resource) => resource.mark === undefined && !free.has(resource.type))
      const owned = scored.filter(({ tags }) => Object.hasOwn(tags, "Owner") && tags.Owner!.trim() !== "")
      assert.strictEqual(report.summary.totalResources, scored.length)
      assert.strictEqual(report.summary.complianceScore, report.summary.compliantResources / scored.length)
      // IAM compares keys without regard to case, so a role may have an owner by another spelling.
      const ownedRoles = scored.filter(({ tags, type }) =>
        type === "iam:role" && !Object.hasOwn(tags, "Owner") &&
        Object.entries(tags).some(([key, value]) => key.toLowerCase() === "owner" && value.trim() !== ""))
      assert.strictEqual(report.summary.compliantResources, owned.length + ownedRoles.length)
      const unscored = truthOf(simulator.estate).map(({ mark, type }) => mark ?? (free.has(type) ? "free" : "scored"))
      const of = (reason: string) => unscored.filter((one) => one === reason).length
      assert.deepStrictEqual(report.summary.notApplicableByReason, {
        "aws-created": of("aws-created"), default: of("default"), deleted: of("deleted"), free: of("free")
      })
      const unowned = new Set(report.violations.filter(({ tag }) => tag === "Owner").map(({ arn }) => arn))
      assert.strictEqual(unowned.size, scored.length - owned.length - ownedRoles.length)
    }).pipe(Effect.scoped), 60_000)

  it.effect("--include scores what is left out by default, and says of the rest why", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const args = ["check", "--types", "ec2:security-group,iam:role", "--policy", "policy.json", "--no-journal"]
      const plain = yield* against(simulator, args, { cwd })
      assert.match(plain.stdout, /Not applicable: \d+ \(\d+ made by AWS, \d+ default, \d+ free\)/u)
      const all = yield* against(simulator, [...args, "--include", "free,default", "--include", "aws-created"], { cwd })
      assert.match(all.stdout, /Not applicable: 0;/u)
      const some = yield* against(simulator, [...args, "--include", "everything"], { cwd })
      assert.strictEqual(some.code, 2)
      assert.match(some.stderr, /--include has "everything": write free, default, aws-created/u)
    }).pipe(Effect.scoped), 60_000)

  it.effect("--min-score decides what is too little", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const args = ["check", "--types", "ec2:volume", "--regions", "us-east-1", "--policy", "policy.json", "--min-score"]
      assert.strictEqual((yield* against(simulator, [...args, "0.01"], { cwd })).code, 0)
      assert.strictEqual((yield* against(simulator, [...args, "1"], { cwd })).code, 1)
    }).pipe(Effect.scoped), 60_000)

  it.effect("--cache answers from an earlier complete result; without it everything is looked at again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const check = (...flags: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          simulator.reset()
          const { code, stdout } = yield* against(
            simulator,
            ["check", "--types", "sqs:queue", "--policy", "policy.json", "--format", "json", ...flags],
            { cwd, env: { XDG_CACHE_HOME: join(cwd, "cache") } }
          )
          const listed = simulator.calls().filter(({ operation }) => operation === "ListQueues").length
          return { code, listed, report: JSON.parse(stdout) as Report & { readonly fromCache: boolean } }
        })
      const first = yield* check("--cache")
      const second = yield* check("--cache")
      const third = yield* check()
      assert.deepStrictEqual([first, second, third].map(({ listed, report }) => [report.fromCache, listed]), [
        [false, 17],
        [true, 0],
        [false, 17]
      ])
      assert.deepStrictEqual(second.report.violations, first.report.violations)
      assert.strictEqual(second.code, first.code)
      assert.strictEqual(statSync(join(cwd, "cache/cadastre")).mode & 0o777, 0o700)
    }).pipe(Effect.scoped), 60_000)

  it.effect("--output writes the report whole and for its owner alone, and nothing to stdout", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      const { code, stdout } = yield* against(simulator, ["scan", "--types", "ec2:*", "-r", "eu-*", "-o", "out/report.json"], { cwd })
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "")
      const report = JSON.parse(readFileSync(join(cwd, "out/report.json"), "utf8")) as Report
      assert.isTrue(report.resources.every(({ region, type }) => region.startsWith("eu-") && type.startsWith("ec2:")))
      assert.deepStrictEqual(readdirSync(join(cwd, "out")), ["report.json"])
      assert.strictEqual(statSync(join(cwd, "out/report.json")).mode & 0o777, 0o600)
    }).pipe(Effect.scoped), 60_000)

  it.effect("--endpoint-url does what AWS_ENDPOINT_URL does, for every command", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const env = { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }
      const endpoint = ["--endpoint-url", simulator.url]
      const regions = yield* against(simulator, ["regions", "--format", "json", ...endpoint], { env })
      assert.strictEqual(regions.code, 0, regions.stderr)
      const { accountId, regions: list } = JSON.parse(regions.stdout) as {
        readonly accountId: string
        readonly regions: ReadonlyArray<{ readonly id: string; readonly state: string }>
      }
      assert.strictEqual(accountId, "111122223333")
      assert.strictEqual(list.filter(({ state }) => state === "enabled").length, 17)
      const scan = yield* against(simulator, ["scan", "-t", "sqs:queue", "-r", "us-east-1", ...endpoint], { env })
      assert.strictEqual(scan.code, 0, scan.stderr)
    }), 60_000)

  it.effect.each([
    { args: ["scan", "--regions", "xx-nowhere-1"], says: /Region "xx-nowhere-1" is no Region.*us-east-1/u, code: 2 },
    { args: ["scan", "--regions", "ca-west-1"], says: /Region "ca-west-1" is not enabled/u, code: 2 },
    { args: ["scan", "--types", "ec2:nope"], says: /type "ec2:nope" is unknown.*ec2:instance/u, code: 2 },
    { args: ["scan", "--format", "yaml"], says: /format "yaml" is unknown.*ndjson/u, code: 2 },
    { args: ["scan", "--bogus"], says: /--bogus/u, code: 2 },
    { args: ["scan", "--endpoint-url", "nowhere"], says: /--endpoint-url is "nowhere"/u, code: 2 },
    { args: ["check", "--policy", "missing.json"], says: /missing\.json/u, code: 2 },
    { args: ["check"], says: /There is no tag policy.*--policy/u, code: 2 },
    { args: ["scan"], env: { REGION_SCAN_TIMEOUT_SECONDS: "5" }, says: /REGION_SCAN_TIMEOUT_SECONDS is "5".*10 to 300/u, code: 2 },
    { args: ["scan"], env: { MULTI_REGION_ENABLED: "maybe" }, says: /MULTI_REGION_ENABLED is "maybe".*true or false/u, code: 2 },
    { args: ["scan"], env: { AWS_REGION: "Frankfurt" }, says: /"Frankfurt".*no Region code/u, code: 2 },
    { args: ["scan"], env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }, says: /credentials are missing/u, code: 4 },
    { args: ["scan"], env: { AWS_ACCESS_KEY_ID: "AKIAUNKNOWNUNKNOWN00" }, says: /not accepted/u, code: 4 },
    { args: ["scan"], env: { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, says: /Network/u, code: 3 }
  ])("$args $env: one clear error, exit $code", ({ args, code, env = {}, says }) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      const ended = yield* against(simulator, args, { cwd, env })
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.strictEqual(ended.stdout, "")
      assert.match(ended.stderr, says)
      assert.notMatch(ended.stderr, /\n\s+at /u)
    }).pipe(Effect.scoped), 60_000)

  it.effect("a broken policy is told by line and column before anything is scanned", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      writeFileSync(join(cwd, "broken.yaml"), "version: \"1.0\"\nrequired_tags:\n  - name: Owner\n    severity: fatal\n    validation_regex: \"(\"\n")
      simulator.reset()
      const { code, stderr, stdout } = yield* against(simulator, ["check", "--policy", "broken.yaml"], { cwd })
      assert.strictEqual(code, 2)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /broken\.yaml:4:15/u)
      assert.match(stderr, /broken\.yaml:5:23/u)
      assert.deepStrictEqual(simulator.calls(), [])
    }).pipe(Effect.scoped), 60_000)

  it.effect("a reader that goes away ends the command without a stack trace", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const cwd = yield* folder
      const { accessKeyId, secretAccessKey } = simulator.credentials()
      const { stderr, stdout } = yield* Effect.callback<{ readonly stdout: string; readonly stderr: string }>((resume) => {
        execFile("sh", ["-c", `"$NODE" "${main}" scan -f ndjson | head -n 1`], {
          env: {
            ...process.env,
            NODE: process.execPath,
            XDG_DATA_HOME: cwd,
            AWS_ENDPOINT_URL: simulator.url,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey
          }
        }, (_, stdout, stderr) => resume(Effect.succeed({ stdout, stderr })))
      })
      assert.isString((JSON.parse(stdout) as Line).arn)
      assert.strictEqual(stderr, "")
    }).pipe(Effect.scoped), 60_000)
})

describe("cadastre under fire", () => {
  it.live("EC2 denied in 2 Regions, 3 Regions hanging, RDS throttled everywhere", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 5, resources: 1200 } })
      const denied = ["eu-west-1", "us-west-2"]
      const hanging = ["ap-south-1", "eu-north-1", "sa-east-1"]
      for (const region of denied) simulator.rule({ match: { service: "ec2", region }, fault: { type: "deny" } })
      for (const region of hanging) simulator.rule({ match: { region }, fault: { type: "hang" } })
      simulator.rule({ match: { service: "rds" }, fault: { type: "throttle" } })

      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const ended = yield* against(simulator, ["check", "--format", "json"], { cwd, env: { REGION_SCAN_TIMEOUT_SECONDS: "10" } })
      const report = JSON.parse(ended.stdout) as Report
      assert.strictEqual(ended.code, 3, ended.stderr)
      assert.isBelow(ended.seconds, 15)
      assert.deepStrictEqual(report.coverage.failedRegions, hanging)

      const expected = (region: string, type: string) =>
        hanging.includes(region)
          ? "timed-out"
          : type.startsWith("rds:")
          ? "throttled"
          : denied.includes(region) && type.startsWith("ec2:")
          ? "denied"
          : "scanned"
      for (const { outcome, region, type } of report.coverage.table) {
        assert.strictEqual(outcome, expected(region, type), `${type} in ${region}`)
      }
      // Buckets are listed in one place; the tags of those that live in a hanging Region are out of reach.
      const seen = truthOf(simulator.estate).filter(({ region, type }) => type === "s3:bucket" || expected(region, type) === "scanned")
      assert.deepStrictEqual(
        report.resources.map(identity),
        seen.map(({ arn, region, tags, type }) => ({ arn, region, tags: hanging.includes(region) ? null : tags, type }))
      )
      const scored = seen.filter(({ mark, region, type }) => mark === undefined && !free.has(type) && !hanging.includes(region))
      assert.strictEqual(report.summary.totalResources, scored.length)
      assert.isUndefined(report.summary.scoreBounds)
      const seenArns = new Set(scored.map(({ arn }) => arn))
      assert.isTrue(report.violations.every(({ arn }) => seenArns.has(arn)))
    }).pipe(Effect.scoped), 60_000)

  it.live("nothing can be seen: the report says so, without a score", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 5, resources: 300 } })
      simulator.rule({ match: { service: "sqs" }, fault: { type: "deny", by: "scp" } })
      const cwd = yield* folder
      writeFileSync(join(cwd, "policy.json"), ownerPolicy)
      const { code, stdout } = yield* against(simulator, ["check", "--types", "sqs:queue", "--format", "json"], { cwd })
      const report = JSON.parse(stdout) as Report
      assert.strictEqual(code, 3)
      assert.isFalse("complianceScore" in report.summary)
      assert.strictEqual(report.coverage.failedRegions.length, 17)
      const table = yield* against(simulator, ["check", "--types", "sqs:queue"], { cwd })
      assert.match(table.stdout, /^Seen: 0 of 17 cells/u)
      assert.notMatch(table.stdout, /100/u)
    }).pipe(Effect.scoped), 60_000)

  it.live("Ctrl-C ends it within a second or so with what it has; every line is whole", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { seed: 5, resources: 2000 } })
      simulator.rule({ match: { service: "lambda" }, fault: { type: "hang" } })
      let signalledAt = 0
      const ended = yield* against(simulator, ["scan", "--format", "ndjson"], {
        onStdout: (text, signal) => {
          // Almost everything but the functions is there.
          if (signalledAt > 0 || text.split("\n").length < 1000) return
          signalledAt = performance.now()
          signal("SIGINT")
        }
      })
      assert.strictEqual(ended.code, 130, ended.stderr)
      assert.isBelow((performance.now() - signalledAt) / 1000, 2)
      const { coverage } = linesOf(ended.stdout).at(-1) as { readonly coverage: Coverage }
      assert.isFalse(coverage.complete)
      assert.isTrue(coverage.table.filter(({ type }) => type === "lambda:function").every(({ outcome }) => outcome === "skipped"))
    }).pipe(Effect.scoped), 60_000)
})

describe("cadastre without AWS", () => {
  it.live("demo: progress on stderr, a complete report on stdout, exit 0", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* cadastre(["demo"])
      assert.strictEqual(code, 0, stderr)
      assert.match(stderr, /Scanning 88 resource types in 17 Regions\n(?:.*cells.*\n)+/u)
      assert.match(stdout, /^Complete: all 1,?400 cells seen in 17 Regions/u)
      assert.match(stdout, /Score: \d+\.\d%/u)
    }), 60_000)

  it.live("types lists the catalogue", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* cadastre(["types", "--format", "json"])
      assert.strictEqual(code, 0)
      const types = JSON.parse(stdout) as ReadonlyArray<{ readonly type: string; readonly actions: ReadonlyArray<string> }>
      assert.strictEqual(types.length, 88)
      assert.isTrue(types.every(({ actions }) => actions.length > 0))
      for (const one of types) {
        assert.hasAllKeys(one, [
          "type", "scope", "actions", "fallbackActions", "tagSource", "cloudFormation", "taggable", "free"
        ])
      }
      const table = yield* cadastre(["types"])
      const [head = "", ...rows] = table.stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/u))
      assert.deepStrictEqual(head, ["Type", "Scope", "CloudFormation", "Tags from", "Taggable", "Free", "IAM actions"])
      assert.deepStrictEqual(rows.map(([type]) => type), types.map(({ type }) => type))
      assert.strictEqual(rows.find(([type]) => type === "glue:table")?.[4], "no")
      assert.deepStrictEqual(rows.find(([type]) => type === "iam:role")?.slice(4, 6), ["yes", "yes"])
    }))

  it.live("--help and --version", () =>
    Effect.gen(function*() {
      const help = yield* cadastre(["--help"])
      assert.strictEqual(help.code, 0)
      for (const command of ["scan", "check", "regions", "types", "demo", "mcp"]) assert.include(help.stdout, command)
      assert.strictEqual((yield* cadastre(["check", "--help"])).code, 0)
      assert.match((yield* cadastre(["--version"])).stdout, /\d+\.\d+\.\d+/u)
    }), 60_000)
})
