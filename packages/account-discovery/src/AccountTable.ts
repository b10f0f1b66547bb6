/**
 * Accounts in lines: CSV or plain text.
 *
 * @since 0.1.0
 */
import { type Field, fieldNamed, type FieldName, fieldNames, type RawEntry, type RawFile } from "./AccountField.ts"

interface Cell {
  readonly text: string
  readonly column: number
  readonly isOpen: boolean
}

/** The columns of a file that does not name them. */
const usual: ReadonlyArray<FieldName> = ["account_id", "name", "role_arn", "external_id"]

/**
 * Reads the lines. What separates the cells is told by each line: a tab, a
 * comma or a semicolon, whichever comes first; or else the white space after the id.
 */
export const read = (text: string): RawFile => {
  const entries: Array<RawEntry> = []
  const issues: Array<RawFile["issues"][number]> = []
  let columns: ReadonlyArray<FieldName | undefined> | undefined
  const lines = text.replace(/^\uFEFF/u, "").split(/\r\n|\n|\r/u)
  for (const [at, whole] of lines.entries()) {
    const line = at + 1
    const content = withoutComment(whole)
    if (content.trim() === "") continue
    const cells = cellsOf(content)
    const open = cells.find(({ isOpen }) => isOpen)
    if (open !== undefined) {
      const message = "the quotation mark is not closed"
      issues.push({ line, column: open.column, message, hint: "cells end on their line" })
      continue
    }
    if (columns === undefined) {
      const named = cells.map(({ text }) => fieldNamed(text))
      // An account may be named as a column is; no column is named as an account id.
      if (named.includes("account_id") && !cells.some(({ text }) => /^\s*\d{12}\s*$/u.test(text))) {
        columns = named
        for (const [index, cell] of cells.entries()) {
          if (named[index] !== undefined && named.indexOf(named[index]) === index) continue
          const message = named[index] === undefined
            ? `${JSON.stringify(cell.text)} is no column of account files`
            : `the column ${named[index]} is there twice`
          issues.push({ line, column: cell.column, message, hint: `the columns are ${fieldNames.join(", ")}` })
        }
        continue
      }
      columns = usual
    }
    const fields = new Map<string, Field>()
    for (const [index, cell] of cells.entries()) {
      const name = columns[index]
      if (cell.text === "") continue
      if (index >= columns.length) {
        const message = `the line has more than ${columns.length} cells`
        issues.push({ line, column: cell.column, message, hint: `the columns are ${columns.join(", ")}` })
        break
      }
      if (name !== undefined) fields.set(name, { text: cell.text, line, column: cell.column })
    }
    // Without a heading a role is written either way.
    const role = columns === usual ? fields.get("role_arn") : undefined
    if (role !== undefined && !role.text.startsWith("arn:")) {
      fields.delete("role_arn")
      fields.set("role_name", role)
    }
    entries.push({ line, column: cells[0]?.column ?? 1, fields })
  }
  return { entries, issues }
}

/** A `#` begins a comment at the start of a cell's text, not within a word and not within quotes. */
const withoutComment = (line: string): string => {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const char = line[i]
    if (char === "\"") quoted = !quoted
    if (char === "#" && !quoted && (i === 0 || /[\s,;]/u.test(line[i - 1]!))) return line.slice(0, i)
  }
  return line
}

const cellsOf = (line: string): ReadonlyArray<Cell> => {
  const separator = /[,;\t]/u.exec(line.replace(/"[^"]*"?/gu, (quoted) => " ".repeat(quoted.length)))?.[0]
  if (separator === undefined) {
    // `111122223333 the name`
    const [, space = "", first = "", rest = ""] = /^(\s*)(\S+)\s*(.*)$/u.exec(line) ?? []
    const cells = [cellOf(first, space.length + 1)]
    return rest.trim() === "" || first.startsWith("\"")
      ? rest.trim() === "" ? cells : [cellOf(line.trim(), space.length + 1)]
      : [...cells, cellOf(rest, line.length - rest.length + 1)]
  }
  const cells: Array<Cell> = []
  let start = 0
  let quoted = false
  for (let i = 0; i <= line.length; i++) {
    if (line[i] === "\"") quoted = !quoted
    if (i < line.length && (quoted || line[i] !== separator)) continue
    cells.push(cellOf(line.slice(start, i), start + 1))
    start = i + 1
  }
  return cells
}

const cellOf = (raw: string, start: number): Cell => {
  const text = raw.trim()
  const column = start + raw.length - raw.trimStart().length
  if (!text.startsWith("\"")) return { text, column, isOpen: false }
  const closed = /^"((?:[^"]|"")*)"$/u.exec(text)
  return { text: closed?.[1]?.replaceAll("\"\"", "\"").trim() ?? "", column, isOpen: closed === null }
}
