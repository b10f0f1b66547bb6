import { createHash } from "node:crypto"
import type { Trend } from "@cadastre/aggregation"
import type { Outcome } from "@cadastre/model"
import { DashboardPage, formatNamed, type Report, Untrusted } from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { html } from "../src/html/Markup.ts"
import { hostile, reports } from "./Reports.ts"

const check = <A>(arbitrary: fc.Arbitrary<A>, test: (value: A) => void) =>
  fc.assert(fc.property(arbitrary, test), { numRuns: 100 })

/** What a browser makes of entities. */
const read = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&#39;", "'").replaceAll("&amp;", "&")

/** The tags of a page as a browser reads them, a character at a time, and the text between them. */
const tokens = (page: string) => {
  const tags: Array<{ readonly name: string; readonly isEnd: boolean; readonly attributes: ReadonlyMap<string, string> }> = []
  const form = /<(\/?)([a-zA-Z!][\w!-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>/uy
  let text = ""
  let at = 0
  while (at < page.length) {
    const next = page.indexOf("<", at)
    text += page.slice(at, next === -1 ? undefined : next)
    if (next === -1) break
    form.lastIndex = next
    const end = form.exec(page)
    assert.isNotNull(end, page.slice(next, next + 80))
    const [all, slash, name = "", rest = ""] = end
    const attributes = new Map([...rest.matchAll(/([\w:-]+)(?:="([^"]*)")?/gu)].map(([, key = "", value = ""]) => [key, value]))
    tags.push({ name, isEnd: slash === "/", attributes })
    at = next + all.length
  }
  return { tags, text }
}

const allowed = new Set(
  ("!doctype html head meta title style link body svg defs pattern rect line path circle text header div p h1 h2 h3 dl dt dd main " +
    "section strong table caption thead tbody tr th td details summary ol ul li span small b footer form label select option button a").split(" ")
)
const voids = new Set(["!doctype", "meta", "link"])

const soundness = (page: string) => {
  const { tags, text } = tokens(page.replace(/<style>.*?<\/style>/su, "<style></style>"))
  const open: Array<string> = []
  for (const { attributes, isEnd, name } of tags) {
    assert.isTrue(allowed.has(name), name)
    for (const attribute of attributes.keys()) assert.notMatch(attribute, /^(?:on.*|src|style|srcset|xlink:href|formaction)$/u)
    if (isEnd) assert.strictEqual(open.pop(), name)
    else if (!voids.has(name)) open.push(name)
  }
  assert.deepStrictEqual(open, [])
  assert.notMatch(text, /[<>]/u)
  return { tags, text }
}

/** An address has no lone surrogates. */
const names = fc.array(hostile.map((text) => text.toWellFormed().replaceAll(",", "").trim()).filter((text) => text !== ""), { maxLength: 3 })
  .map((list) => [...new Set(list)].toSorted())

const filters: fc.Arbitrary<DashboardPage.Filters> = fc.record({
  accounts: names,
  regions: names,
  types: names,
  severity: fc.constantFrom("all" as const, "errors_only" as const, "warnings_only" as const)
})

const points = fc.array(fc.record({ score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })), period: hostile, complete: fc.boolean() }), { maxLength: 5 })

const trends: fc.Arbitrary<Trend.Trend> = fc.record({ points, note: fc.option(hostile), leftOut: fc.nat({ max: 3 }) }).map(
  ({ leftOut, note, points }) => ({
    groupBy: "day",
    points: points.map(({ complete, period, score }, at) => ({
      period,
      snapshots: 1,
      snapshotId: "s",
      takenAt: new Date(at * 86_400_000).toISOString(),
      complete,
      ...score === null ? {} : { complianceScore: score },
      totalResources: 3,
      compliantResources: 1,
      violationCount: 2,
      costAttributionGap: null
    })),
    direction: "unknown",
    commonViolations: [],
    leftOut,
    ...note === null ? {} : { note }
  })
)

const statuses: fc.Arbitrary<DashboardPage.ScanStatus> = fc.oneof(
  fc.constant({ _tag: "Idle" as const }),
  fc.constant({ _tag: "Running" as const, seconds: 3, cells: { ended: 1, total: 2 } }),
  hostile.map((why) => ({ _tag: "Failed" as const, why }))
)

const dashboards: fc.Arbitrary<DashboardPage.Dashboard> = fc.record({
  report: fc.option(reports),
  trend: fc.oneof(trends.map((trend) => ({ _tag: "Known" as const, trend })), hostile.map((why) => ({ _tag: "Unknown" as const, why }))),
  filters,
  choices: fc.record({ accounts: names, regions: names, types: names }),
  status: statuses,
  policy: fc.record({ source: hostile, hash: hostile }),
  whyNoCosts: hostile
}).map(({ report, trend, whyNoCosts, ...rest }) => ({
  ...rest,
  view: report === null ? undefined : { report, trend, whyNoCosts, most: 100 },
  age: 61,
  version: "0.0.0"
}))

describe("the template", () => {
  it("makes text of every text, in elements and in attributes", () =>
    check(fc.tuple(hostile, hostile, fc.array(hostile, { maxLength: 3 })), ([a, b, many]) => {
      const markup = html`<p title="${a}">${b}${many.map((one) => html`<b>${one}</b>`)}</p>`.toString()
      const inside = /^<p title="([^"<>]*)">([^<>]*)((?:<b>[^<>]*<\/b>)*)<\/p>$/u.exec(markup)
      assert.isNotNull(inside, markup)
      assert.deepStrictEqual([read(inside[1]!), read(inside[2]!)], [Untrusted.visible(a), Untrusted.visible(b)])
      assert.deepStrictEqual([...inside[3]!.matchAll(/<b>([^<]*)<\/b>/gu)].map(([, one = ""]) => read(one)), many.map(Untrusted.visible))
    }))
})

describe("a page", () => {
  it("has no markup but its own, whatever the texts are", () =>
    check(dashboards, (dashboard) => {
      const page = [...DashboardPage.pieces(dashboard)].join("")
      const { tags } = soundness(page)
      for (const { attributes, name } of tags) {
        const href = attributes.get("href")
        if (href !== undefined) assert.isTrue(href === "#main" || (name === "link" && href.startsWith("data:image/svg+xml,")), href)
        const action = attributes.get("action")
        if (action !== undefined) assert.match(read(action), /^\/(?:scan(?:\?[\w=&%.*+-]*)?)?$/u)
      }
    }))

  it("may show its own style and do nothing else", () =>
    check(reports, (report) => {
      const page = [...formatNamed("html")!.render(report)].join("")
      const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/u.exec(page)?.[1] ?? ""
      const style = /<style>(.*?)<\/style>/su.exec(page)?.[1] ?? ""
      const hash = createHash("sha256").update(style).digest("base64")
      assert.strictEqual(read(policy), `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'`)
      assert.notMatch(style, /url\((?!#hatch\))|@import/u)
    }))

  it("the filters of an address come back from it", () =>
    check(filters, (given) => {
      const query = DashboardPage.queryOf(given)
      assert.deepStrictEqual(DashboardPage.filtersOf(new URLSearchParams(query)), given)
      assert.match(query, /^(?:\?[\w=&%.*+-]+)?$/u)
    }))

  it("asks again by itself only while there is nothing to read", () =>
    check(dashboards, (dashboard) => {
      const isEmpty = dashboard.view === undefined && dashboard.status._tag === "Running"
      assert.strictEqual(DashboardPage.refreshAfter(dashboard) !== undefined, isEmpty)
    }))
})

describe("what a page says of the coverage", () => {
  /** The squares of the matrix, by account and Region, as somebody reads them who cannot see them. */
  const squares = (page: string) => {
    const table = /<table class="matrix">.*?<\/table>/su.exec(page)?.[0] ?? ""
    const regions = [...table.matchAll(/<th scope="col"><span>([^<]*)<\/span>/gu)].map(([, region = ""]) => region)
    return new Map([...table.matchAll(/<tr><th scope="row">(\d+)(.*?)<\/tr>/gsu)].flatMap(([, account = "", rest = ""]) =>
      [...rest.matchAll(/<td class="(\w+)" aria-label="([^"]*)"/gu)].map(([, kind = "", label = ""], at) =>
        [`${account} ${regions[at] ?? ""}`, { kind, label }] as const)
    ))
  }

  it("there is a square for each account and Region, and it says how many cells were seen and what became of the others", () =>
    check(reports, (report) => {
      const shown = squares([...formatNamed("html")!.render(report)].join(""))
      const accounts = new Set(report.coverage.table.map(({ accountId }) => accountId))
      const regions = new Set(report.coverage.table.map(({ region }) => region))
      assert.strictEqual(shown.size, accounts.size * regions.size)
      for (const accountId of accounts) {
        for (const region of regions) {
          const cells = report.coverage.table.filter((cell) => cell.accountId === accountId && cell.region === region)
          const number = (outcome: Outcome) => cells.filter((cell) => cell.outcome === outcome).length
          const unseen = cells.length - number("scanned") - number("unsupported")
          const { kind, label } = shown.get(`${accountId} ${region}`)!
          const expected = cells.length === 0 ? "nocell" : number("unsupported") === cells.length ? "away" : unseen === 0 ? "seen" : number("scanned") > 0 ? "some" : "unseen"
          assert.strictEqual(kind, expected)
          if (kind === "seen" || kind === "some") assert.include(label, `${number("scanned")} of ${number("scanned") + unseen} cell`)
          for (const outcome of ["denied", "throttled", "timed-out", "failed", "skipped"] as const) {
            assert.strictEqual(new RegExp(`\\b${number(outcome)} ${outcome.replace("-", " ")}\\b`, "u").test(label), number(outcome) > 0)
          }
        }
      }
    }))

  it("no score, bar or money stands for what is not known", () => {
    const [any] = fc.sample(reports.filter(({ kind }) => kind === "check"), { numRuns: 1, seed: 5 })
    const figures = {
      totalResources: 0,
      compliantResources: 0,
      notApplicable: 0,
      notApplicableByReason: {},
      unknownTags: 0,
      resourcesFound: 0,
      violationCount: 0,
      costAttributionGap: null
    }
    const { costs: _, recommendations: __, topViolations: ___, ...rest } = any!
    const table = any!.coverage.table.slice(0, 1).map((cell) => ({ ...cell, outcome: "denied" as const }))
    const report: Report = {
      ...rest,
      coverage: { ...any!.coverage, complete: false, table },
      summary: { ...figures, byRegion: {}, byType: {}, byAccount: {}, byOwner: {}, byRule: {} },
      violations: [],
      resources: []
    }
    const page = [...formatNamed("html")!.render(report)].join("").replace(/<style>.*?<\/style>/su, "")
    assert.include(page, "No score")
    assert.include(page, "Unknown")
    assert.include(page, "not seen")
    assert.notMatch(page, /\d%|\$/u)
    assert.notInclude(page, "class=\"fill\"")
    assert.include(page, "class=\"hatch\"")
  })
})
