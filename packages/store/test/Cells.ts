/** Cells and resources to write down. */
import { AccountId, type Cell, type CellResult, RegionId, type Resource, ResourceType, Tags } from "@cadastre/model"

export const cells: ReadonlyArray<Cell> = ["us-east-1", "eu-west-1"].flatMap((region) =>
  ["ec2:instance", "sqs:queue", "sns:topic"].map((type): Cell => ({
    accountId: AccountId.make("111122223333"),
    region: RegionId.make(region),
    type: ResourceType.ResourceType.make(type)
  }))
)

/** The nth resource of a cell; some of their tags are the kind that gets lost. */
export const resourceOf = (cell: Cell, n: number, round = 0): Resource => ({
  arn: `arn:aws:x:${cell.region}:${cell.accountId}:${cell.type}/${n}`,
  id: `${n}`,
  type: cell.type,
  service: "x",
  accountId: cell.accountId,
  region: cell.region,
  tags: n % 5 === 0
    ? null
    : Tags.fromAws([{ Key: "__proto__", Value: `v${n}` }, { Key: "Owner", Value: `ünï ${"😀".repeat(n % 3)}` }]),
  attributes: { round, list: ["a", "b"], flag: true, none: null },
  sources: ["service-api"],
  observedAt: "2026-11-21T00:00:00.000Z"
})

export const resultOf = (cell: Cell, resources: number, outcome: CellResult["outcome"] = "scanned"): CellResult => ({
  ...cell,
  outcome,
  resources,
  unknownTags: 0,
  calls: 1 + resources,
  durationMs: 12,
  ...(outcome === "scanned" ? {} : { reason: { error: "AccessDenied", message: "no" } })
})
