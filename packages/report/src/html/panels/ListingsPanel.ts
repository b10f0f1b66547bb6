/**
 * All violations and all resources.
 *
 * @since 0.1.0
 */
import { count, grouped } from "../../CoverageText.ts"
import type { Sort } from "../DashboardFilters.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import type { Listed, PageView } from "../PageView.ts"
import { severity } from "./ActionsPanel.ts"

/** @since 0.1.0 */
export function* violations(view: PageView): Iterable<Markup> {
  const { listed, report } = view
  const all = listed?.violations ?? report.violations
  const total = listed?.total ?? all.length
  if (total === 0) return
  yield html`<section class="card" aria-labelledby="violations"><h2 id="violations">Violations</h2>
${
    all.length === total
      ? undefined
      : html`<p class="soft">${
        all.length === 0
          ? `None of ${count(total, "violation")} is one that the filters name.`
          : `${grouped(all.length)} of ${count(total, "violation")}: those that the filters name.`
      }</p>\n`
  }`
  if (all.length > 0) {
    yield* DataTable.pieces(view, {
      id: "violations",
      caption: "Violations",
      isQuiet: true,
      columns: [
        { title: "Severity", ...sortOf(listed, "severity") },
        { title: "Account", ...sortOf(listed, "account") },
        { title: "Region", ...sortOf(listed, "region") },
        { title: "Type", ...sortOf(listed, "type") },
        { title: "Tag", kind: "long", ...sortOf(listed, "tag") },
        { title: "Violation", kind: "long", ...sortOf(listed, "finding") },
        { title: "ARN", kind: "arn", ...sortOf(listed, "arn") }
      ],
      items: all,
      row: (one) => [severity(one.severity), one.accountId, one.region, one.resourceType, one.tag, one.message, one.arn]
    })
  }
  yield html`</section>\n`
}

/** Once more by the same is the other way. */
const sortOf = (listed: Listed | undefined, by: Sort["by"]): Pick<DataTable.DataColumn, "sort"> => {
  if (listed === undefined) return {}
  const { href, sort } = listed
  const now = sort.by !== by ? "none" : sort.isDown ? "descending" : "ascending"
  return { sort: { now, href: href({ by, isDown: now === "ascending" }) } }
}

/** @since 0.1.0 */
export function* resources(view: PageView): Iterable<Markup> {
  const { report: { resources: all } } = view
  if (all.length === 0) return
  yield html`<section class="card" aria-labelledby="resources"><h2 id="resources">Resources</h2>\n`
  yield* DataTable.pieces(view, {
    id: "resources",
    caption: "Resources",
    isQuiet: true,
    columns: [
      { title: "Account" },
      { title: "Region" },
      { title: "Type" },
      { title: "Name", kind: "long" },
      { title: "Tags", kind: "long" },
      { title: "ARN", kind: "arn" }
    ],
    items: all,
    row: ({ accountId, arn, id, name = "", region, tags, type }) => {
      const listed = tags === null
        ? "unknown"
        : Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => `${key}=${value}`).join(" ") || "none"
      return [accountId, region, type, name === "" ? id : name, listed, arn]
    }
  })
  yield html`</section>\n`
}
