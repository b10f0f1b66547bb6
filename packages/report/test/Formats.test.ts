import type { Summary } from "@cadastre/aggregation"
import { type CellResult, Coverage, type Outcome } from "@cadastre/model"
import {
  coverageLine,
  formatNamed,
  formats,
  headline,
  type RenderOptions,
  remarks,
  Report,
  resourceLine,
  schemaVersion,
  Untrusted
} from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import { displayWidth } from "effect/cli/CliOutput"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { readdirSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { accounts, reports, resources, types, violations } from "./Reports.ts"

const render = (name: string, report: Report, options?: RenderOptions): string => {
  const format = formatNamed(name)
  assert.isDefined(format)
  return [...format.render(report, options)].join("")
}

const check = <A>(arbitrary: fc.Arbitrary<A>, test: (value: A) => void) =>
  fc.assert(fc.property(arbitrary, test), { numRuns: 100 })

/** The same value with the keys of every object put in the other way round. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).toReversed().map(([key, value]) => [key, reversed(value)]))
    : value

const discovery = { status: "complete", source: "request", exhaustive: true } as const

const cell = (outcome: Outcome, index: number, rest: Partial<CellResult> = {}): CellResult => ({
  accountId: accounts[0]!,
  region: "eu-west-1" as CellResult["region"],
  type: `x:t${index}` as CellResult["type"],
  outcome,
  resources: 0,
  unknownTags: 0,
  calls: 1,
  durationMs: 1,
  ...rest
})

const coverageOf = (cells: ReadonlyArray<CellResult>) => Coverage.make({ cells, skippedRegions: [], discovery })

const nothing: Summary = {
  totalResources: 0,
  compliantResources: 0,
  notApplicable: 0,
  notApplicableByReason: {},
  unknownTags: 0,
  resourcesFound: 0,
  violationCount: 0,
  costAttributionGap: null,
  byRegion: {},
  byType: {},
  byAccount: {},
  byOwner: {},
  byRule: {}
}

const reportOf = (coverage: Coverage.Coverage, rest: Partial<Report> = {}): Report => ({
  schemaVersion,
  kind: "check",
  generatedAt: "2026-01-09T09:36:02Z",
  scope: {
    partition: "aws",
    accountIds: accounts,
    regions: [],
    types,
    skippedRegions: [],
    discovery,
    accounts: accounts.map((accountId) => ({ accountId, regions: [], skippedRegions: [], discovery })),
    unnamedAccounts: []
  },
  fromCache: false,
  ageSeconds: 0,
  coverage,
  summary: nothing,
  resources: [],
  violations: [],
  ...rest
})

describe("formats", () => {
  it("every file in formats/ is listed and found by each of its names", () => {
    assert.lengthOf(formats, readdirSync(new URL("../src/formats/", import.meta.url)).length)
    for (const format of formats) {
      for (const name of format.names) {
        assert.strictEqual(formatNamed(name), format)
        assert.strictEqual(formatNamed(` ${name.toUpperCase()} `), format)
      }
    }
    assert.strictEqual(formatNamed("md"), formatNamed("markdown"))
    assert.isUndefined(formatNamed("toString"))
  })

  it("render the same report to the same text", () =>
    check(reports, (report) => {
      for (const { names: [name] } of formats) {
        assert.strictEqual(render(name, reversed(report) as Report), render(name, report))
      }
    }))

  it("let no control, bidi or invisible character through", () =>
    check(reports, (report) => {
      for (const { names: [name] } of formats) {
        // RFC 4180 ends a record with both.
        const text = render(name, report, { width: 120 }).replaceAll("\r\n", name === "csv" ? "\n" : "\r\n")
        // oxlint-disable-next-line no-control-regex -- what is looked for
        assert.notMatch(text, /[\0-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u3164\ufeff]/u, name)
        assert.notMatch(text, /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\u{e0000}-\u{e007f}\ud800-\udfff]/u, name)
        assert.isTrue(text.isWellFormed(), name)
      }
    }))

  it("end with a line feed and come in pieces", () => {
    const many = reportOf(coverageOf([]), {
      violations: fc.sample(violations, { numRuns: 500, seed: 1 }),
      resources: fc.sample(resources, { numRuns: 500, seed: 1 })
    })
    for (const format of formats) {
      const pieces = [...format.render(many)]
      assert.isTrue(pieces.at(-1)?.endsWith("\n"))
      assert.isBelow(Math.max(...pieces.map((piece) => piece.length)), pieces.join("").length / 10, format.names[0])
    }
  })
})

describe("json", () => {
  it("decodes to the report it was written from", () =>
    check(reports, (report) => {
      const read = Schema.decodeUnknownSync(Report)(JSON.parse(render("json", report)))
      assert.isTrue(isDeepStrictEqual(read, report))
    }))

  it("has its keys in order, and resources and violations on a line each", () =>
    check(reports, (report) => {
      const text = render("json", report)
      const keys = ["schemaVersion", "kind", "generatedAt", "scope", "policy", "fromCache", "ageSeconds", "coverage",
        "seenBy", "summary", "costs", "storedInHistory", "snapshotId", "topViolations", "recommendations", "resources", "violations"]
      const present = keys.filter((key) => Object.hasOwn(report, key))
      assert.deepStrictEqual(Object.keys(JSON.parse(text)), present)
      const lines = text.split("\n")
      assert.deepStrictEqual(lines.flatMap((line) => /^ {2}"(\w+)":/u.exec(line)?.[1] ?? []), present)
      for (const list of ["resources", "violations"] as const) {
        const start = lines.findIndex((line) => line.startsWith(`  "${list}": [`))
        for (const [index, { arn }] of report[list].entries()) {
          const line = lines[start + 1 + index] ?? ""
          assert.strictEqual(JSON.parse(line.replace(/,$/u, "")).arn, arn)
        }
      }
    }))
})

describe("ndjson", () => {
  const named = ["arn", "id", "name", "type", "service", "accountId", "region", "tags", "createdAt", "state",
    "attributes", "sources", "observedAt"]

  it("has the named keys in every line, and the coverage in the last", () =>
    check(reports, (report) => {
      const lines = render("ndjson", report).split("\n")
      assert.strictEqual(lines.pop(), "")
      const last = JSON.parse(lines.pop() ?? "")
      assert.deepStrictEqual(Object.keys(last), [
        "coverage",
        ...(report.seenBy === undefined ? [] : ["seenBy"]),
        ...(report.kind === "check" ? ["summary"] : [])
      ])
      assert.isTrue(isDeepStrictEqual(last.coverage, JSON.parse(JSON.stringify(report.coverage))))
      assert.lengthOf(lines, report.resources.length)
      for (const [index, line] of lines.entries()) {
        const { attributes, createdAt = null, marks, name = null, state = null, tags } = report.resources[index]!
        const read = JSON.parse(line)
        assert.deepStrictEqual(Object.keys(read), marks === undefined ? named : [...named, "marks"])
        assert.isTrue(isDeepStrictEqual([read.name, read.createdAt, read.state], [name, createdAt, state]))
        assert.isTrue(isDeepStrictEqual(read.tags, tags))
        assert.isTrue(isDeepStrictEqual(read.attributes, attributes))
      }
    }))

  it("is what a scan writes line by line", () =>
    check(reports, (report) => {
      const { coverage, kind, summary } = report
      const last = kind === "check" ? coverageLine(coverage, summary) : coverageLine(coverage)
      assert.strictEqual(report.resources.map(resourceLine).join("") + last, render("ndjson", report))
    }))
})

describe("table", () => {
  it("never exceeds the width", () =>
    check(fc.tuple(reports, fc.integer({ min: 40, max: 160 })), ([report, width]) => {
      for (const color of [false, true]) {
        for (const line of render("table", report, { width, color }).split("\n")) {
          assert.isAtMost(displayWidth(line), width, JSON.stringify(line))
        }
      }
    }))

  it("with colours says the same", () =>
    check(reports, (report) => {
      const painted = render("table", report, { color: true })
      // oxlint-disable-next-line no-control-regex -- what is looked for
      assert.strictEqual(painted.replaceAll(/\u001b\[\d+m/gu, ""), render("table", report))
    }))

  it("cuts no escape in two", () =>
    check(fc.tuple(reports, fc.integer({ min: 40, max: 80 })), ([report, width]) => {
      assert.notMatch(render("table", report, { width }), /\\u(?!\{[0-9a-f]+\})(?:\{[0-9a-f]*)?…/u)
    }))

  it("lists the first 200 resources by the reference's columns, and the worst 50 violations", () => {
    const report = reportOf(coverageOf([]), {
      resources: Array.from({ length: 201 }, (_, index) => ({
        ...fc.sample(resources, { numRuns: 1, seed: 1 })[0]!,
        id: `i-${index}`
      })),
      violations: Array.from({ length: 60 }, (_, index) => ({
        ...fc.sample(violations, { numRuns: 1, seed: 1 })[0]!,
        resourceId: `v-${index}`,
        severity: index < 20 ? "warning" as const : "error" as const
      }))
    })
    const text = render("table", report, { width: 200 })
    assert.match(text, /Region +Resource Type +Resource ID +Resource ARN/u)
    assert.include(text, "and 1 more: use --format json")
    assert.include(text, "and 10 more: use --format json")
    assert.isTrue(/\bi-199\b/u.test(text) && !/\bi-200\b/u.test(text))
    const listed = [...text.matchAll(/^(error|warning) .*\b(v-\d+)\b/gmu)].map(([, severity, id]) => [severity, id])
    assert.deepStrictEqual(listed, [
      ...Array.from({ length: 40 }, (_, index) => ["error", `v-${index + 20}`]),
      ...Array.from({ length: 10 }, (_, index) => ["warning", `v-${index}`])
    ])
  })
})

describe("markdown", () => {
  /** Cells as GitHub counts them: split at pipes without a backslash. */
  const cellsOf = (line: string) => line.split(/(?<!\\)\|/u).length - 2

  it("keeps its tables and holds no foreign markup", () =>
    check(reports, (report) => {
      let columns = 0
      let rows = 0
      for (const line of render("markdown", report).split("\n")) {
        // Without its code spans, which may hold no backtick, there is nothing left that AWS wrote.
        const own = line.replaceAll(/`[^`]+`/gu, "")
        assert.notMatch(own, /[`<>[\]&]|javascript|http/u, line)
        if (!line.startsWith("|")) {
          columns = 0
          continue
        }
        assert.isTrue(line.endsWith(" |"))
        if (columns === 0) columns = cellsOf(line)
        assert.strictEqual(cellsOf(line), columns, line)
        rows++
      }
      assert.isAtLeast(rows, report.resources.length + report.violations.length)
    }))

  it("has the reference's sections, the coverage first", () =>
    check(reports, (report) => {
      const sections = [...render("markdown", report).matchAll(/^## (.+)$/gmu)].map(([, title]) => title)
      const { byAccount, byRegion, byType } = report.summary
      const some = (record: object, title: string, least = 1) => Object.keys(record).length >= least ? [title] : []
      const { byOwner = {}, byRule = {} } = report.summary as Partial<Summary>
      assert.deepStrictEqual(sections, [
        "Coverage",
        "Executive summary",
        ...some(report.recommendations ?? [], "Recommendations"),
        ...some(report.topViolations?.byCount ?? [], "Most frequent violations"),
        ...some(report.topViolations?.byCost ?? [], "Most expensive violations"),
        ...(report.costs === undefined ? [] : ["Cost"]),
        ...some(byAccount, "Summary by account", 2),
        ...some(byRegion, "Summary by Region"),
        ...some(byType, "Summary by service"),
        ...some(byType, "Summary by resource type"),
        ...some(byOwner, "Summary by owner"),
        ...(report.seenBy === undefined ? [] : ["Seen by"]),
        ...some(byRule, "Summary by rule"),
        ...(report.kind === "check" ? ["Violations"] : []),
        ...some(report.resources, "Resources")
      ])
    }))

  it("tells no tags from unknown tags", () => {
    const [some] = fc.sample(resources, { numRuns: 1, seed: 2 })
    const listing = (tags: Report["resources"][number]["tags"]) =>
      render("markdown", reportOf(coverageOf([]), { resources: [{ ...some!, tags }] })).split("\n").findLast((line) =>
        line.startsWith("|")
      )
    assert.match(listing(null) ?? "", /\| unknown \|/u)
    assert.match(listing({}) ?? "", /\| none \|/u)
    assert.match(listing({ Owner: "a|b" }) ?? "", /\| `Owner=a\\\|b` \|/u)
  })
})

describe("coverage", () => {
  it("comes first in the table and in Markdown", () =>
    check(reports, (report) => {
      const first = headline(report.coverage)
      const table = render("table", report, { width: 1000 })
      assert.strictEqual(table.slice(0, table.indexOf("\n")), first)
      const markdown = render("markdown", report)
      assert.isBelow(markdown.indexOf(first.split(":")[0]!), markdown.indexOf("## Executive summary"))
    }))

  it("says complete of nothing else", () =>
    check(reports, ({ coverage }) => {
      const { cells, complete, table } = coverage
      assert.strictEqual(headline(coverage).startsWith("Complete"), complete && table.length > 0)
      const seen = cells.scanned + cells.unsupported
      if (table.length > seen) assert.isTrue(headline(coverage).startsWith(`Seen: ${seen} of ${table.length} cell`))
    }))

  it("counts outcomes and names the Regions that failed", () => {
    const failing = Array.from({ length: 3 }, (_, index) =>
      cell("denied", index, { region: "us-east-1" as CellResult["region"] }))
    const cells = [...Array.from({ length: 250 }, (_, index) => cell("scanned", index)), ...failing,
      cell("timed-out", 900), cell("timed-out", 901)]
    assert.strictEqual(
      headline(coverageOf(cells)),
      "Seen: 250 of 255 cells (3 denied, 2 timed out); failed Regions: us-east-1"
    )
    assert.strictEqual(headline(coverageOf(cells.slice(0, 250))), "Complete: all 250 cells seen in 1 Region")
  })

  it("says what it counts where there are several accounts: the same Region stands in each of them as it does there", () => {
    const of = (accountId: CellResult["accountId"], index: number) =>
      cell("denied", index, { accountId, reason: { error: "AccessDenied", operation: "x:List", message: "with an explicit deny in a service control policy" } })
    const whole = coverageOf([cell("scanned", 1), cell("scanned", 2, { accountId: accounts[1]! })])
    assert.strictEqual(headline(whole), "Complete: all 2 cells seen in 1 Region of 2 accounts")
    assert.include(
      remarks(coverageOf([of(accounts[0]!, 1), of(accounts[1]!, 2)])),
      `2 pairs of account and Region denied by a service control policy: ${accounts[0]}/eu-west-1, ${accounts[1]}/eu-west-1`
    )
    assert.include(remarks(coverageOf([of(accounts[0]!, 1)])), "1 Region denied by a service control policy: eu-west-1")
  })

  it("groups the reasons, and says how many it leaves out", () => {
    const because = (message: string) => ({ reason: { error: "AccessDenied", operation: "x:List", message } })
    const cells = [
      ...Array.from({ length: 4 }, (_, index) => cell("denied", index, because("no"))),
      ...Array.from({ length: 20 }, (_, index) => cell("failed", index + 10, because(`reason ${index}`)))
    ]
    const text = render("table", reportOf(coverageOf(cells)))
    const where = `${accounts[0]} · eu-west-1 · x:t0, x:t1, x:t2, x:t3`
    assert.include(text, `4 denied: AccessDenied in x:List: no\n  ${where}\n`)
    assert.include(text, "and 15 more reasons (15 cells)")
    assert.isAtMost(text.slice(0, text.indexOf("Check of")).split("\n").length, 20)
    const lines = render("markdown", reportOf(coverageOf(cells))).split("\n")
    assert.lengthOf(lines.filter((line) => line.includes("`AccessDenied`")), 21)
  })
})

describe("score", () => {
  const texts = (coverage: Coverage.Coverage, summary: Partial<Summary>) =>
    ["table", "markdown"].map((name) => render(name, reportOf(coverage, { summary: { ...nothing, ...summary } })))

  it("that is absent is never shown as one", () => {
    for (const text of texts(coverageOf([cell("denied", 1)]), { scoreBounds: { lowest: 0, highest: 1 } })) {
      assert.include(text, "no score: nothing was seen")
      assert.notInclude(text, "100")
    }
    check(reports, (report) => {
      if (report.kind === "scan" || (report.summary as Summary).complianceScore !== undefined) return
      assert.match(render("table", report), /^Score: no score: nothing was seen$/mu)
    })
  })

  it("of nothing to score is none", () => {
    for (const text of texts(coverageOf([cell("scanned", 1)]), { complianceScore: 1 })) {
      assert.include(text, "0 resources in scope")
      assert.notInclude(text, "100")
    }
  })

  it("has one decimal, its bounds, and does not round up to all", () => {
    const found = { totalResources: 10_000, compliantResources: 9_999, resourcesFound: 10_000 }
    const scoreBounds = { lowest: 0.5, highest: 0.75 }
    for (const text of texts(coverageOf([cell("scanned", 1)]), { ...found, complianceScore: 0.9999 })) {
      assert.include(text, "99.9%")
      assert.notInclude(text, "100.0%")
    }
    const half = coverageOf([cell("scanned", 1), cell("denied", 2)])
    for (const text of texts(half, { ...found, complianceScore: 0.625, scoreBounds })) {
      assert.include(text, "62.5% of what was seen, between 50.0% and 75.0%")
    }
  })
})

describe("html", () => {
  /** What a browser makes of entities; hidden characters stay escaped. */
  const read = (text: string): string =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&#39;", "'").replaceAll("&amp;", "&")

  it("has no markup but its own: every tag that is opened is closed, in order, and nothing is loaded or run", () =>
    check(reports, (report) => {
      const page = render("html", report)
      const open: Array<string> = []
      for (const [tag, slash, name = ""] of page.matchAll(/<(\/?)([a-z1-6]+)[^<>]*>/gu)) {
        assert.notMatch(tag, /\s(?:on\w+|src|href)\s*=|url\(/u)
        if (["meta", "rect"].includes(name)) continue
        if (slash === "/") assert.strictEqual(open.pop(), name)
        else open.push(name)
      }
      assert.deepStrictEqual(open, [])
      // Apart from tags, the type of the document and entities nothing is left that could be any.
      const rest = page.replace("<!doctype html>", "").replaceAll(/<\/?[a-z1-6]+[^<>]*>/gu, "").replaceAll(/&(?:amp|lt|gt|quot|#39);/gu, "")
      assert.notMatch(rest.replace(/^[\s\S]*?\}(?=\n)/u, ""), /[<>&"']/u)
      assert.notInclude(page, "<script")
    }))

  it("has every violation and every resource, and what was not seen before all else", () =>
    check(reports, (report) => {
      const page = render("html", report)
      const cells = [...page.matchAll(/<td[^>]*>([^<]*)<\/td>/gu)].map(([, cell = ""]) => read(cell))
      for (const { arn } of [...report.violations, ...report.resources]) assert.include(cells, Untrusted.visible(arn))
      assert.isBelow(page.indexOf("<section"), page.indexOf("<h2>"))
      assert.include(page, `class="${report.coverage.complete ? "all" : "part"}"`)
    }))
})

describe("csv", () => {
  /** Reads records as RFC 4180 has them, a character at a time. */
  const read = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
    const records: Array<Array<string>> = [[]]
    let field = ""
    let isQuoted = false
    for (let at = 0; at < text.length; at++) {
      const one = text[at]!
      if (isQuoted) {
        if (one !== "\"") field += one
        else if (text[at + 1] === "\"") field += text[++at]
        else isQuoted = false
      } else if (one === "\"") isQuoted = true
      else if (one === "," || one === "\n") {
        records.at(-1)!.push(field.replace(/\r$/u, ""))
        field = ""
        if (one === "\n") records.push([])
      } else field += one
    }
    assert.deepStrictEqual([records.pop(), field, isQuoted], [[], "", false])
    return records
  }

  it("has a record for each violation, or of a scan for each resource, and none that a spreadsheet calculates", () =>
    check(reports, (report) => {
      const [head = [], ...records] = read(render("csv", report))
      const listed = report.kind === "check" ? report.violations : report.resources
      assert.lengthOf(records, listed.length)
      for (const [at, record] of records.entries()) {
        assert.lengthOf(record, head.length)
        assert.isTrue(record.at(-1)!.endsWith(Untrusted.visible(listed[at]!.arn)))
        for (const field of record) assert.notMatch(field, /^\s*[=+\-@]/u)
      }
    }))

  it("tells tags that are none from tags that nobody could read", () => {
    const [one] = fc.sample(resources, { numRuns: 1, seed: 1 })
    const report = reportOf(coverageOf([]), { resources: [{ ...one!, tags: {} }, { ...one!, tags: null }] })
    const [head = [], ...records] = read(render("csv", { ...report, kind: "scan" }))
    assert.deepStrictEqual(records.map((record) => record[head.indexOf("Tags")]), ["{}", ""])
  })
})

describe("what to do first", () => {
  const advised = reportOf(coverageOf([]), {
    topViolations: {
      byCount: [{ tag: "Owner", rule: "missing_required_tag", severity: "error", resources: 1234, cost: null, unpriced: 1234 }],
      byCost: [{ tag: "Team", rule: "empty_value", severity: "error", resources: 2, cost: 12.5, unpriced: 1 }]
    },
    recommendations: [
      { kind: "see", text: "See more", examples: [] },
      { kind: "set-tag", text: "Set Owner", scoreGain: 0.125, examples: [] }
    ]
  })

  it("is said in order, with what it gains and what it costs", () => {
    for (const name of ["table", "markdown"]) {
      const text = render(name, advised)
      assert.match(text, /1\. .?See more/u, name)
      assert.match(text, /2\. .?Set Owner.? \(\+12\.5 points\)/u, name)
      assert.isBelow(text.indexOf("See more"), text.indexOf("Most frequent violations"), name)
      assert.match(text, /Owner.+1,234.+unknown/u, name)
      assert.match(text, /Team.+12\.50 USD \(of 1 unknown\)/u, name)
    }
    assert.notInclude(render("table", reportOf(coverageOf([]))), "first")
  })
})
