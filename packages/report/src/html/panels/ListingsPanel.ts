/**
 * All violations and all resources.
 *
 * @since 0.1.0
 */
import { grouped } from "../../CoverageText.ts"
import * as DataTable from "../DataTable.ts"
import { html, type Markup } from "../Markup.ts"
import type { PageView } from "../PageView.ts"
import { severity } from "./ActionsPanel.ts"

/** @since 0.1.0 */
export function* violations({ most = Number.POSITIVE_INFINITY, report: { violations: all } }: PageView): Iterable<Markup> {
  if (all.length === 0) return
  // Those that fail a resource before those that only warn; the order is that of the report otherwise.
  const shown = most >= all.length ? all : all.toSorted((a, b) => Number(b.severity === "error") - Number(a.severity === "error")).slice(0, most)
  yield html`<section class="card" aria-labelledby="violations"><h2 id="violations">Violations</h2>
${shown.length < all.length ? html`<p class="soft">The first ${grouped(shown.length)} of ${grouped(all.length)}.</p>\n` : undefined}`
  yield* DataTable.pieces({
    caption: "Violations",
    isQuiet: true,
    columns: [
      { title: "Severity" },
      { title: "Account" },
      { title: "Region" },
      { title: "Type" },
      { title: "Tag", kind: "long" },
      { title: "Violation", kind: "long" },
      { title: "ARN", kind: "arn" }
    ],
    rows: (function*() {
      for (const one of shown) {
        yield [severity(one.severity), one.accountId, one.region, one.resourceType, one.tag, one.message, one.arn]
      }
    })()
  })
  yield html`</section>\n`
}

/** @since 0.1.0 */
export function* resources({ report: { resources: all } }: PageView): Iterable<Markup> {
  if (all.length === 0) return
  yield html`<section class="card" aria-labelledby="resources"><h2 id="resources">Resources</h2>\n`
  yield* DataTable.pieces({
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
    rows: (function*() {
      for (const { accountId, arn, id, name = "", region, tags, type } of all) {
        const listed = tags === null
          ? "unknown"
          : Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => `${key}=${value}`).join(" ") || "none"
        yield [accountId, region, type, name === "" ? id : name, listed, arn]
      }
    })()
  })
  yield html`</section>\n`
}
