import { ArnCountError, type ValidationOutcome, type ValidationResult } from "@cadastre/compliance"
import { AccountId } from "@cadastre/model"
import { catalog } from "@cadastre/scanners"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { policy, scanCalls, start, until } from "./Bench.ts"
import * as GroundTruth from "./GroundTruth.ts"

type Bench = Effect.Success<ReturnType<typeof start>>
type Resource = Parameters<typeof GroundTruth.isScored>[0]

const account = "111122223333"
const other = "444455556666"
const regions = ["us-east-1", "eu-west-1", "eu-central-1"]

const outcomes = ({ resources }: ValidationResult) => resources.map(({ outcome }) => outcome)

const truthOf = (resource: Resource): ValidationOutcome =>
  !GroundTruth.isScored(resource) ? "not-applicable" : GroundTruth.isCompliant(resource) ? "compliant" : "violating"

/** What was called, as `service:Operation Region`: not what finds out who we are and which Regions there are. */
const called = ({ simulator }: Bench): ReadonlyArray<string> =>
  simulator.calls()
    .filter(({ operation }) => !["GetCallerIdentity", "DescribeRegions", "AssumeRole"].includes(operation))
    .map(({ accountId, operation, region, service }) => `${accountId} ${region} ${service}:${operation}`)

/** IAM's word for some operations is not the API's. */
const operations: Readonly<Record<string, string>> = { "s3:ListAllMyBuckets": "s3:ListBuckets" }
/** The names that services sign with, where the type says another. */
const signedAs: Readonly<Record<string, string>> = { tag: "tagging" }

const allowed = (type: string): ReadonlyArray<string> =>
  catalog.filter((entry) => entry.type === type).flatMap(({ actions, fallbackActions }) => [...actions, ...fallbackActions])
    .map((action) => {
      const [service = "", operation = ""] = (operations[action] ?? action).split(":")
      return `${signedAs[service] ?? service}:${operation}`
    })

/** Services that may be denied in one Region without anything else being so. */
const deniable = ["sqs", "sns", "lambda", "rds", "dynamodb"]

interface Ask {
  readonly arn: string
  readonly outcome: ValidationOutcome
  /** The type and the place that have to be looked at for it. */
  readonly type?: string
  readonly region?: string
}

const asks = fc.record({
  seed: fc.integer({ min: 1, max: 10_000 }),
  denied: fc.uniqueArray(fc.tuple(fc.constantFrom(...deniable), fc.constantFrom(...regions)), { maxLength: 4 }),
  picks: fc.array(
    fc.tuple(
      fc.nat(100_000),
      fc.constantFrom("there", "there", "there", "gone", "never", "foreign account", "foreign partition", "foreign Region",
        "unsupported", "malformed", "qualified")
    ),
    { minLength: 1, maxLength: 25 }
  )
})

describe("validateResources", () => {
  it.live("property: the outcome of every ARN is the ground truth, and only the cells of the ARNs are called", () =>
    Effect.promise(() => fc.assert(fc.asyncProperty(asks, ({ denied, picks, seed }) =>
      Effect.runPromise(Effect.gen(function*() {
        const bench = yield* start({ simulator: { estate: { seed, regions, resources: 150, ghosts: 0.1 } } })
        const { simulator } = bench
        const all = [...simulator.estate.resources()]
        for (const [service, region] of denied) simulator.rule({ match: { service, region }, fault: { type: "deny" } })
        const asked: Array<Ask> = []
        for (const [number, kind] of picks) asked.push(askOf(bench, all, denied, number, kind))
        // Some of what was there when it was asked for has gone since.
        const still = asked.map((ask): Ask => {
          const isGone = ask.type !== undefined && ask.outcome !== "unknown" && ask.outcome !== "not-found" &&
            simulator.estate.find(ask.arn.replace(/:(?:\$LATEST|\*)$/u, "")) === undefined
          return isGone ? { ...ask, outcome: "not-found" } : ask
        })
        const result = yield* bench.compliance.validateResources({ arns: still.map(({ arn }) => arn), policy })
        const expected = new Map(still.map((ask) => [ask.arn, ask]))
        assert.deepStrictEqual(
          result.resources.map(({ arn, outcome }) => [arn, outcome]),
          [...expected.values()].map(({ arn, outcome }) => [arn, outcome]),
          JSON.stringify(result.resources.map(({ message }) => message))
        )
        assert.strictEqual(result.total, expected.size)
        assert.strictEqual(result.compliant, outcomes(result).filter((one) => one === "compliant").length)
        assert.strictEqual(result.complete, !outcomes(result).includes("unknown"))
        for (const { arn, outcome, violations } of result.resources) {
          if (outcome !== "violating") continue
          const errors = violations.filter(({ severity }) => severity === "error").map(({ tag }) => `${arn} ${tag}`)
          const there = simulator.estate.find(arn.replace(/:(?:\$LATEST|\*)$/u, ""))!
          assert.deepStrictEqual(errors, GroundTruth.errorsOf(there).map((error) => error.replace(there.arn, arn)))
        }
        const needed = new Set(still.flatMap(({ region, type }) =>
          type === undefined ? [] : allowed(type).flatMap((call) => {
            // What is global is listed in the home Region; the tags of buckets are where these live.
            const places = region !== "global" ? [region] : call.startsWith("tagging:") ? regions : ["us-east-1"]
            return places.map((place) => `${account} ${place} ${call}`)
          })))
        // Of what there is no scanner for, the tagging API alone is asked.
        for (const { outcome } of still) if (outcome === "unsupported") needed.add(`${account} eu-west-1 tagging:GetResources`)
        assert.deepStrictEqual(called(bench).filter((call) => !needed.has(call)), [])
      }).pipe(Effect.scoped))), { numRuns: 100 })), 120_000)

  it.live("a non-existent ARN is never compliant, also where the tagging API still lists it", () =>
    Effect.gen(function*() {
      const bench = yield* start({ simulator: { estate: { seed: 5, regions, resources: 0, counts: { "sns:topic": { "eu-west-1": 6 } } } } })
      const { compliance, simulator } = bench
      const topics = [...simulator.estate.resources()]
      for (const { arn } of topics) simulator.estate.tag(arn, { Owner: "a", Environment: "test", CostCenter: "CC-1000" })
      const gone = topics[0]!.arn
      simulator.estate.delete(gone)
      assert.isDefined(simulator.estate.taggingEntry(account, "eu-west-1", gone))
      const never = `${topics[1]!.arn}-that-never-was`
      const result = yield* compliance.validateResources({ arns: [gone, never, topics[2]!.arn], policy })
      assert.deepStrictEqual(outcomes(result), ["not-found", "not-found", "compliant"])
      assert.include(result.resources[0]!.message, "not among sns:topic of account 111122223333, eu-west-1")
      assert.isTrue(result.complete)
    }).pipe(Effect.scoped))

  it.live("an SNS topic ARN is judged by what SNS says, an SNS subscription is unsupported: never compliant", () =>
    Effect.gen(function*() {
      const bench = yield* start({ simulator: { estate: { seed: 5, regions, resources: 0, counts: { "sns:topic": { "eu-west-1": 3 } } } } })
      const [topic] = [...bench.simulator.estate.resources()]
      bench.simulator.estate.tag(topic!.arn, {})
      const result = yield* bench.compliance.validateResources({ arns: [topic!.arn, `${topic!.arn}:5c0b5d5e-0000`], policy })
      assert.deepStrictEqual(outcomes(result), ["violating", "unsupported"])
      assert.deepStrictEqual(result.resources[0]!.violations.map(({ tag }) => tag), ["Owner", "Environment", "CostCenter"])
    }).pipe(Effect.scoped))

  it.live("of a type without a scanner the tags of the tagging API are shown, and it is never compliant", () =>
    Effect.gen(function*() {
      const bench = yield* start({ simulator: { estate: { seed: 5, regions, resources: 0, others: 3 } } })
      const others = bench.simulator.estate.others(account, "eu-west-1").filter(({ arn }) => arn.includes(":transfer:"))
      const tagged = others.find(({ tags }) => Object.keys(tags).length > 0)!
      const unknown = `${tagged.arn}x`
      const result = yield* bench.compliance.validateResources({ arns: [tagged.arn, unknown], policy })
      assert.deepStrictEqual(outcomes(result), ["unsupported", "unsupported"])
      assert.deepStrictEqual(result.resources[0]!.tags, tagged.tags)
      assert.notProperty(result.resources[1], "tags")
      assert.deepStrictEqual(called(bench), [`${account} eu-west-1 tagging:GetResources`])
    }).pipe(Effect.scoped))

  it.live("same-named functions in two Regions keep all violations", () =>
    Effect.gen(function*() {
      const { check, compliance, simulator } = yield* start({
        simulator: { estate: { seed: 5, regions, resources: 0, counts: { "lambda:function": { "eu-west-1": 3, "us-east-1": 3 } } } }
      })
      const [one] = [...simulator.estate.resources({ region: "eu-west-1" })]
      // AWS keeps names unique in a Region only: the same name is looked for in both.
      const twin = [...simulator.estate.resources({ region: "us-east-1" })].find(({ name }) => name === one!.name)
      const arns = [one!.arn, (twin ?? [...simulator.estate.resources({ region: "us-east-1" })][0]!).arn]
      for (const arn of arns) simulator.estate.tag(arn, {})
      const { violations } = yield* check({ policy, types: ["lambda"] })
      const result = yield* compliance.validateResources({ arns, policy })
      for (const [at, arn] of arns.entries()) {
        assert.deepStrictEqual(violations.filter((violation) => violation.arn === arn).map(({ tag }) => tag),
          ["CostCenter", "Environment", "Owner"])
        assert.sameMembers(result.resources[at]!.violations.map(({ tag }) => tag), ["Owner", "Environment", "CostCenter"])
      }
    }).pipe(Effect.scoped))

  it.live("account filter does not drop buckets: they are found in whichever account has them", () =>
    Effect.gen(function*() {
      const bench = yield* start({
        accounts: { _tag: "List", accounts: [AccountId.make(account), AccountId.make(other)] },
        simulator: { estate: { seed: 5, accounts: [account, other], regions, resources: 0, counts: { "s3:bucket": 8 } } }
      })
      const { check, compliance, simulator } = bench
      const buckets = [...simulator.estate.resources()]
      assert.sameMembers([...new Set(buckets.map(({ accountId }) => accountId))], [account, other])
      const arns = buckets.map(({ arn }) => arn)
      const result = yield* compliance.validateResources({ arns, policy })
      assert.deepStrictEqual(outcomes(result), buckets.map(truthOf))
      assert.deepStrictEqual<ReadonlyArray<unknown>>(result.resources.map(({ accountId, region }) => [accountId, region]),
        buckets.map(({ accountId, region }) => [accountId, region]))
      for (const id of [account, other]) {
        const own = buckets.filter(({ accountId }) => accountId === id)
        assert.strictEqual((yield* check({ policy, types: ["s3:bucket"], accounts: [id] })).resourcesFound, own.length)
        const narrowed = yield* compliance.validateResources({ arns, policy, accounts: [id] })
        assert.deepStrictEqual(outcomes(narrowed), buckets.map((bucket) => bucket.accountId === id ? truthOf(bucket) : "not-found"))
      }
    }).pipe(Effect.scoped))

  it.live("a bucket that was not found is unknown while another account could not be seen", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        accounts: { _tag: "List", accounts: [AccountId.make(account), AccountId.make(other)] },
        simulator: { estate: { seed: 5, accounts: [account, other], regions, resources: 0, counts: { "s3:bucket": 8 } } }
      })
      simulator.rule({ match: { service: "s3", account: other }, fault: { type: "deny" } })
      const buckets = [...simulator.estate.resources()]
      const result = yield* compliance.validateResources({ arns: [...buckets.map(({ arn }) => arn), "arn:aws:s3:::nowhere"], policy })
      assert.deepStrictEqual(outcomes(result), [
        ...buckets.map((bucket) => bucket.accountId === account ? truthOf(bucket) : "unknown" as const), "unknown"
      ])
      const unknown = result.resources.find(({ outcome }) => outcome === "unknown")
      const { accountId, outcome, region, type } = unknown!.cell!
      assert.deepStrictEqual<ReadonlyArray<string>>([accountId, region, type, outcome], [other, "global", "s3:bucket", "denied"])
      assert.isFalse(result.complete)
    }).pipe(Effect.scoped))

  it.live("a denied cell is unknown with the reason, and the rest is judged", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start()
      simulator.rule({ match: { service: "sqs", region: "eu-west-1" }, fault: { type: "deny", by: "scp" } })
      const queue = `arn:aws:sqs:eu-west-1:${account}:orders`
      const [instance] = [...simulator.estate.resources({ type: "ec2:volume" })]
      const result = yield* compliance.validateResources({ arns: [queue, instance!.arn], policy })
      assert.deepStrictEqual(outcomes(result), ["unknown", truthOf(instance!)])
      assert.strictEqual(result.resources[0]!.cell?.outcome, "denied")
      assert.include(result.resources[0]!.message, "service control policy")
    }).pipe(Effect.scoped))

  it.live("tags that cannot be read are neither compliant nor a violation", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        simulator: { estate: { seed: 7, regions, resources: 0, counts: { "sns:topic": { "us-east-1": 4 } } } }
      })
      simulator.rule({ match: { service: "tagging" }, fault: { type: "deny" } })
      simulator.rule({ match: { service: "sns", operation: "ListTagsForResource", nth: [1, 2] }, fault: { type: "deny" } })
      const topics = [...simulator.estate.resources()]
      const result = yield* compliance.validateResources({ arns: topics.map(({ arn }) => arn), policy })
      assert.strictEqual(result.unknownTags, 2)
      assert.isFalse(result.complete)
      for (const { arn, outcome, tags } of result.resources) {
        if (outcome === "unknown-tags") assert.isNull(tags)
        else assert.strictEqual(outcome, truthOf(topics.find((topic) => topic.arn === arn)!))
      }
    }).pipe(Effect.scoped))

  it.live("aliases mean the resource; parts and what is no ARN do not", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        simulator: {
          estate: {
            seed: 7, regions, resources: 0,
            counts: { "lambda:function": { "eu-west-1": 1 }, "logs:log-group": { "eu-west-1": 1 }, "s3:bucket": 1, "ec2:snapshot": { "eu-west-1": 1 },
              "ecs:service": { "eu-west-1": 3 } }
          }
        }
      })
      const of = (type: string) => [...simulator.estate.resources()].filter((one) => one.type === type)
      const [fn] = of("lambda:function")
      const [group] = of("logs:log-group")
      const [bucket] = of("s3:bucket")
      const [snapshot] = of("ec2:snapshot")
      const services = of("ecs:service")
      const oldForm = (arn: string) => arn.replace(/service\/[^/]+\//u, "service/")
      const cases: ReadonlyArray<readonly [arn: string, Resource | ValidationOutcome]> = [
        [`${fn!.arn}:1`, fn!],
        [`${fn!.arn}:$LATEST`, fn!],
        [`${fn!.arn}:live`, fn!],
        [`${fn!.arn}:live:more`, "unsupported"],
        [`${group!.arn}:*`, group!],
        [`${group!.arn}:log-stream:a`, "unsupported"],
        [snapshot!.arn.replace(`:${account}:`, "::"), snapshot!],
        [`${bucket!.arn}/a/key`, "unsupported"],
        ...services.map(({ arn }) => [oldForm(arn), services.filter((one) => oldForm(one.arn) === oldForm(arn)).length > 1
          ? "unknown" as const
          : services.find((one) => one.arn === arn)!] as const),
        ["arn:aws:iam::aws:policy/ReadOnlyAccess", "not-in-scope"],
        [`arn:aws:states:eu-west-1:${account}:stateMachine:a:1`, "unsupported"],
        ["arn:aws:sns", "invalid-arn"],
        ["", "invalid-arn"],
        ["\u202earn:aws:s3:::x", "invalid-arn"]
      ]
      const result = yield* compliance.validateResources({ arns: cases.map(([arn]) => arn), policy })
      assert.deepStrictEqual(
        result.resources.map(({ arn, outcome, resourceArn }) => [arn, resourceArn ?? outcome, outcome]),
        [...new Map(cases)].map(([arn, one]) => typeof one === "string" ? [arn, one, one] : [arn, one.arn, truthOf(one)])
      )
      assert.include(result.resources.find(({ arn }) => arn.endsWith("/a/key"))!.message, bucket!.arn)
    }).pipe(Effect.scoped))

  it.live("every type of the catalogue is found by its ARN, in whatever form its service writes it", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        simulator: { estate: { seed: 7, regions: ["us-east-1"], resources: 3000, types: "all" } }
      })
      const byType = Map.groupBy(simulator.estate.resources(), ({ type }) => type)
      assert.isAbove(byType.size, 80)
      const arns = [...byType.values()].map(([first]) => first!.arn)
      const result = yield* compliance.validateResources({ arns, policy })
      assert.deepStrictEqual(result.resources.filter(({ arn, resourceArn }) => resourceArn !== arn), [])
      assert.deepStrictEqual<ReadonlyArray<unknown>>(result.resources.map(({ type }) => type), [...byType.keys()])
    }).pipe(Effect.scoped), 30_000)

  it.live("what is named twice is answered once, in order; fewer than 1 and more than 100 are refused before any call", () =>
    Effect.gen(function*() {
      const bench = yield* start({ simulator: { estate: { seed: 5, regions, resources: 0, counts: { "sqs:queue": { "eu-west-1": 3 } } } } })
      const { compliance, simulator } = bench
      const [a, b] = [...simulator.estate.resources()].map(({ arn }) => arn)
      for (const arns of [[], Array.from({ length: 101 }, () => a!)]) {
        const error = yield* Effect.flip(compliance.validateResources({ arns, policy }))
        assert.instanceOf(error, ArnCountError)
        assert.include(error.message, "1 to 100 ARNs")
      }
      assert.deepStrictEqual(simulator.calls(), [])
      const result = yield* compliance.validateResources({ arns: [b!, a!, ` ${b!} `], policy })
      assert.deepStrictEqual(result.resources.map(({ arn }) => arn), [b!, a!])
    }).pipe(Effect.scoped))

  it.live("once all were found, the rest is not listed", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        simulator: { estate: { seed: 5, regions: ["us-east-1"], resources: 0, counts: { "ec2:volume": { "us-east-1": 20_000 } } } }
      })
      const first = simulator.estate.resource(account, "us-east-1", "ec2:volume", 0)!
      const result = yield* compliance.validateResources({ arns: [first.arn], policy })
      assert.deepStrictEqual(outcomes(result), [truthOf(first)])
      assert.isBelow(scanCalls(simulator, "DescribeVolumes"), 20)
    }).pipe(Effect.scoped))

  it.live("a scan that is stopped leaves what was not seen unknown", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start()
      simulator.rule({ match: { service: "sqs" }, fault: { type: "hang" } })
      const [volume] = [...simulator.estate.resources({ type: "ec2:volume" })]
      const result = yield* compliance.validateResources(
        { arns: [volume!.arn, `arn:aws:sqs:eu-west-1:${account}:orders`], policy },
        { stop: until(() => simulator.calls().some(({ service }) => service === "sqs") && scanCalls(simulator, "DescribeVolumes") > 0) }
      )
      assert.strictEqual(result.resources[1]!.outcome, "unknown")
      assert.strictEqual(result.resources[1]!.cell?.outcome, "skipped")
    }).pipe(Effect.scoped))

  it.live("where Regions could not be listed, the one that an ARN names is asked", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start()
      for (const service of ["ec2", "account"]) {
        simulator.rule({ match: { service, operation: ["DescribeRegions", "ListRegions"] }, fault: { type: "deny" } })
      }
      const [queue] = [...simulator.estate.resources({ type: "sqs:queue", region: "eu-central-1" })]
      const result = yield* compliance.validateResources({ arns: [queue!.arn, `${queue!.arn}x`], policy })
      assert.deepStrictEqual(outcomes(result), [truthOf(queue!), "not-found"])
    }).pipe(Effect.scoped))

  it.live("a bucket in a Region that is left out is not said to be missing", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({
        settings: { ALLOWED_REGIONS: "eu-west-1" },
        simulator: { estate: { seed: 5, regions, resources: 0, counts: { "s3:bucket": 12 } } }
      })
      const buckets = [...simulator.estate.resources()]
      const arns = [...buckets.map(({ arn }) => arn), `arn:aws:sqs:us-east-1:${account}:orders`]
      const result = yield* compliance.validateResources({ arns, policy })
      assert.deepStrictEqual(outcomes(result), [
        ...buckets.map((bucket) => bucket.region === "eu-west-1" ? truthOf(bucket) : "unknown" as const), "not-in-scope"
      ])
    }).pipe(Effect.scoped))
})

/** One ARN to ask for, and what is true of it. */
const askOf = (
  { simulator }: Bench,
  all: ReadonlyArray<Resource>,
  denied: ReadonlyArray<readonly [string, string]>,
  number: number,
  kind: string
): Ask => {
  const resource = all[number % all.length]!
  const { arn, type } = resource
  const global = type === "s3:bucket" || resource.region === "global"
  const at = { type, region: global ? "global" : resource.region }
  const isDenied = denied.some(([service, region]) => type.startsWith(`${service}:`) && region === resource.region)
  const of = (outcome: ValidationOutcome): Ask => ({ arn, ...at, outcome: isDenied ? "unknown" : outcome })
  switch (kind) {
    case "there":
      return of(truthOf(resource))
    case "qualified":
      return type === "lambda:function" ? { ...of(truthOf(resource)), arn: `${arn}:$LATEST` } : of(truthOf(resource))
    case "gone":
      if (simulator.estate.find(arn) !== undefined) simulator.estate.delete(arn)
      return of("not-found")
    case "never":
      return { ...of("not-found"), arn: `${arn}0` }
    case "foreign account":
      return { arn: `arn:aws:sqs:eu-west-1:999999999999:q${number}`, outcome: "not-in-scope" }
    case "foreign partition":
      return { arn: `arn:aws-cn:sqs:cn-north-1:${account}:q${number}`, outcome: "not-in-scope" }
    case "foreign Region":
      return { arn: `arn:aws:sqs:ap-south-1:${account}:q${number}`, outcome: "not-in-scope" }
    case "unsupported":
      return { arn: `arn:aws:transfer:eu-west-1:${account}:server/s-${number}`, outcome: "unsupported" }
    default:
      return { arn: `arn:aws:sqs:${number}`, outcome: "invalid-arn" }
  }
}
