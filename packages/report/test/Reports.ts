/** Generated reports whose texts try everything. */
import type { Figures, Inventory, Summary } from "@cadastre/aggregation"
import {
  AccountId,
  type CellResult,
  combineSeenBy,
  Coverage,
  type ExplorerIndex,
  type Outcome,
  RegionId,
  type Resource,
  ResourceType,
  type SeenBy,
  type SourceProof
} from "@cadastre/model"
import { Rule, type Violation } from "@cadastre/policy"
import { type Report, type ReportCosts, schemaVersion } from "@cadastre/report"
import * as fc from "fast-check"

const nasty = [
  "__proto__",
  "constructor",
  "toString",
  "",
  " ",
  "a|b",
  "\\|",
  "\\\\|`x`|",
  "line\nfeed\r\ttab",
  "\u001b[2J\u001b]0;title\u0007",
  "\u009b31m",
  "\u202eevil\u202c",
  "\u2066x\u2069\u200f\u061c",
  "zero\u200bwidth\u200dj\ufeff",
  "\u{e0041}\u{e007f}",
  "\ud800lone",
  "\\u{202e}",
  "</td><script>alert(1)</script>",
  "[x](javascript:alert(1)) ![i](http://e.example/i)",
  "```\n# heading\n",
  "<!-- -->&lt;&#124;",
  "| --- | --- |",
  "漢字かな交じり文",
  "👩‍👩‍👧‍👦🇩🇪👍🏽❤️",
  "ảạ̣̣",
  "한글",
  "\u2028\u2029\u0085",
  "\u3164\u115f\u00ad",
  "x".repeat(300),
  "語".repeat(120),
  "=cmd()",
  "-0"
]

/** Any text that a tag may be, and some that it may not. */
export const hostile = fc.oneof(
  fc.constantFrom(...nasty),
  fc.array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 3 })
    .map((parts) => parts.join(""))
)

/** Decoded values have a prototype, and so must those that they are compared with. */
const struct = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>

const nonEmpty = hostile.map((text) => text === "" ? "?" : text)

const records = <A>(values: fc.Arbitrary<A>, keys: fc.Arbitrary<string> = hostile, maxLength = 4) =>
  fc.array(fc.tuple(keys, values), { maxLength })
    .map((entries): Readonly<Record<string, A>> => Object.fromEntries(entries))

export const accounts = ["111122223333", "444455556666"].map((id) => AccountId.make(id))
const regions = ["ap-southeast-3", "eu-west-1", "us-east-1"].map((region) => RegionId.make(region))
const locations = ["global" as const, ...regions]
export const types = ["ec2:instance", "ec2:volume", "s3:bucket"].map((type) => ResourceType.ResourceType.make(type))
const outcomes: ReadonlyArray<Outcome> =
  ["scanned", "denied", "throttled", "timed-out", "failed", "unsupported", "skipped"]

const optional = <K extends string, A>(key: K, value: fc.Arbitrary<A>) =>
  fc.option(value).map((some) => some === null ? {} : { [key]: some }) as fc.Arbitrary<{ readonly [P in K]?: A }>

const natural = fc.nat({ max: 2_000_000 })

const json: fc.Arbitrary<Resource["attributes"][string]> = fc.oneof(
  hostile,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.array(hostile, { maxLength: 2 }),
  records(hostile, hostile, 2)
)

export const resources: fc.Arbitrary<Resource> = fc.tuple(
  struct({
    arn: nonEmpty.map((text) => `arn:aws:x:::${text}`),
    id: nonEmpty,
    type: fc.constantFrom(...types),
    service: nonEmpty,
    accountId: fc.constantFrom(...accounts),
    region: fc.constantFrom(...locations),
    tags: fc.option(records(hostile)),
    attributes: records(json, hostile, 3),
    sources: fc.constantFrom(["service-api"] as const, ["service-api", "tagging-api"] as const),
    observedAt: fc.constant("2026-01-09T09:36:02Z")
  }),
  optional("name", hostile),
  optional("createdAt", hostile),
  optional("state", hostile),
  optional("marks", fc.constantFrom(["default"] as const, ["aws-created", "deleted"] as const))
).map((parts) => Object.assign({}, ...parts) as Resource)

export const violations: fc.Arbitrary<Violation> = fc.tuple(
  struct({
    arn: nonEmpty,
    resourceId: nonEmpty,
    resourceType: fc.constantFrom(...types),
    accountId: fc.constantFrom(...accounts),
    region: fc.constantFrom(...locations),
    tag: hostile,
    rule: fc.constantFrom("missing_required_tag", "invalid_value", "naming_rule"),
    severity: fc.constantFrom("error", "warning"),
    message: hostile
  }),
  optional("currentValue", hostile),
  optional("expected", hostile)
).map((parts) => Object.assign({}, ...parts) as Violation)

const seenBy: fc.Arbitrary<SeenBy> = fc.tuple(
  struct({
    type: fc.constantFrom(...types),
    byAll: natural,
    byOneOnly: natural,
    ghosts: fc.nat({ max: 2 }),
    unconfirmed: fc.nat({ max: 2 }),
    tagsDiffer: fc.nat({ max: 2 }),
    unlisted: fc.nat({ max: 2 })
  }),
  optional("serviceApi", natural),
  optional("taggingApi", natural),
  optional("resourceExplorer", natural)
).map((parts) => Object.assign({}, ...parts) as SeenBy)

const indexes = fc.array(
  fc.tuple(
    struct({ region: fc.constantFrom(...regions), type: hostile, resources: natural }),
    optional("updatedAt", hostile),
    optional("oldestReport", hostile),
    optional("newestReport", hostile)
  ).map((parts) => Object.assign({}, ...parts) as ExplorerIndex),
  { maxLength: 2 }
)

const proof: fc.Arbitrary<SourceProof> = fc.tuple(
  struct({
    seenBy: fc.array(seenBy, { maxLength: 2 }),
    disagreements: fc.array(
      struct({
        kind: fc.constantFrom("ghost" as const, "tags-differ" as const, "unlisted" as const),
        source: fc.constantFrom("tagging-api" as const, "resource-explorer" as const),
        arn: nonEmpty
      }),
      { maxLength: 2 }
    )
  }),
  optional("by", fc.constant("tagging-api" as const)),
  optional("indexes", indexes)
).map((parts) => Object.assign({}, ...parts) as SourceProof)

const cells: fc.Arbitrary<CellResult> = fc.tuple(
  struct({
    accountId: fc.constantFrom(...accounts),
    region: fc.constantFrom(...locations),
    type: fc.constantFrom(...types),
    outcome: fc.constantFrom(...outcomes),
    resources: natural,
    unknownTags: fc.nat({ max: 2 }),
    calls: natural,
    durationMs: natural
  }),
  optional(
    "reason",
    fc.tuple(
      struct({ error: hostile, message: hostile }),
      optional("operation", hostile),
      optional("requestId", hostile)
    ).map((parts) => Object.assign({}, ...parts) as NonNullable<CellResult["reason"]>)
  ),
  optional("proof", proof)
).map((parts) => Object.assign({}, ...parts) as CellResult)

const discovery: fc.Arbitrary<Coverage.Coverage["discovery"]> = fc.oneof(
  fc.constant({ status: "complete", source: "ec2:DescribeRegions", exhaustive: true } as const),
  hostile.map((reason) => ({ status: "fallback", source: "default Region", exhaustive: false, reason }) as const)
)

const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000)

const figures: fc.Arbitrary<Figures> = fc.tuple(
  struct({
    totalResources: natural,
    compliantResources: natural,
    notApplicable: natural,
    notApplicableByReason: records(natural, fc.constantFrom("free", "default", "nothing-required")),
    unknownTags: natural,
    resourcesFound: natural,
    violationCount: natural,
    costAttributionGap: fc.option(natural.map((n) => n / 100))
  }),
  optional("complianceScore", share)
).map((parts) => Object.assign({}, ...parts) as Figures)

const summary: fc.Arbitrary<Summary> = fc.tuple(
  figures,
  struct({
    byRegion: records(figures, fc.constantFrom(...locations)),
    byType: records(figures, fc.constantFrom(...types)),
    byAccount: records(figures, fc.constantFrom(...accounts)),
    byOwner: records(figures),
    byRule: records(natural, fc.constantFrom("missing_required_tag", "invalid_value"))
  }),
  optional("scoreBounds", struct({ lowest: share, highest: share }))
).map((parts) => Object.assign({}, ...parts) as Summary)

const inventory: fc.Arbitrary<Inventory> = struct({
  totalResources: natural,
  unknownTags: natural,
  byRegion: records(natural, fc.constantFrom(...locations)),
  byType: records(natural, fc.constantFrom(...types)),
  byAccount: records(natural, fc.constantFrom(...accounts))
})

/** As formats write it, whether they are given it or not. */
const seenByOf = (cells: ReadonlyArray<CellResult>): Pick<Report, "seenBy"> => {
  const seenBy = combineSeenBy(Coverage.make({ cells, skippedRegions: [], discovery: none }).table.flatMap(({ proof }) => proof?.seenBy ?? []))
  return seenBy.length === 0 ? {} : { seenBy }
}
const none = { status: "complete", source: "request", exhaustive: true } as const

const tops = fc.array(
  struct({
    tag: hostile,
    rule: fc.constantFrom(...Rule.literals),
    severity: fc.constantFrom("error" as const, "warning" as const),
    resources: natural,
    cost: fc.option(fc.constantFrom(0, 0.01, 1234.5)),
    unpriced: natural
  }),
  { maxLength: 3 }
)

const advice = struct({
  storedInHistory: fc.boolean(),
  snapshotId: hostile,
  topViolations: struct({ byCount: tops, byCost: tops }),
  recommendations: fc.array(
    struct({
      kind: fc.constantFrom("see" as const, "read-tags" as const, "set-tag" as const),
      text: hostile,
      examples: fc.array(hostile, { maxLength: 2 }),
      tag: hostile,
      scoreGain: fc.constantFrom(0, 0.125)
    }),
    { maxLength: 3 }
  )
})

const dollars = fc.constantFrom(0, 0.001, 12.5, 1_234_567.89)
const days = fc.constant({ start: "2026-10-01", end: "2026-10-31" })
const unknowns = fc.array(struct({ source: hostile, accountId: hostile, reason: hostile }), { maxLength: 2 })

const costs: fc.Arbitrary<ReportCosts> = fc.oneof(
  struct({ status: fc.constant("unknown" as const), reason: hostile, period: days }),
  struct({
    status: fc.constant("known" as const),
    currency: fc.constantFrom("USD", "CNY"),
    period: days,
    source: hostile,
    total: dollars,
    attributable: dollars,
    gap: dollars,
    gapPercent: fc.option(share),
    gapByKind: struct({ noTag: dollars, wrongValue: dollars, notActivated: dollars, notBackfilled: dollars }),
    untaggable: dollars,
    notApplicable: dollars,
    unseen: dollars,
    spendWeightedScore: fc.option(share),
    spendWeightedScoreBounds: fc.option(struct({ lowest: share, highest: share })),
    violatingResources: natural,
    violatingUnpriced: natural,
    violatingKnown: dollars,
    costliest: fc.array(
      struct({
        arn: hostile.filter((text) => text !== ""),
        type: fc.constantFrom(...types),
        accountId: fc.constantFrom(...accounts),
        region: fc.constantFrom(...locations),
        violations: natural,
        amount: dollars,
        monthly: dollars,
        basis: fc.constantFrom("actual" as const, "allocated" as const, "estimated" as const)
      }),
      { maxLength: 3 }
    ),
    topByCost: tops,
    unknownAccounts: unknowns,
    notUsed: unknowns,
    notes: fc.array(hostile, { maxLength: 2 }),
    paid: struct({ calls: natural, usd: dollars })
  })
)

export const reports: fc.Arbitrary<Report> = struct({
  costs: fc.option(costs),
  advice: fc.option(advice),
  cells: fc.array(cells, { maxLength: 12 }),
  discovery,
  judged: fc.option(fc.tuple(summary, fc.array(violations, { maxLength: 4 }))),
  inventory,
  policy: optional("policy", struct({ source: hostile, hash: hostile })),
  generatedAt: hostile,
  fromCache: fc.boolean(),
  ageSeconds: natural,
  resources: fc.array(resources, { maxLength: 4 })
}).map(({ advice, ageSeconds, cells, costs, discovery, fromCache, generatedAt, inventory, judged, policy, resources }): Report => ({
  schemaVersion,
  kind: judged === null ? "scan" : "check",
  generatedAt,
  scope: {
    partition: "aws",
    accountIds: accounts,
    regions,
    types,
    skippedRegions: [],
    discovery,
    accounts: accounts.map((accountId) => ({ accountId, regions, skippedRegions: [], discovery })),
    unnamedAccounts: []
  },
  ...policy,
  fromCache,
  ageSeconds,
  coverage: Coverage.make({ cells, skippedRegions: [], discovery }),
  ...seenByOf(cells),
  summary: judged?.[0] ?? inventory,
  ...judged === null || costs === null ? {} : { costs },
  ...judged === null ? {} : advice,
  resources,
  violations: judged?.[1] ?? []
}))
