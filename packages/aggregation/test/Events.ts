/**
 * Scans as fast-check draws them: a hidden estate, and the events of a scan that
 * saw some of it.
 */
import {
  AccountId,
  type Cell,
  type CellResult,
  type Mark,
  type Outcome,
  RegionId,
  type Resource,
  ResourceType,
  type ScanEvent,
  type ScanScope
} from "@cadastre/model"
import type { TagPolicy } from "@cadastre/policy"
import * as fc from "fast-check"

export const accounts = ["111122223333", "444455556666"].map((id) => AccountId.make(id))
export const regions = ["eu-west-1", "us-east-1", "us-west-2"].map((id) => RegionId.make(id))
const types = ["ec2:instance", "s3:bucket", "sns:topic"].map((type) => ResourceType.ResourceType.make(type))

/** Instances and buckets need an owner; topics need nothing. */
export const policy: TagPolicy = {
  required_tags: [
    { name: "Owner", applies_to: ["ec2:instance", "s3:bucket"] },
    { name: "Env", applies_to: ["ec2:instance", "s3:bucket"], allowed_values: ["a", "b"], severity: "warning" }
  ]
}

/** One hidden cell: all that is there, and how the scan of it ended. `undefined`: it never ended. */
export interface HiddenCell {
  readonly cell: Cell
  readonly outcome: Outcome | undefined
  readonly pages: ReadonlyArray<ReadonlyArray<Resource>>
  /** What the unknown tags really are, by ARN. */
  readonly truth: ReadonlyMap<string, Resource["tags"]>
}

export interface HiddenScan {
  readonly scope: ScanScope
  readonly cells: ReadonlyArray<HiddenCell>
}

const values = fc.constantFrom("a", "b", "c", "", " ", "__proto__", "constructor", "10", "9", "😀", "team/x")
const keys = fc.constantFrom("Owner", "Owner", "Owner", "Env", "Env", "__proto__", "toString", "Name")
const tags = fc.array(fc.tuple(keys, values), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs))

interface Draft {
  readonly n: number
  readonly tags: Readonly<Record<string, string>>
  readonly readable: boolean
  readonly mark: Mark | undefined
  readonly place: number
}

const drafts: fc.Arbitrary<Draft> = fc.record({
  n: fc.nat(30),
  tags,
  readable: fc.constantFrom(true, true, true, true, false),
  mark: fc.constantFrom<Mark | undefined>(
    undefined,
    undefined,
    undefined,
    undefined,
    "aws-created",
    "default",
    "deleted"
  ),
  place: fc.nat(regions.length - 1)
})

const resourceOf = (cell: Cell, draft: Draft): Resource => {
  const isBucket = cell.type === "s3:bucket"
  const region = isBucket ? regions[draft.place]! : cell.region
  return {
    // Instances of two Regions may share an ARN: nothing but the cell keeps them apart.
    arn: `arn:aws:${cell.type.replace(":", ":::")}-${draft.n}`,
    id: `r-${draft.n}`,
    type: cell.type,
    service: ResourceType.serviceOf(cell.type),
    accountId: cell.accountId,
    region,
    tags: draft.readable ? draft.tags : null,
    attributes: {},
    ...(draft.mark === undefined ? {} : { marks: [draft.mark] as const }),
    sources: ["service-api"],
    observedAt: "2026-01-01T00:00:00.000Z"
  }
}

const outcomes = fc.constantFrom<Outcome | undefined>(
  "scanned",
  "scanned",
  "scanned",
  "scanned",
  "scanned",
  "scanned",
  "denied",
  "throttled",
  "timed-out",
  "failed",
  "unsupported",
  "skipped",
  undefined
)

export const cellsOf = (accountIds: ReadonlyArray<AccountId>, places: ReadonlyArray<RegionId>): ReadonlyArray<Cell> =>
  accountIds.flatMap((accountId) =>
    types.flatMap((type): ReadonlyArray<Cell> =>
      type === "s3:bucket"
        ? [{ accountId, region: "global", type }]
        : places.map((region) => ({ accountId, region, type }))
    )
  )

const hiddenCell = (cell: Cell): fc.Arbitrary<HiddenCell> =>
  fc
    .tuple(outcomes, fc.uniqueArray(drafts, { selector: ({ n }) => n, maxLength: 6 }), fc.integer({ min: 1, max: 3 }))
    .map(([outcome, drafts, pageSize]) => {
      // Where the service does not exist, there is nothing.
      const all = outcome === "unsupported" ? [] : drafts
      const resources = all.map((draft) => resourceOf(cell, draft))
      const pages: Array<ReadonlyArray<Resource>> = []
      for (let at = 0; at < resources.length; at += pageSize) pages.push(resources.slice(at, at + pageSize))
      return { cell, outcome, pages, truth: new Map(all.map((draft) => [resourceOf(cell, draft).arn, draft.tags])) }
    })

const discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true } as const

export const hiddenScans: fc.Arbitrary<HiddenScan> = fc
  .tuple(fc.subarray(accounts, { minLength: 1 }), fc.subarray(regions, { minLength: 1 }))
  .chain(([accountIds, places]) =>
    fc.tuple(...cellsOf(accountIds, places).map(hiddenCell)).map((cells): HiddenScan => ({
      scope: {
        partition: "aws",
        accountIds,
        regions: places,
        types,
        skippedRegions: regions.filter((region) => !places.includes(region)),
        discovery,
        accounts: accountIds.map((accountId) => ({ accountId, regions: places, skippedRegions: [], discovery })),
        unnamedAccounts: []
      },
      cells
    }))
  )

export const resultOf = ({ cell, outcome, pages }: HiddenCell): CellResult | undefined => {
  if (outcome === undefined) return undefined
  const found = pages.flat()
  return {
    ...cell,
    outcome,
    resources: found.length,
    unknownTags: found.filter(({ tags }) => tags === null).length,
    calls: pages.length + 1,
    durationMs: 7,
    ...(outcome === "scanned" ? {} : { reason: { error: outcome, message: `it was ${outcome}` } })
  }
}

export const eventsOf = ({ cells, scope }: HiddenScan): ReadonlyArray<ScanEvent> => [
  { _tag: "ScanStarted", scope, cells: cells.map(({ cell }) => cell), startedAt: "2026-01-01T00:00:00.000Z" },
  ...cells.flatMap((hidden): ReadonlyArray<ScanEvent> => {
    const result = resultOf(hidden)
    return [
      ...hidden.pages.map((resources): ScanEvent => ({ _tag: "ResourcesFound", cell: hidden.cell, resources })),
      ...(result === undefined ? [] : [{ _tag: "CellEnded", result } as const]),
      { _tag: "Progress", cells: cells.length, cellsEnded: 1, resources: 0, calls: 0, throttles: 0, elapsedMs: 0 }
    ]
  })
]

/** What a resource costs, in millionths of a dollar; now and then nobody knows. */
export const costMicros = ({ arn }: Resource): number | undefined => {
  const n = Number(/\d+$/u.exec(arn)?.[0] ?? 0)
  return n === 13 ? undefined : n * 1_234_567 + 1
}
