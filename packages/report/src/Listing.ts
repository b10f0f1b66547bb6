/**
 * Answers that are lists: some lines, some tables, and the whole as JSON. One
 * shape for all questions that are not a whole report.
 *
 * @since 0.1.0
 */
import type { Coverage } from "@cadastre/model"
import { count, headline, remarks, unseen } from "./CoverageText.ts"
import * as CsvText from "./CsvText.ts"
import type { RenderOptions } from "./Report.ts"
import { type Color, type Column, line, paragraph, table, type Terminal } from "./TextTable.ts"
import { code, json } from "./Untrusted.ts"

/**
 * - `title`: above the table, where there is more than one
 * - `most`: rows that people are shown; all by default
 *
 * @category models
 * @since 0.1.0
 */
export interface ListingTable {
  readonly title?: string
  readonly columns: ReadonlyArray<Column>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  readonly most?: number
}

/**
 * - `title`: what is answered, in a few words
 * - `lines`: what people read first; what was not seen before all else
 * - `tables`: for people; `notes`: below them
 * - `records`: what CSV has: everything, nothing cut
 * - `value`: the whole answer, which is JSON
 *
 * @category models
 * @since 0.1.0
 */
export interface Listing {
  readonly title: string
  readonly lines: ReadonlyArray<{ readonly text: string; readonly color?: Color }>
  readonly tables: ReadonlyArray<ListingTable>
  readonly notes?: ReadonlyArray<string>
  readonly records: { readonly columns: ReadonlyArray<string>; readonly rows: ReadonlyArray<ReadonlyArray<string>> }
  readonly value: unknown
}

/**
 * Their names, by format.
 *
 * @category models
 * @since 0.1.0
 */
export const formats = { table: "txt", json: "json", markdown: "md", csv: "csv" } as const
/** @since 0.1.0 */
export type Format = keyof typeof formats

/**
 * A listing as text, in pieces. All text that is not a format's own is taken for
 * untrusted.
 *
 * @category rendering
 * @since 0.1.0
 */
export function* render(listing: Listing, format: Format, options: RenderOptions = {}): Iterable<string> {
  switch (format) {
    case "json":
      yield `${json(JSON.stringify(listing.value, stable, 2))}\n`
      return
    case "csv":
      yield CsvText.record(listing.records.columns)
      for (const row of listing.records.rows) yield CsvText.record(row)
      return
    case "markdown":
      yield* markdown(listing)
      return
    case "table":
      yield* terminal(listing, { color: options.color ?? false, width: Math.max(40, Math.floor(options.width ?? 100)) })
  }
}

/** Tags come in whatever order AWS has them. */
const stable = (key: string, value: unknown): unknown =>
  key === "tags" && typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1))
    : value

function* terminal(listing: Listing, terminal: Terminal): Iterable<string> {
  for (const { color, text } of listing.lines) yield* paragraph(terminal, text, color)
  for (const { columns, most = Number.POSITIVE_INFINITY, rows, title } of listing.tables) {
    if (rows.length === 0) continue
    yield "\n"
    if (title !== undefined) yield line(terminal, title, "bold")
    yield* table(terminal, columns, rows.slice(0, most))
    if (rows.length > most) yield line(terminal, moreOf(rows.length - most))
  }
  const { notes = [] } = listing
  if (notes.length > 0) yield "\n"
  for (const note of notes) yield* paragraph(terminal, note)
}

const moreOf = (rest: number): string => `and ${count(rest, "more", "more")}: use --format json or csv`

function* markdown({ lines, notes = [], tables, title }: Listing): Iterable<string> {
  yield `# ${title}\n\n`
  for (const { text } of lines) yield `- ${code(text)}\n`
  for (const { columns, most = Number.POSITIVE_INFINITY, rows, title } of tables) {
    if (rows.length === 0) continue
    if (title !== undefined) yield `\n## ${title}\n`
    yield `\n| ${columns.map((column) => column.title).join(" | ")} |\n`
    yield `| ${columns.map(({ number }) => number === true ? "---:" : "---").join(" | ")} |\n`
    for (const row of rows.slice(0, most)) {
      yield `| ${row.map((cell, at) => cell === "" ? "" : columns[at]?.number === true ? cell : code(cell)).join(" | ")} |\n`
    }
    if (rows.length > most) yield `\n${moreOf(rows.length - most)}\n`
  }
  if (notes.length > 0) yield "\n"
  for (const note of notes) yield `- ${code(note)}\n`
}

/**
 * What was seen of the scope and why the rest was not, as the first lines of a
 * listing.
 *
 * @category getters
 * @since 0.1.0
 */
export const coverageLines = (coverage: Coverage.Coverage): Listing["lines"] => [
  { text: headline(coverage), color: coverage.complete ? "green" : "red" },
  ...remarks(coverage).map((text) => ({ text, color: "yellow" as const })),
  ...unseen(coverage).slice(0, mostReasons).map(({ cells, error, message, outcome }) => ({
    text: `${count(cells, "cell")} ${outcome}: ${[error, message].filter((part) => part !== "").join(": ")}`,
    color: "yellow" as const
  }))
]

const mostReasons = 6
