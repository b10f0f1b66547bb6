/**
 * The money: whose it is, what nobody can be asked about, and where most of that is.
 *
 * @since 0.1.0
 */
import * as CostText from "../../CostText.ts"
import { grouped } from "../../CoverageText.ts"
import * as Bar from "../Bar.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import * as Pages from "../Pages.ts"
import type { PageView } from "../PageView.ts"

/** @since 0.1.0 */
export function* costs(view: PageView): Iterable<Markup> {
  const { longest, report: { costs }, whyNoCosts } = view
  if (costs === undefined) {
    if (whyNoCosts !== undefined) yield html`<section class="card" aria-labelledby="costs"><h2 id="costs">Costs</h2><p class="soft">${whyNoCosts}</p></section>\n`
    return
  }
  yield html`<section class="card" aria-labelledby="costs"><h2 id="costs">Cost attribution gap by kind</h2>\n`
  if (costs.status === "known") yield* kindsOf(view, costs)
  const facts = CostText.facts(costs).filter(([name]) => !inTable.has(name))
  yield html`<dl class="list">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${DataTable.cut(value, longest)}</dd>\n`)}</dl>\n`
  if (costs.status === "known" && costs.notes.length > 0) {
    yield html`<details><summary>Notes on these figures (${grouped(costs.notes.length)})</summary><ul>${costs.notes.map((note) => html`<li>${DataTable.cut(note, longest)}</li>\n`)}</ul></details>\n`
  }
  yield html`</section>\n`
}

/** Facts that the table of the kinds has already. */
const inTable: ReadonlySet<string> = new Set(["Cannot be tagged", "Not known whose"])

type Known = Extract<CostText.ReportCosts, { status: "known" }>

interface Part {
  readonly name: string
  readonly value: number
  readonly key: number
}

const partsOf = ({ attributable, gapByKind, notApplicable, unseen, untaggable }: Known): ReadonlyArray<Part> => [
  { name: "Attributable", value: attributable, key: 1 },
  { name: "Gap: a required tag is missing", value: gapByKind.noTag, key: 2 },
  { name: "Gap: a wrong value", value: gapByKind.wrongValue, key: 3 },
  { name: "Gap: tagged, key not activated for costs", value: gapByKind.notActivated, key: 4 },
  { name: "Gap: tagged, not back-filled", value: gapByKind.notBackfilled, key: 5 },
  { name: "Cannot be tagged (tax, support …)", value: untaggable, key: 6 },
  { name: "The policy asks nothing of it", value: notApplicable, key: 7 },
  { name: "Not known whose", value: unseen, key: 8 }
]

function* kindsOf(view: PageView, costs: Known): Iterable<Markup> {
  const parts = partsOf(costs)
  yield Bar.stacked(parts)
  yield* DataTable.pieces(view, {
    id: "kinds",
    caption: "Spend by whose it is",
    isQuiet: true,
    columns: [{ title: "Part", kind: "long" }, { title: "Spend", kind: "number" }, { title: "Share", kind: "number" }],
    items: parts,
    row: ({ key, name, value }) => [
      [Bar.key(key), name],
      CostText.amount(value, costs.currency),
      costs.total > 0 ? shareOf(value / costs.total) : "–"
    ]
  })
}

/** What is not nothing is never rounded to it. */
const shareOf = (share: number): string => share > 0 && share < 0.001 ? "< 0.1%" : `${(share * 100).toFixed(1)}%`

/** Where the untagged money is: by group, and by resource. */
export function* untagged(view: PageView): Iterable<Markup> {
  const { pages, report: { costs } } = view
  if (costs?.status !== "known") return
  const groups = (costs.breakdown ?? []).filter(({ gap }) => gap > 0)
  const rows = CostText.rows(costs, Number.POSITIVE_INFINITY)
  if (groups.length === 0 && rows.length === 0) return
  const largest = groups[0]?.gap ?? 1
  yield html`<section class="card" aria-labelledby="untagged"><h2 id="untagged">Untagged spend</h2>\n`
  if (groups.length > 0) {
    yield* DataTable.pieces(view, {
      id: "untagged",
      size: 12,
      caption: "Gap by group, the largest first",
      isQuiet: true,
      columns: [
        { title: costs.groupBy === undefined || costs.groupBy === "resource_type" ? "Type" : "Group", kind: "head" },
        { title: "", kind: "bar" },
        { title: "Gap", kind: "number" },
        { title: "Of its spend", kind: "number" },
        { title: "No tag", kind: "number" },
        { title: "Wrong value", kind: "number" }
      ],
      items: groups,
      row: ({ gap, gapByKind, group, total }) => [
        group,
        Bar.share(gap / largest),
        CostText.amount(gap, costs.currency),
        total > 0 ? shareOf(gap / total) : "–",
        CostText.amount(gapByKind.noTag, costs.currency),
        CostText.amount(gapByKind.wrongValue, costs.currency)
      ]
    })
  }
  if (rows.length > 0) {
    yield html`${Pages.folded(pages, "costliest")}<summary>What costs most and does not comply (${grouped(rows.length)})</summary>\n`
    yield* DataTable.pieces(view, {
      id: "costliest",
      caption: "What costs most and does not comply",
      isQuiet: true,
      columns: CostText.columns.map(({ title }) =>
        title === "Resource" ? { title, kind: "arn" } : title === "Monthly" || title === "Violations" ? { title, kind: "number" } : { title }),
      items: rows,
      row: (row) => row
    })
    yield html`</details>\n`
  }
  yield html`</section>\n`
}
