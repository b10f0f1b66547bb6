import { createHash } from "node:crypto"
import type { Trend } from "@cadastre/aggregation"
import { type CellResult, Coverage, type Outcome } from "@cadastre/model"
import { DashboardPage, formatNamed, type Report, Untrusted } from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as GroupBounds from "../src/html/GroupBounds.ts"
import { exact, html } from "../src/html/Markup.ts"
import * as TrendPanel from "../src/html/panels/TrendPanel.ts"
import { accounts, hostile, reports } from "./Reports.ts"

const check = <A>(arbitrary: fc.Arbitrary<A>, test: (value: A) => void) =>
  fc.assert(fc.property(arbitrary, test), { numRuns: 100 })

/** What a browser makes of entities. */
const read = (text: string): string =>
  text.replaceAll(/&(?:#x([\da-f]+)|(lt|gt|quot|#39|amp));/gu, (_, code: string | undefined, name: string) =>
    code === undefined ? { lt: "<", gt: ">", quot: "\"", "#39": "'", amp: "&" }[name] ?? "" : String.fromCodePoint(Number.parseInt(code, 16)))

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
    "section strong table caption thead tbody tr th td details summary ol ul li span small b footer form label fieldset legend input button a nav progress").split(" ")
)
const voids = new Set(["!doctype", "meta", "link", "input"])

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

/** Tags may have any text that a browser sends back as it is. */
const tagTexts = fc.array(hostile.map(DashboardPage.sent).filter((text) => text !== "" && text.length <= 1024), { maxLength: 3 })
  .map((list) => [...new Set(list)].toSorted())

const filters: fc.Arbitrary<DashboardPage.Filters> = fc.record({
  accounts: names,
  regions: names,
  types: names,
  severities: fc.subarray(["error" as const, "warning" as const]),
  findings: fc.subarray(["empty_value" as const, "invalid_value" as const, "naming_rule" as const]),
  keys: tagTexts,
  owners: fc.tuple(fc.boolean(), tagTexts).map(([isNone, list]) => [...isNone ? [""] : [], ...list])
})

const addresses: fc.Arbitrary<DashboardPage.Address> = fc.record({
  filters,
  sort: fc.record({ by: fc.constantFrom("severity" as const, "tag" as const, "arn" as const), isDown: fc.boolean() }),
  pages: fc.array(fc.tuple(fc.constantFrom("violations", "by-owner", "offenders"), fc.integer({ min: 1, max: 5 }))).map((pages) => new Map(pages))
})

const choices = fc.array(fc.record({ value: hostile, about: hostile }), { maxLength: 3 })

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
  fc.tuple(hostile, fc.boolean()).map(([why, isRequest]) => ({ _tag: "Failed" as const, why, isRequest }))
)

const dashboards: fc.Arbitrary<DashboardPage.Dashboard> = fc.record({
  report: fc.option(reports),
  trend: fc.oneof(trends.map((trend) => ({ _tag: "Known" as const, trend })), hostile.map((why) => ({ _tag: "Unknown" as const, why }))),
  address: addresses,
  problems: fc.array(hostile, { maxLength: 2 }),
  choices: fc.record({ accounts: choices, regions: choices, types: choices, keys: choices, owners: choices }),
  status: statuses,
  policy: fc.record({ source: hostile, hash: hostile }),
  whyNoCosts: hostile
}).map(({ report, trend, whyNoCosts, ...rest }) => ({
  ...rest,
  view: report === null ? undefined : {
    report,
    trend,
    whyNoCosts,
    longest: 60,
    listed: {
      violations: report.violations.slice(1),
      total: report.violations.length,
      sort: rest.address.sort,
      href: (sort) => DashboardPage.hrefOf({ ...rest.address, sort }, "#violations")
    },
    pages: {
      size: 2,
      at: (table) => rest.address.pages.get(table),
      href: (table, page) => DashboardPage.hrefOf({ ...rest.address, pages: new Map([[table, page]]) }, `#${table}`)
    }
  },
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

describe("the value of a box", () => {
  it("is the text itself, and nothing of it does anything to the page's source", () =>
    check(hostile, (text) => {
      const value = exact(text).toString()
      assert.match(value, /^[ !#-%(-;=?-~&]*$/u)
      assert.strictEqual(read(value), text.toWellFormed())
    }))
})

describe("a page", () => {
  it("has no markup but its own, whatever the texts are", () =>
    check(dashboards, (dashboard) => {
      const page = [...DashboardPage.pieces(dashboard)].join("")
      const { tags } = soundness(page)
      for (const { attributes, name } of tags) {
        const href = attributes.get("href")
        if (href !== undefined) {
          assert.isTrue(
            href === "#main" || (name === "link" && href.startsWith("data:image/svg+xml,")) || (name === "a" && /^\/(?:\?[\w=&%.*+-]*)?(?:#[\w-]+)?$/u.test(read(href))),
            href
          )
          // Whatever it leads to, the page itself can make sense of.
          if (name === "a" && href !== "#main") assert.deepStrictEqual(DashboardPage.read(new URL(read(href), "http://x").searchParams).problems, [])
        }
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
    check(addresses, (given) => {
      const query = DashboardPage.queryOf(given)
      assert.deepStrictEqual(DashboardPage.read(new URLSearchParams(query)), { address: given, problems: [] })
      assert.match(query, /^(?:\?[\w=&%.*+-]+)?$/u)
    }))

  it("what is chosen is sent back as it is: each active filter has a link that asks for all but itself", () =>
    check(filters, (given) => {
      const page = [...DashboardPage.pieces({
        view: undefined,
        age: 0,
        address: { filters: given, sort: { by: "severity", isDown: false }, pages: new Map() },
        problems: [],
        choices: DashboardPage.noChoices,
        status: { _tag: "Idle" },
        policy: { source: "p", hash: "h" },
        version: "0"
      })].join("")
      const { tags } = soundness(page)
      // As a browser sends the form: each box that is checked, by its name.
      const sent = tags.flatMap(({ attributes, name }): ReadonlyArray<[string, string]> =>
        name === "input" && attributes.has("checked") ? [[attributes.get("name") ?? "", read(attributes.get("value") ?? "")]] : [])
      assert.deepStrictEqual(DashboardPage.read(new URLSearchParams(sent)).address.filters, given)
      const values = (filters: DashboardPage.Filters): ReadonlyArray<string> =>
        Object.entries(filters).flatMap(([list, of]: [string, ReadonlyArray<string>]) => of.map((one) => JSON.stringify([list, one])))
      const links = [...page.matchAll(/<li><a href="([^"]*)"><span class="gone">/gu)].map(([, href = ""]) =>
        values(DashboardPage.read(new URL(read(href), "http://x").searchParams).address.filters))
      assert.sameDeepMembers(links, values(given).map((one) => values(given).filter((other) => other !== one)))
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

describe("the range of a group", () => {
  const kinds = ["scanned", "unseen", "unscored"] as const

  it("holds its true score, and is that score where all that was not seen is in that group", () =>
    check(
      fc.array(fc.record({ group: fc.nat({ max: 3 }), kind: fc.constantFrom(...kinds), isCompliant: fc.boolean() }), { maxLength: 40 }),
      (resources) => {
        const tally = (of: typeof resources) => ({
          totalResources: of.filter(({ kind }) => kind === "scanned").length,
          compliantResources: of.filter(({ isCompliant, kind }) => kind === "scanned" && isCompliant).length,
          unknownTags: of.filter(({ kind }) => kind === "unscored").length
        })
        const none = { notApplicable: 0, notApplicableByReason: {}, resourcesFound: 0, violationCount: 0, costAttributionGap: null }
        const whole = tally(resources)
        const hidden = resources.length - whole.totalResources
        const summary = {
          ...none,
          ...whole,
          byRegion: {},
          byType: {},
          byAccount: {},
          byOwner: {},
          byRule: {},
          scoreBounds: resources.length === 0
            ? { lowest: 1, highest: 1 }
            : { lowest: whole.compliantResources / resources.length, highest: (whole.compliantResources + hidden) / resources.length }
        }
        const boundsOf = GroupBounds.bounds(summary)
        for (const members of Map.groupBy(resources, ({ group }) => group).values()) {
          const isOpen = members.some(({ kind }) => kind === "unseen")
          const bounds = boundsOf({ ...none, ...tally(members) }, isOpen ? "part" : "all")
          // Nothing is known of the whole where nothing was scored.
          if (bounds === undefined) assert.isTrue(isOpen && whole.totalResources === 0)
          else {
            const score = members.filter(({ isCompliant }) => isCompliant).length / members.length
            assert.isTrue(bounds.lowest <= score + 1e-9 && score <= bounds.highest + 1e-9)
            if (members.every(({ kind }) => kind === "scanned")) assert.deepStrictEqual(bounds, { lowest: score, highest: score })
            if (isOpen && resources.every((one) => one.kind !== "unseen" || members.includes(one))) {
              const { compliantResources, totalResources } = tally(members)
              assert.approximately(bounds.lowest, compliantResources / members.length, 1e-9)
              assert.approximately(bounds.highest, (compliantResources + members.length - totalResources) / members.length, 1e-9)
            }
          }
        }
      }
    ))
})

describe("a group that was seen in part", () => {
  const cell = (region: string, type: string, outcome: Outcome) =>
    ({ accountId: accounts[0]!, region, type, outcome, resources: 0, unknownTags: 0, calls: 1, durationMs: 1 }) as CellResult

  const sightsOf = (by: "region" | "type", keys: ReadonlyArray<string>, ...cells: ReadonlyArray<CellResult>) =>
    Object.fromEntries(GroupBounds.sights(Coverage.make({ cells, skippedRegions: [], discovery: { status: "complete", source: "request", exhaustive: true } }), by, keys))

  it("is a Region too of which buckets were not seen, which are listed from elsewhere; roles are in none", () => {
    const seen = cell("eu-west-1", "sns:topic", "scanned")
    assert.deepStrictEqual(sightsOf("region", ["eu-west-1"], seen, cell("global", "s3:bucket", "denied")), { "eu-west-1": "part", global: "none" })
    assert.deepStrictEqual(sightsOf("region", ["eu-west-1"], seen, cell("global", "iam:role", "denied")), { "eu-west-1": "all", global: "none" })
    assert.deepStrictEqual(
      sightsOf("type", [], seen, cell("us-east-1", "sns:topic", "throttled"), cell("us-east-1", "sqs:queue", "failed"), cell("us-east-1", "x:y", "unsupported")),
      { "sns:topic": "part", "sqs:queue": "none" }
    )
  })

  it("has the range of its score beside it, and no range where nobody knows how much was not seen", () => {
    const [any] = fc.sample(reports.filter(({ kind }) => kind === "check"), { numRuns: 1, seed: 5 })
    const figures = (totalResources: number, compliantResources: number) => ({
      complianceScore: compliantResources / totalResources,
      totalResources,
      compliantResources,
      notApplicable: 0,
      notApplicableByReason: {},
      unknownTags: 0,
      resourcesFound: totalResources,
      violationCount: 1,
      costAttributionGap: null
    })
    const cells = [cell("eu-west-1", "sns:topic", "scanned"), cell("eu-west-1", "sqs:queue", "denied"), cell("us-east-1", "sns:topic", "scanned")]
    const rows = (scoreBounds: { readonly lowest: number; readonly highest: number } | undefined) => {
      const page = [...formatNamed("html")!.render({
        ...any!,
        coverage: Coverage.make({ cells, skippedRegions: [], discovery: { status: "complete", source: "request", exhaustive: true } }),
        summary: {
          ...figures(20, 10),
          ...scoreBounds === undefined ? {} : { scoreBounds },
          byRegion: { "eu-west-1": figures(10, 4), "us-east-1": figures(10, 6) },
          byType: { "sns:topic": figures(20, 10) },
          byAccount: {},
          byOwner: {},
          byRule: {}
        }
      })].join("")
      const table = /<h2 id="regions">.*?<\/section>/su.exec(page)?.[0] ?? ""
      return Object.fromEntries([...table.matchAll(/<tr><th scope="row">(.*?)<\/tr>/gsu)].map(([, row = ""]) => {
        const [name = "", ...texts] = row.replaceAll(/<svg.*?<\/svg>/gsu, "").split(/<[^>]*>/u).filter((text) => text !== "")
        return [name, texts]
      }))
    }
    // Five more there: 4 of 15, or 9 of 15.
    assert.deepStrictEqual(rows({ lowest: 10 / 25, highest: 15 / 25 }), {
      "eu-west-1": ["seen in part", "40.0%", "26.7% – 60.0%", "4 of 10", "1"],
      "us-east-1": ["60.0%", "6 of 10", "1"]
    })
    assert.deepStrictEqual(rows(undefined)["eu-west-1"], ["seen in part", "40.0%", "range not known", "4 of 10", "1"])
  })
})

describe("a trend", () => {
  it("has no score for days on which there was nothing to score", () => {
    const point = { period: "2026-11-01", snapshots: 1, snapshotId: "s", takenAt: "2026-11-01T00:00:00Z", complete: true, complianceScore: 1, totalResources: 0, compliantResources: 0, violationCount: 0, costAttributionGap: null }
    const trend: Trend.Trend = { groupBy: "day", points: [point, { ...point, period: "2026-11-02" }], direction: "stable", changePoints: 0, commonViolations: [], leftOut: 0 }
    const [report] = fc.sample(reports.filter(({ kind }) => kind === "check"), { numRuns: 1, seed: 5 })
    const page = [...TrendPanel.trend({ report: report!, trend: { _tag: "Known", trend } })].join("")
    assert.include(page, "there was nothing to score")
    assert.notMatch(page, /\d%/u)
  })
})

describe("a large estate", () => {
  it("has a page of a bounded size, and every violation is on one of them", () => {
    const [any] = fc.sample(reports.filter(({ kind, violations }) => kind === "check" && violations.length > 0), { numRuns: 1, seed: 7 })
    const [one] = any!.violations
    const violations = Array.from({ length: 650 }, (_, at) => ({ ...one!, arn: `arn:aws:x:::${at}-`, tag: "\u202e".repeat(10_000), message: "<".repeat(10_000) }))
    const report = { ...any!, violations }
    const pageOf = (page: number): string =>
      [...DashboardPage.pieces({
        view: {
          report,
          longest: 300,
          listed: { violations, total: violations.length, sort: { by: "severity", isDown: false }, href: () => "/" },
          pages: { size: 100, at: (table) => table === "violations" ? page : undefined, href: (table, page) => `/?${table}-page=${page}` }
        },
        age: 0,
        address: { filters: { accounts: [], regions: [], types: [], severities: [], findings: [], keys: [], owners: [] }, sort: { by: "severity", isDown: false }, pages: new Map() },
        problems: [],
        choices: { ...DashboardPage.noChoices, owners: violations.map(({ tag }, at) => ({ value: `${tag}${at}` })) },
        status: { _tag: "Idle" },
        policy: { source: "p", hash: "h" },
        version: "0"
      })].join("")
    const seen = new Set<string>()
    for (let page = 1; page <= 7; page++) {
      const text = pageOf(page)
      assert.isBelow(Buffer.byteLength(text), 1_500_000)
      const section = /<h2 id="violations">.*?<\/section>/su.exec(text)?.[0] ?? ""
      for (const [, arn = ""] of section.matchAll(/<td class="arn">([^<]*)<\/td>/gu)) seen.add(arn)
      if (page === 7) assert.include(section, "Rows 601 to 650 of 650")
      assert.include(section, "characters more)")
    }
    assert.strictEqual(seen.size, violations.length)
    assert.include(pageOf(99), "There is no page 99: this is the last.")
  })
})
