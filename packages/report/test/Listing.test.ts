import { Listing } from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

const textOf = (listing: Listing.Listing, format: Listing.Format, width?: number): string =>
  [...Listing.render(listing, format, width === undefined ? {} : { width })].join("")

const of = (rows: ReadonlyArray<ReadonlyArray<string>>): Listing.Listing => ({
  title: "A list",
  lines: [{ text: rows.flat().join(" ") }],
  tables: [{ columns: [{ title: "One" }, { title: "Two" }], rows }],
  notes: rows.flat(),
  records: { columns: ["One", "Two"], rows },
  value: { rows }
})

/** RFC 4180, a character at a time. */
const parse = (csv: string): ReadonlyArray<ReadonlyArray<string>> => {
  const records: Array<Array<string>> = [[""]]
  let quoted = false
  for (let at = 0; at < csv.length; at++) {
    const record = records.at(-1)!
    const c = csv[at]!
    if (quoted) {
      if (c !== '"') record.push(record.pop()! + c)
      else if (csv[at + 1] === '"') record.push(record.pop()! + csv[at++])
      else quoted = false
    } else if (c === '"') quoted = true
    else if (c === ",") record.push("")
    else if (c === "\r" && csv[at + 1] === "\n") {
      records.push([""])
      at++
    } else record.push(record.pop()! + c)
  }
  return records.slice(0, -1)
}

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "\uFF1D1", 'a"b', "a,b", "a\r\nb", "\u001b[31mred", "\u202Eevil", "|", "`x`", "<b>")
)
/** What takes a column at least: marks and parts of Hangul syllables may stand over what came before. */
const ownColumn = /[^\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb]/gu

const tables = fc.array(fc.tuple(hostile, hostile), { maxLength: 5 })

describe("Listing", () => {
  it("property: as CSV, every record has its fields, and none of them is a formula", () => {
    fc.assert(fc.property(tables, (rows) => {
      const records = parse(textOf(of(rows), "csv"))
      assert.strictEqual(records.length, rows.length + 1)
      for (const record of records) {
        assert.strictEqual(record.length, 2)
        for (const field of record) assert.notMatch(field, /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u)
      }
    }), { numRuns: 300 })
  })

  it("a plain field is itself, a formula begins with an apostrophe", () => {
    const rows = [["arn:aws:sqs:eu-west-1:1:a", "it's 5, \"five\""], ["=HYPERLINK(\"http://x\")", "-1"]]
    assert.deepStrictEqual(parse(textOf(of(rows), "csv")).slice(1), [rows[0]!, ["'=HYPERLINK(\"http://x\")", "'-1"]])
  })

  it("property: nothing of it moves a cursor or turns a line round, and no line is wider than the terminal", () => {
    fc.assert(fc.property(tables, fc.integer({ min: 40, max: 120 }), (rows, width) => {
      for (const format of ["table", "markdown", "csv", "json"] as const) {
        assert.notMatch(textOf(of(rows), format, width).replaceAll("\r\n", "\n"), /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
      }
      for (const line of textOf(of(rows), "table", width).split("\n")) assert.isAtMost(line.match(ownColumn)?.length ?? 0, width)
    }), { numRuns: 200 })
  })

  it("property: JSON is the value, with tags in order", () => {
    fc.assert(fc.property(tables, (rows) => {
      assert.deepStrictEqual(JSON.parse(textOf(of(rows), "json")), { rows })
    }))
    const value = { resources: [{ tags: { b: "1", a: "2", ["__proto__"]: "3" } }] }
    assert.deepStrictEqual(Object.keys((JSON.parse(textOf({ ...of([]), value }, "json")) as typeof value).resources[0]!.tags), ["__proto__", "a", "b"])
  })

  it("people see the first rows and how many there are besides", () => {
    const listing = { ...of([]), tables: [{ columns: [{ title: "N" }], rows: [["a"], ["b"], ["c"]], most: 2 }] }
    assert.include(textOf(listing, "table"), "and 1 more: use --format json or csv")
    assert.notInclude(textOf(listing, "table"), "c\n")
    assert.include(textOf(listing, "markdown"), "and 1 more")
  })
})
