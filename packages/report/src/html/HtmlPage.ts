/**
 * A page of HTML: the report of a file and the dashboard of a server alike.
 *
 * @since 0.1.0
 */
import type { Report } from "../Report.ts"
import * as SourceText from "../SourceText.ts"
import * as Bar from "./Bar.ts"
import { html, Markup } from "./Markup.ts"
import type { PageView, Panel } from "./PageView.ts"
import * as ActionsPanel from "./panels/ActionsPanel.ts"
import * as CostPanel from "./panels/CostPanel.ts"
import * as CoveragePanel from "./panels/CoveragePanel.ts"
import * as GroupsPanel from "./panels/GroupsPanel.ts"
import * as ListingsPanel from "./panels/ListingsPanel.ts"
import * as ScorePanel from "./panels/ScorePanel.ts"
import * as TrendPanel from "./panels/TrendPanel.ts"
import { contentSecurityPolicy, style } from "./Style.ts"

/**
 * What was not seen comes first, lists come last.
 *
 * @category constants
 * @since 0.1.0
 */
const panels: ReadonlyArray<Panel> = [
  CoveragePanel.sentences,
  ScorePanel.tiles,
  ActionsPanel.advice,
  CoveragePanel.matrix,
  GroupsPanel.groups,
  function*(view) {
    yield* beside(TrendPanel.trend(view), CostPanel.costs(view))
  },
  CostPanel.untagged,
  ActionsPanel.offenders,
  ActionsPanel.rules,
  GroupsPanel.others,
  ListingsPanel.violations,
  ListingsPanel.resources
]

/** Cards beside each other where there is room. */
function* beside(...parts: ReadonlyArray<Iterable<Markup>>): Iterable<Markup> {
  const pieces = parts.flatMap((part) => [...part])
  if (pieces.length === 0) return
  yield html`<div class="grid">\n`
  yield* pieces
  yield html`</div>\n`
}

/**
 * What frames a page.
 *
 * - `head`: more of its head; `first`: what stands before all else; `before`: what stands before the figures
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame {
  readonly title: string
  readonly head?: Markup
  readonly first?: Markup
  readonly facts?: ReadonlyArray<readonly [name: string, value: string]>
  readonly before?: Iterable<Markup>
  readonly foot?: string
}

/**
 * The page, piece by piece.
 *
 * @category constructors
 * @since 0.1.0
 */
export function* pieces(frame: Frame, content: Iterable<Markup>): Iterable<Markup> {
  const { before = [], facts = [], first, foot, head, title } = frame
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title}</title>
<style>${Markup.own(style)}</style>
</head>
<body>
${first}${Bar.hatch}<header class="top"><div class="wrap"><p class="brand">Cadastre</p>
<h1>${title}</h1>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl></div></header>
<div class="wrap"><main id="main">
`
  yield* before
  yield* content
  yield html`</main>\n${foot === undefined ? undefined : html`<footer>${foot}</footer>\n`}</div>\n</body>\n</html>\n`
}

/**
 * The figures of a report, as they stand in a page.
 *
 * @category constructors
 * @since 0.1.0
 */
export function* figures(view: PageView): Iterable<Markup> {
  for (const panel of panels) yield* panel(view)
}

/**
 * A page of its own, that needs nothing but itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const report = (view: PageView): Iterable<Markup> =>
  pieces({
    title: titleOf(view.report),
    head: html`<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}">\n`,
    facts: factsOf(view.report)
  }, figures(view))

const titleOf = ({ kind }: Report): string => kind === "check" ? "Tag compliance" : "Resource inventory"

/**
 * What the figures are of.
 *
 * @since 0.1.0
 */
export const factsOf = (report: Report): ReadonlyArray<readonly [name: string, value: string]> => {
  const { ageSeconds, fromCache, generatedAt, policy, scope, snapshotId } = report
  const filter = SourceText.tagFilter(scope)
  const { accountIds: [first, ...more], regions, types } = scope
  return [
    ["Accounts", first === undefined ? "none" : more.length > 3 ? `${first} and ${more.length} more` : scope.accountIds.join(", ")],
    ["Regions", String(regions.length)],
    ["Resource types", String(types.length)],
    ...(filter === undefined ? [] : [["Only resources with the tags", filter] as const]),
    ...(policy === undefined ? [] : [["Policy", `${policy.source} (${policy.hash.slice(0, 12)})`] as const]),
    ...(snapshotId === undefined ? [] : [["Stored in the history as", snapshotId] as const]),
    ["Generated at", `${generatedAt}${fromCache ? `, from the cache, ${age(ageSeconds)} old` : ""}`]
  ]
}

/**
 * `3 minutes`, `2 hours`: rounded down.
 *
 * @since 0.1.0
 */
export const age = (seconds: number): string => {
  const [size, name] = seconds < 60 ? [1, "second"] : seconds < 3600 ? [60, "minute"] : seconds < 172_800 ? [3600, "hour"] : [86_400, "day"]
  const number = Math.floor(seconds / size)
  return `${number} ${name}${number === 1 ? "" : "s"}`
}
