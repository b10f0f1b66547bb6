/**
 * Lines and tables of a given width, for terminals. All text is made
 * {@link visible} here, so that no caller can forget to.
 *
 * @since 0.1.0
 */
import { displayWidth, truncate } from "./DisplayWidth.ts"
import { visible } from "./Untrusted.ts"

/** SGR codes. */
const colors = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 } as const

/** @since 0.1.0 */
export type Color = keyof typeof colors

/**
 * Where the text goes. Below 40 columns there is no table to be read.
 *
 * @since 0.1.0
 */
export interface Terminal {
  readonly width: number
  readonly color: boolean
}

const paint = ({ color }: Terminal, name: Color | undefined, text: string): string =>
  color && name !== undefined && text !== "" ? `\u001b[${colors[name]}m${text}\u001b[0m` : text

/**
 * One line, cut at the width.
 *
 * @since 0.1.0
 */
export const line = (terminal: Terminal, text: string, color?: Color): string =>
  `${paint(terminal, color, truncate(visible(text), terminal.width))}\n`

/**
 * As many lines as the text needs, broken at blanks.
 *
 * @since 0.1.0
 */
export function* paragraph(terminal: Terminal, text: string, color?: Color): Iterable<string> {
  let full = ""
  for (const word of visible(text).split(" ")) {
    if (full !== "" && displayWidth(full) + 1 + displayWidth(word) > terminal.width) {
      yield `${paint(terminal, color, truncate(full, terminal.width))}\n`
      full = `  ${word}`
    } else {
      full = full === "" ? word : `${full} ${word}`
    }
  }
  yield `${paint(terminal, color, truncate(full, terminal.width))}\n`
}

/** @since 0.1.0 */
export interface Column {
  readonly title: string
  readonly color?: Color
  /** Numbers stand at the right and are the last to be cut. */
  readonly number?: boolean
}

const gap = "  "

/**
 * A table with a heading, as wide as its cells need and the terminal has.
 *
 * @since 0.1.0
 */
export function* table(
  terminal: Terminal,
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): Iterable<string> {
  const shown = rows.map((row) => row.map(visible))
  const needed = columns.map(({ title }, index) =>
    shown.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? "")), displayWidth(title))
  )
  const widths = fit(columns, needed, terminal.width - gap.length * (columns.length - 1))
  const draw = (cells: ReadonlyArray<string>, color: (column: Column) => Color | undefined) => {
    let text = ""
    let blanks = 0
    columns.forEach((column, index) => {
      const width = widths[index] ?? 0
      const cell = truncate(cells[index] ?? "", width)
      const rest = width - displayWidth(cell)
      if (index > 0) blanks += gap.length
      if (column.number === true) blanks += rest
      if (cell !== "") {
        text += " ".repeat(blanks) + paint(terminal, color(column), cell)
        blanks = 0
      }
      if (column.number !== true) blanks += rest
    })
    return `${text}\n`
  }
  yield draw(columns.map(({ title }) => title), () => "bold")
  yield `${paint(terminal, "dim", widths.map((width) => "─".repeat(width)).join(gap))}\n`
  for (const row of shown) yield draw(row, ({ color }) => color)
}

/** Takes from the widest column first, and from columns of text before those of numbers. */
const fit = (
  columns: ReadonlyArray<Column>,
  needed: ReadonlyArray<number>,
  available: number
): ReadonlyArray<number> => {
  const capped = (cap: number, numbers: boolean) =>
    needed.map((width, index) => columns[index]?.number === true && !numbers ? width : Math.min(width, cap))
  const sum = (widths: ReadonlyArray<number>) => widths.reduce((total, width) => total + width, 0)
  for (const [numbers, least] of [[false, 8], [true, 1]] as const) {
    for (let cap = available; cap >= least; cap--) {
      const widths = capped(cap, numbers)
      if (sum(widths) <= available) return widths
    }
  }
  return capped(1, true)
}
