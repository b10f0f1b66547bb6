/**
 * What was seen and what was not: in words, by account and Region, and by reason.
 *
 * @since 0.1.0
 */
import type { CellResult, Outcome, ScanScope } from "@cadastre/model"
import { count, grouped, headline, remarks, unseen, whereOf } from "../../CoverageText.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import * as Pages from "../Pages.ts"
import type { PageView } from "../PageView.ts"

/**
 * How much was seen, in sentences: it stands before all figures.
 *
 * @since 0.1.0
 */
export function* sentences({ longest, report: { coverage } }: PageView): Iterable<Markup> {
  const all = remarks(coverage).map((remark) => html`<p>${DataTable.cut(remark, longest)}</p>\n`)
  // Of an organisation there may be one for each of a thousand indexes.
  yield html`<section class="${coverage.complete ? "all" : "part"}" aria-label="What was seen">
<p><strong>${DataTable.cut(headline(coverage), longest)}</strong></p>
${all.slice(0, mostRemarks)}${
    all.length <= mostRemarks
      ? undefined
      : html`<details><summary>And ${count(all.length - mostRemarks, "remark more", "remarks more")}</summary>${all.slice(mostRemarks)}</details>`
  }</section>\n`
}

const mostRemarks = 8

/** The cells of one account in one Region. */
interface Place {
  readonly accountId: string
  readonly region: string
  readonly outcomes: Map<Outcome, number>
  resources: number
}

const outcomes: ReadonlyArray<Outcome> = ["scanned", "denied", "throttled", "timed-out", "failed", "skipped", "unsupported"]

const words = (outcome: Outcome): string => outcome.replace("-", " ")

/**
 * Accounts × Regions, each with what became of its cells; those that were seen
 * least come first.
 *
 * @since 0.1.0
 */
export function* matrix(view: PageView): Iterable<Markup> {
  const { longest, pages, report: { coverage, scope } } = view
  const places = placesOf(coverage.table)
  if (places.size === 0) return
  const all = [...places.values()]
  const regions = [...new Set(all.map(({ region }) => region))].toSorted(byRegion)
  const byAccount = Map.groupBy(all, ({ accountId }) => accountId)
  const accounts = [...byAccount.keys()].toSorted((a, b) => unseenIn(byAccount.get(b)!) - unseenIn(byAccount.get(a)!) || (a < b ? -1 : 1))
  const { nav, rows: shown } = Pages.slice(pages, "accounts", accounts)
  const names = namesOf(scope)
  yield html`<section class="card" aria-labelledby="coverage"><h2 id="coverage">Coverage</h2>
<p class="soft">${count(accounts.length, "account")}, ${count(regions.length, "place")}: how many cells (one for each resource type) were seen.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Coverage by account and Region">
<table class="matrix"><caption class="quiet">Coverage by account and Region</caption>
<thead><tr><th scope="col">Account</th>${regions.map((region) => html`<th scope="col"><span>${region}</span></th>`)}</tr></thead>
<tbody>
`
  for (const accountId of shown) {
    const name = names.get(accountId)
    yield html`<tr><th scope="row">${accountId}${name === undefined ? undefined : html`<small title="${DataTable.cut(name, longest)}">${DataTable.cut(name, longest)}</small>`}</th>${
      regions.map((region) => squareOf(places.get(`${accountId} ${region}`)))
    }</tr>\n`
  }
  yield html`</tbody></table></div>\n${nav}
<ul class="legend"><li><span class="seen">✓ 9</span>all seen</li><li><span class="some">◐ 7/9</span>seen in part</li>
<li><span class="unseen">✕</span>not seen, and why</li><li><span class="away">n/a</span>no such service there</li><li><span class="nocell">–</span>not looked at</li></ul>
`
  yield* reasons(view)
  const rows = all.toSorted((a, b) => unseenIn([b]) - unseenIn([a]) || byText(a.accountId, b.accountId) || byRegion(a.region, b.region))
  yield html`${Pages.folded(pages, "cells")}<summary>The same as numbers</summary>\n`
  yield* DataTable.pieces(view, {
    id: "cells",
    caption: "Cells by how they ended",
    isQuiet: true,
    columns: [
      { title: "Account", kind: "head" },
      { title: "Region" },
      ...outcomes.map((outcome) => ({ title: words(outcome), kind: "number" as const })),
      { title: "Resources", kind: "number" }
    ],
    items: rows,
    row: ({ accountId, outcomes: ended, region, resources }) => [
      accountId,
      region,
      ...outcomes.map((outcome) => grouped(ended.get(outcome) ?? 0)),
      grouped(resources)
    ]
  })
  yield html`</details></section>\n`
}

/** Cells that were not seen, by the reason. */
function* reasons(view: PageView): Iterable<Markup> {
  const { pages, report: { coverage, scope } } = view
  const groups = unseen(coverage)
  if (groups.length === 0) return
  const cells = groups.reduce((sum, { cells }) => sum + cells, 0)
  yield html`${Pages.folded(pages, "reasons")}<summary>Why not everything was seen (${count(groups.length, "reason")}, ${count(cells, "cell")})</summary>\n`
  yield* DataTable.pieces(view, {
    id: "reasons",
    caption: "What was not seen, and why",
    isQuiet: true,
    columns: [
      { title: "Cells", kind: "number" },
      { title: "Outcome" },
      { title: "Error" },
      { title: "Operation", kind: "long" },
      { title: "Message", kind: "long" },
      { title: "Where", kind: "long" }
    ],
    items: groups,
    row: (group) => {
      const { cells, error, message, operation, outcome } = group
      return [grouped(cells), outcome, error, operation, message, whereOf(group, scope.accountIds.length > 1)]
    }
  })
  yield html`</details>\n`
}

const placesOf = (table: ReadonlyArray<CellResult>): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>()
  for (const { accountId, outcome, region, resources } of table) {
    const key = `${accountId} ${region}`
    const place = places.get(key) ?? { accountId, region, outcomes: new Map<Outcome, number>(), resources: 0 }
    places.set(key, place)
    place.outcomes.set(outcome, (place.outcomes.get(outcome) ?? 0) + 1)
    place.resources += resources
  }
  return places
}

const unseenIn = (places: ReadonlyArray<Place>): number =>
  places.reduce((sum, { outcomes: ended }) => sum + unseenOf(ended).reduce((cells, [, of]) => cells + of, 0), 0)

const unseenOf = (ended: ReadonlyMap<Outcome, number>): ReadonlyArray<readonly [Outcome, number]> =>
  [...ended].filter(([outcome]) => outcome !== "scanned" && outcome !== "unsupported").toSorted(([, a], [, b]) => b - a)

const squareOf = (place: Place | undefined): Markup => {
  if (place === undefined) return html`<td class="nocell" aria-label="not looked at" title="not looked at">–</td>`
  const scanned = place.outcomes.get("scanned") ?? 0
  const missing = unseenOf(place.outcomes)
  const total = missing.reduce((sum, [, cells]) => sum + cells, scanned)
  const title = `${place.region}: ${
    total === 0
      ? "no such service there"
      : [`${grouped(scanned)} of ${count(total, "cell")} seen`, ...missing.map(([outcome, cells]) => `${grouped(cells)} ${words(outcome)}`)].join(", ")
  }`
  const square = (kind: string, sign: string, text: string) =>
    html`<td class="${kind}" aria-label="${title}" title="${title}"><b>${sign}</b>${text}</td>`
  if (total === 0) return square("away", "", "n/a")
  if (missing.length === 0) return square("seen", "✓", grouped(scanned))
  return scanned > 0 ? square("some", "◐", `${grouped(scanned)}/${grouped(total)}`) : square("unseen", "✕", words(missing[0]![0]))
}

const namesOf = ({ accounts }: ScanScope): ReadonlyMap<string, string> =>
  new Map((accounts ?? []).flatMap(({ accountId, name }) => name === undefined ? [] : [[accountId, name] as const]))

const byText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/** What has no Region comes last. */
const byRegion = (a: string, b: string): number => Number(a === "global") - Number(b === "global") || byText(a, b)
