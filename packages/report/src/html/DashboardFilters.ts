/**
 * What the page of a server is asked to show: its filters, and how they stand in an address.
 *
 * @since 0.1.0
 */
import { Rule } from "@cadastre/policy"
import { tables } from "./Pages.ts"

/**
 * What is shown of the estate. Each list is empty for all; several of one list are alternatives.
 *
 * - `accounts`, `regions`, `types`: what the figures are of
 * - `severities`, `findings`, `keys`, `owners`: which violations are listed; they change no figure. `findings` are rules,
 *   `keys` the tags that are missing or wrong. The owner `""` stands for those of whom none is known
 *
 * @category models
 * @since 0.1.0
 */
export interface Filters {
  readonly accounts: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly types: ReadonlyArray<string>
  readonly severities: ReadonlyArray<Severity>
  readonly findings: ReadonlyArray<Rule>
  readonly keys: ReadonlyArray<string>
  readonly owners: ReadonlyArray<string>
}

type Severity = "error" | "warning"

/** @since 0.1.0 */
export const all: Filters = { accounts: [], regions: [], types: [], severities: [], findings: [], keys: [], owners: [] }

/** What the violations may be listed by. @since 0.1.0 */
const sortKeys = ["severity", "account", "region", "type", "tag", "finding", "arn"] as const

/**
 * The order of the violations that are listed; errors first by default.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sort {
  readonly by: typeof sortKeys[number]
  readonly isDown: boolean
}

const usual: Sort = { by: "severity", isDown: false }

/**
 * What an address asks for.
 *
 * - `pages`: of long tables, by their name, from 1
 *
 * @category models
 * @since 0.1.0
 */
export interface Address {
  readonly filters: Filters
  readonly sort: Sort
  readonly pages: ReadonlyMap<string, number>
}

/** As the page writes them, and as the tools call them. */
const severityNames: Readonly<Record<string, ReadonlyArray<Severity>>> = {
  all: [],
  error: ["error"],
  errors_only: ["error"],
  warning: ["warning"],
  warnings_only: ["warning"]
}

/** Lists whose values have no commas. */
const plain = [["account", "accounts"], ["region", "regions"], ["type", "types"], ["severity", "severities"], ["finding", "findings"]] as const
/** Tags may have any. */
const free = [["key", "keys"], ["owner", "owners"]] as const

/** How much of each list is taken. No estate has more, and no address of a browser. */
const most: Readonly<Record<string, number>> = { region: 50 }
const mostOfMost = 1000
const longest = 1024

/**
 * What the query of an address asks for, and what of it nobody can make sense of, in words: that is left out. Lists
 * have the name several times; those of names have commas as well.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (query: URLSearchParams): { readonly address: Address; readonly problems: ReadonlyArray<string> } => {
  const problems: Array<string> = []
  const list = (name: string, hasCommas: boolean): ReadonlyArray<string> => {
    const values = query.getAll(name).flatMap((value) => hasCommas ? value.split(",").map((one) => one.trim()) : [sent(value)])
    const found = [...new Set(values.filter((one) => one !== ""))].toSorted()
    const limit = most[name] ?? mostOfMost
    if (found.some((one) => one.length > longest)) problems.push(`A value of the filter ${name} is longer than ${longest} characters.`)
    if (found.length > limit) problems.push(`The filter ${name} has more than ${limit} values: those after them are left out.`)
    return found.filter((one) => one.length <= longest).slice(0, limit)
  }
  const severities = list("severity", true).flatMap((value) => {
    if (Object.hasOwn(severityNames, value)) return severityNames[value] ?? []
    problems.push(`There is no severity "${shown(value)}": it is error or warning.`)
    return []
  })
  const findings = list("finding", true).flatMap((value) => {
    const rule = Rule.literals.find((one) => one === value)
    if (rule === undefined) problems.push(`There is no finding "${shown(value)}": it is one of ${Rule.literals.join(", ")}.`)
    return rule === undefined ? [] : [rule]
  })
  const isUnowned = truthOf(query.get("unowned"), "unowned", problems)
  const pages = new Map<string, number>()
  for (const name of new Set(query.keys())) {
    const table = /^(.+)-page$/u.exec(name)?.[1]
    if (table !== undefined && tables.has(table)) {
      const text = query.get(name) ?? ""
      if (/^[1-9]\d{0,8}$/u.test(text)) pages.set(table, Number(text))
      else if (text !== "") problems.push(`"${shown(text)}" is no page: pages have numbers from 1.`)
    } else if (!known.has(name)) problems.push(`There is no filter "${shown(name)}".`)
  }
  return {
    address: {
      filters: {
        accounts: list("account", true),
        regions: list("region", true),
        types: list("type", true),
        severities: [...new Set(severities)].toSorted(),
        findings,
        keys: list("key", false),
        owners: [...isUnowned ? [""] : [], ...list("owner", false)]
      },
      sort: sortOf(query.get("sort") ?? "", problems),
      pages
    },
    problems
  }
}

/**
 * A text as it comes back when a browser has sent it: with one kind of line ends, and no halves of characters.
 *
 * @category getters
 * @since 0.1.0
 */
export const sent = (text: string): string => text.toWellFormed().replace(/\r\n?/gu, "\n")

const known: ReadonlySet<string> = new Set([...plain, ...free].map(([name]): string => name).concat("unowned", "sort"))

const truthOf = (text: string | null, name: string, problems: Array<string>): boolean => {
  if (text !== null && !["", "true", "false"].includes(text)) problems.push(`"${shown(text)}" is no value of ${name}: it is true or false.`)
  return text === "true"
}

const sortOf = (text: string, problems: Array<string>): Sort => {
  const name = text.replace(/^-/u, "")
  const by = sortKeys.find((one) => one === name)
  if (by !== undefined) return { by, isDown: text.startsWith("-") }
  if (text !== "") problems.push(`Nothing is sorted by "${shown(text)}": it is one of ${sortKeys.join(", ")}, with - before it for the other way.`)
  return usual
}

const shown = (text: string): string => text.length <= 80 ? text : `${text.slice(0, 80)} …`

/**
 * The query of an address that asks for that, with its `?`; empty for nothing in particular.
 *
 * @category getters
 * @since 0.1.0
 */
export const queryOf = ({ filters, pages = new Map(), sort = usual }: Partial<Address> & Pick<Address, "filters">): string => {
  const query = new URLSearchParams()
  for (const [name, list] of plain) if (filters[list].length > 0) query.set(name, filters[list].join(","))
  for (const [name, list] of free) for (const value of filters[list]) if (value !== "") query.append(name, value)
  if (filters.owners.includes("")) query.set("unowned", "true")
  if (sort.by !== usual.by || sort.isDown !== usual.isDown) query.set("sort", `${sort.isDown ? "-" : ""}${sort.by}`)
  for (const [table, page] of pages) query.set(`${table}-page`, String(page))
  const text = query.toString()
  return text === "" ? "" : `?${text}`
}

/** Where a page is; all that varies in it is encoded. @since 0.1.0 */
export const hrefOf = (address: Partial<Address> & Pick<Address, "filters">, part = ""): string => `/${queryOf(address)}${part}`

/**
 * The same filters without what changes no figure: whoever asks for these sees the same estate.
 *
 * @category getters
 * @since 0.1.0
 */
export const scopeOf = ({ accounts, regions, types }: Filters): Filters => ({ ...all, accounts, regions, types })

/**
 * Each value that narrows what is shown, and the filters without it.
 *
 * @category getters
 * @since 0.1.0
 */
export const active = (filters: Filters): ReadonlyArray<{ readonly name: string; readonly value: string; readonly without: Filters }> =>
  titles.flatMap(([list, name]) =>
    (filters[list] as ReadonlyArray<string>).map((value) => ({
      name,
      value: value === "" ? "none known" : value,
      without: { ...filters, [list]: (filters[list] as ReadonlyArray<string>).filter((one) => one !== value) }
    }))
  )

const titles = [
  ["accounts", "Account"],
  ["regions", "Region"],
  ["types", "Type"],
  ["severities", "Severity"],
  ["findings", "Finding"],
  ["keys", "Tag"],
  ["owners", "Owner"]
] as const
