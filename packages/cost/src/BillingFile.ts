/**
 * Bills as files, summed where they are read: memory does not grow with their lines.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { glob, stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { ChargeKind } from "./ChargeKind.ts"
import { BadFile, CostError, type NoDuckDb, NotAvailable } from "./CostError.ts"
import { addDays } from "./CostPeriod.ts"
import type { Source } from "./CostSource.ts"
import * as DuckDb from "./DuckDb.ts"
import * as Money from "./Money.ts"
import type * as S3Files from "./S3Files.ts"
import * as S3Location from "./S3Location.ts"
import type { KeyStanding, NotUsed, Spend, SpendLine, SpendRequest } from "./Spend.ts"

/**
 * Where the files are: paths, with `*`, `**` and `?` as in a shell, or directories; the same in S3, as `s3://bucket/…`,
 * where what keys begin with is a directory. All are CSV (`.csv`, `.csv.gz`, `.csv.zst`) or all are Parquet.
 *
 * - `s3`: what fetches those in S3, see `S3Files.make`; without it they cannot be read
 *
 * @category models
 * @since 0.1.0
 */
export interface BillingFiles {
  readonly files: string | ReadonlyArray<string>
  readonly s3?: S3Files.Fetch
}

/** How a column is named in a query: quoted, or `undefined` where the files have none such. */
type ColumnOf = (name: string) => string | undefined

/**
 * A form of bill.
 *
 * - `required`: columns without which it is none; of each the names that it may go by
 * - `time`, `amounts`: the columns of the time and of the amounts that `amount` is made of
 * - `words`: the columns that all else is made of; lines that have the same in all of them are one before anything else
 *   is looked at
 * - `account`, …: SQL of what a line says, of its words as text and of the sums of its amounts, `"a_<name>"`
 * - `kind`: ends up as one of the kinds of charge
 * - `tags`: the column that holds the tags, where there is one
 */
export interface Form {
  readonly name: "focus" | "cur"
  readonly required: ReadonlyArray<ReadonlyArray<string>>
  readonly time: string
  readonly amounts: ReadonlyArray<string>
  readonly words: ReadonlyArray<string>
  readonly account: (column: ColumnOf) => string
  readonly region: (column: ColumnOf) => string
  readonly service: (column: ColumnOf) => string
  readonly resource: (column: ColumnOf) => string
  readonly currency: (column: ColumnOf) => string
  readonly kind: (column: ColumnOf) => string
  readonly amount: (column: ColumnOf) => string
  readonly tags: string
}

/** Reads bills of a form as a source of costs. */
export const make = (form: Form, { files, s3 }: BillingFiles): Source => ({
  name: form.name,
  spend: Effect.fn(`${form.name}.spend`)(function*(request: SpendRequest) {
    const named = typeof files === "string" ? [files] : files
    const [remote, local] = [named.filter(S3Location.isMeant), named.filter((file) => !S3Location.isMeant(file))]
    if (remote.length === 0) return yield* Effect.scoped(read(form, local, request))
    if (s3 === undefined) return yield* new BadFile({ file: remote.join(","), problem: "nothing here reads from S3" })
    return yield* Effect.scoped(Effect.gen(function*() {
      const { paths, renamed } = yield* s3(remote)
      return yield* read(form, [...local, ...paths], request).pipe(
        Effect.map((spend) => ({
          ...spend,
          unknownAccounts: spend.unknownAccounts.map((one) => ({ ...one, reason: renamed(one.reason) }))
        })),
        Effect.mapError((error) =>
          error._tag === "BadFile"
            ? new BadFile({
              file: renamed(error.file),
              ...(error.column === undefined ? {} : { column: error.column }),
              problem: renamed(error.problem)
            })
            : error._tag === "NotAvailable"
            ? new NotAvailable({ message: renamed(error.message) })
            : error
        )
      )
    }))
  }, Effect.mapError((reason) => new CostError({ source: form.name, reason })))
})

const read = Effect.fnUntraced(function*(form: Form, patterns: ReadonlyArray<string>, request: SpendRequest) {
  const files = yield* found(patterns)
  const reader = yield* readerOf(files)
  const database = yield* DuckDb.open(files)
  const given = { files }
  const types = yield* attempt(() => database.columns(`SELECT * FROM ${reader}`, given), files)
  const names = new Map([...types.keys()].map((name) => [name.toLowerCase(), name]))
  const column: ColumnOf = (name) => {
    const known = names.get(name.toLowerCase())
    return known === undefined ? undefined : `"${known.replaceAll("\"", "\"\"")}"`
  }
  for (const [first = "", ...others] of form.required) {
    if (column(first) === undefined && others.every((other) => column(other) === undefined)) {
      return yield* new BadFile({ file: shown(files), column: first, problem: `is missing: this is no ${formats[form.name]} file` })
    }
  }
  const tagKeys = (request.tagKeys ?? []).slice(0, 30)
  const tags = tagKeys.length === 0 ? undefined : column(form.tags)
  const amounts = form.amounts.filter((name) => column(name) !== undefined)
  const words = form.words.filter((name) => column(name) !== undefined)
  // A column without a single value has whatever type the writer took.
  const said: ColumnOf = (name) => column(name) === undefined ? undefined : `CAST("w_${name}" AS VARCHAR)`
  const typeOf = (name: string) => types.get(unquoted(column(name)!)) ?? ""
  const time = timeOf(column(form.time)!, typeOf(form.time))
  const decimals = amounts.map((name) => ({ name, sql: decimalOf(column(name)!, typeOf(name)), bad: isBad(column(name)!, typeOf(name)) }))
  const bad = [`${time} IS NULL`, ...decimals.flatMap(({ bad }) => bad === undefined ? [] : [bad])].join(" OR ")
  const rows = yield* attempt(() =>
    database.query(
      `
      WITH sums AS (
        SELECT ${words.map((name) => `${column(name)!} AS "w_${name}"`).join(", ")}, ${tags ?? "NULL"} AS tags,
          ${decimals.map(({ name, sql }) => `SUM(COALESCE(${sql}, 0)) AS "a_${name}"`).join(", ")},
          COUNT(*) FILTER (WHERE ${bad}) AS bad, MIN(${time}) AS first, MAX(${time}) AS last
        FROM ${reader}
        WHERE ${time} >= CAST($start AS TIMESTAMP) AND ${time} < CAST($end AS TIMESTAMP) OR ${bad}
        GROUP BY ALL
      ),
      keyed AS (
        SELECT ${form.account(said)} AS account, ${form.region(said)} AS region, ${form.service(said)} AS service,
          ${form.resource(said)} AS resource, ${form.kind(said)} AS kind, ${form.currency(said)} AS currency,
          ${maskOf(tags === undefined ? undefined : types.get(unquoted(tags)), tagKeys)} AS keys,
          ${form.amount(column)} AS amount, bad, first, last
        FROM sums
      )
      SELECT account, region, service, resource, kind, currency, keys, CAST(SUM(amount) AS VARCHAR),
        CAST(SUM(bad) AS VARCHAR), CAST(CAST(MIN(first) AS DATE) AS VARCHAR), CAST(CAST(MAX(last) AS DATE) AS VARCHAR)
      FROM keyed GROUP BY account, region, service, resource, kind, currency, keys`,
      {
        ...given,
        start: request.period.start,
        end: request.period.end,
        ...(tags === undefined ? {} : formsOf(tagKeys))
      }
    ), files)

  const asked = new Set<string>(request.accounts.map(({ id }) => id))
  const kept: Array<SpendLine> = []
  const accounts = new Set<string>()
  let mask = 0
  let [first, last] = ["9999", ""]
  for (const [account, region, service, resource, kind, currency, keys, amount, bad, from, to] of rows) {
    if (bad !== "0") return yield* whichIsBad(database, reader, [...amounts, form.time], column, files)
    const accountId = text(account)
    if (asked.size > 0 && !asked.has(accountId)) continue
    const sum = Money.parse(text(amount))
    if (sum === undefined) return yield* new BadFile({ file: shown(files), problem: `a sum cannot be read: ${text(amount)}` })
    if (text(currency) === "") {
      return yield* new BadFile({ file: shown(files), column: form.required.at(-1)?.[0] ?? "", problem: "a line has no currency" })
    }
    accounts.add(accountId)
    if (text(from) < first) first = text(from)
    if (text(to) > last) last = text(to)
    mask |= Number(keys)
    if (sum === 0n) continue
    kept.push({
      accountId,
      region: text(region) === "" ? "global" : text(region),
      service: text(service),
      ...(text(resource) === "" ? {} : { resourceId: text(resource) }),
      kind: text(kind) as ChargeKind,
      amount: sum,
      currency: text(currency),
      ...(tags === undefined ? {} : { keys: Number(keys) })
    })
  }
  const { end, start } = request.period
  if (accounts.size === 0) {
    return yield* new NotAvailable({
      message: `${shown(files)} has no line of these accounts from ${start} to ${addDays(end, -1)}`
    })
  }
  const notes = [
    ...(first > start ? [`The files begin on ${first}: what was spent from ${start} on is not in them`] : []),
    ...(last < addDays(end, -1) ? [`The files end on ${last}: what was spent until ${addDays(end, -1)} is not in them`] : []),
    ...(tagKeys.length > 0 && tags === undefined ? [`The files have no column ${form.tags}`] : [])
  ]
  const unknownAccounts: ReadonlyArray<NotUsed> = [...asked].filter((id) => !accounts.has(id)).map((accountId) => ({
    source: form.name,
    accountId,
    reason: `no line of it is in ${shown(files)}`
  }))
  return {
    source: form.name,
    period: request.period,
    covered: { start: first < start ? start : first, end: addDays(last, 1) },
    shares: false,
    lines: kept,
    tagKeys,
    keyStandings: new Map(
      tags === undefined
        ? []
        : tagKeys.map((key, at): readonly [string, KeyStanding] => [
          key,
          { status: (mask & (2 ** at)) === 0 ? "inactive" : "active" }
        ])
    ),
    unknownAccounts,
    notUsed: [],
    notes,
    paid: { calls: 0, usd: 0 }
  } satisfies Spend
})

const formats = { focus: "FOCUS", cur: "CUR 2.0" } as const

const text = (value: unknown): string => typeof value === "string" ? value : ""

const unquoted = (column: string): string => column.slice(1, -1).replaceAll("\"\"", "\"")

/** The files that patterns and directories stand for. */
const found = Effect.fnUntraced(function*(patterns: ReadonlyArray<string>) {
  const all = new Set<string>()
  for (const pattern of patterns) {
    const matched = yield* Effect.tryPromise({
      try: async () => {
        if (/[*?[{]/u.test(pattern)) return matching(pattern)
        return (await stat(pattern)).isDirectory()
          ? (await matching("**/*.{csv,csv.gz,csv.zst,parquet}", pattern)).map((one) => join(pattern, one))
          : [pattern]
      },
      catch: (cause) => new BadFile({ file: pattern, problem: `cannot be read (${codeOf(cause)})` })
    })
    if (matched.length === 0) return yield* new BadFile({ file: pattern, problem: "there is no such file" })
    for (const one of matched) all.add(resolve(one))
  }
  return [...all].toSorted()
})

const matching = async (pattern: string, cwd = "."): Promise<ReadonlyArray<string>> => {
  const all: Array<string> = []
  for await (const one of glob(pattern, { cwd })) all.push(one)
  return all
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown"

const csv = /\.csv(?:\.gz|\.zst)?$/iu

const readerOf = Effect.fnUntraced(function*(files: ReadonlyArray<string>) {
  if (files.every((file) => /\.parquet$/iu.test(file))) return "read_parquet($files, union_by_name = true)"
  if (files.every((file) => csv.test(file))) {
    return "read_csv($files, union_by_name = true, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')"
  }
  const odd = files.find((file) => !csv.test(file) && !/\.parquet$/iu.test(file))
  return yield* new BadFile({
    file: odd ?? shown(files),
    problem: odd === undefined ? "CSV and Parquet cannot be read together" : "is neither CSV nor Parquet by its name"
  })
})

const shown = ([first = "", ...others]: ReadonlyArray<string>): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`

/** DuckDB's own words for what is wrong with a file, without its advice. */
const attempt = <A>(work: () => Promise<A>, files: ReadonlyArray<string>): Effect.Effect<A, BadFile> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => {
      const said = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!.slice(0, 300)
      const named = files.find((file) => said.includes(file))
      const column = /^Conversion Error:.*column "?(\w+)/u.exec(said)?.[1]
      return new BadFile({ file: named ?? shown(files), ...(column === undefined ? {} : { column }), problem: said })
    }
  })

const isText = (type: string): boolean => type === "VARCHAR"

/** An amount exactly: numbers that are decimal stay as they are, others are read as such where they can be. */
const decimalOf = (column: string, type: string): string =>
  type.startsWith("DECIMAL(") ? column : `TRY_CAST(${column} AS DECIMAL(38, 12))`

/** Whether there is something that is no amount, where there may be. */
const isBad = (column: string, type: string): string | undefined =>
  type.startsWith("DECIMAL(")
    ? undefined
    : `(${column} IS NOT NULL${isText(type) ? ` AND ${column} <> ''` : ""} AND ${decimalOf(column, type)} IS NULL)`

const timeOf = (column: string, type: string): string => type === "TIMESTAMP" ? column : `TRY_CAST(${column} AS TIMESTAMP)`

/** Finds the first line that cannot be read, to name its file and column. */
const whichIsBad = Effect.fnUntraced(function*(
  database: DuckDb.Database,
  reader: string,
  names: ReadonlyArray<string>,
  column: ColumnOf,
  files: ReadonlyArray<string>
): Effect.fn.Return<never, BadFile | NoDuckDb> {
  for (const file of files) {
    const one = { files: [file] }
    const types = yield* attempt(() => database.columns(`SELECT * FROM ${reader}`, one), files)
    for (const [at, name] of names.entries()) {
      const known = column(name)!
      const type = types.get(unquoted(known))
      if (type === undefined) continue
      const isTime = at === names.length - 1
      const bad = isTime ? `${timeOf(known, type)} IS NULL` : isBad(known, type)
      if (bad === undefined) continue
      const [found] = yield* attempt(() =>
        database.query(`SELECT CAST(${known} AS VARCHAR) FROM ${reader} WHERE ${bad} LIMIT 1`, one), files)
      if (found !== undefined) {
        const problem = `is no ${isTime ? "time" : "amount"}: ${text(found[0]).slice(0, 60)}`
        return yield* new BadFile({ file, column: unquoted(known), problem })
      }
    }
  }
  return yield* new BadFile({ file: shown(files), problem: "a line cannot be read" })
})

/**
 * What exports make of a tag key: as it is, with the mark of user-defined tags, or in lower case with underscores.
 * Source: AWS Data Exports User Guide, "Resource tags columns" and the FOCUS table dictionary.
 */
const spellings = (key: string): ReadonlyArray<string> => {
  const snake = key.replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2").toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_")
  const flat = key.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_")
  return [...new Set([key, `user:${key}`, `user_${key}`, `user_${snake}`, `user_${flat}`, snake, flat])]
}

const formsOf = (keys: ReadonlyArray<string>): DuckDb.Parameters =>
  Object.fromEntries(keys.map((key, at) => [`key${at}`, spellings(key)]))

/** SQL of the bits of the keys that a line's tags have. */
const maskOf = (type: string | undefined, keys: ReadonlyArray<string>): string => {
  if (type === undefined || keys.length === 0) return "0"
  const held = type.startsWith("MAP(")
    ? "map_keys(tags)"
    : type.startsWith("STRUCT(")
    ? "json_keys(to_json(tags))"
    : "CASE WHEN json_valid(tags) THEN json_keys(tags) END"
  return keys.map((_, at) =>
    `CASE WHEN list_has_any(COALESCE(${held}, []::VARCHAR[]), $key${at}) THEN ${2 ** at} ELSE 0 END`
  ).join(" + ")
}
