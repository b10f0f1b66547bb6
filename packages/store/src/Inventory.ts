/**
 * What is there, as the last scans saw it.
 *
 * @since 0.1.0
 */
import { Cell, cellKey, type CellResult, type Location, type Resource, Tags } from "@cadastre/model"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AttributeCipher, type CipherError, StoredResource } from "./AttributeCipher.ts"
import { StoreError } from "./Database.ts"
import { epochOf } from "./SnapshotWriter.ts"
import { type Row, Sql, type Value, where } from "./Sql.ts"

/**
 * One resource of the inventory.
 *
 * - `cell`: where it was found; the same ARN may be in two
 * - `firstSeen`, `lastSeen`: milliseconds since the epoch
 *
 * @category models
 * @since 0.1.0
 */
export interface InventoryItem {
  readonly resource: Resource
  readonly cell: Cell
  readonly firstSeen: number
  readonly lastSeen: number
}

/**
 * Resources of one cell.
 *
 * @category models
 * @since 0.1.0
 */
export interface InventoryPage {
  readonly cell: Cell
  readonly resources: ReadonlyArray<Resource>
}

/**
 * A scan that keeps the inventory up to date. One scan may do so from many
 * fibers at once.
 *
 * - `add`: resources as they are found; new ones are added, known ones brought up to date. Of many pages at once it
 *   takes half the time
 * - `end`: the cell has ended. **Only where it ended as `scanned`, what it did not contain is deleted**: resources of
 *   that very cell that were last seen before the cell was read. How many that were
 *
 * @category models
 * @since 0.1.0
 */
export interface InventoryScan {
  readonly add: (...pages: ReadonlyArray<InventoryPage>) => Effect.Effect<void, StoreError>
  readonly end: (result: CellResult) => Effect.Effect<number, StoreError>
}

/**
 * What to look for; all of it must be so.
 *
 * - `text`: words, with spaces between, each of which is in the ARN, the id, the name, the state, or a tag's key or
 *   value, in any case
 * - `regions`: where resources are, `global` included
 * - `tags`: keys with the value that they must have, or `null` where any will do
 * - `after`: the `next` of the page before
 * - `limit`: how many at most, 100 by default, 1,000 at most
 *
 * @category models
 * @since 0.1.0
 */
export interface InventoryQuery {
  readonly estate: string
  readonly text?: string
  readonly types?: ReadonlyArray<string>
  readonly accounts?: ReadonlyArray<string>
  readonly regions?: ReadonlyArray<string>
  readonly tags?: Readonly<Record<string, string | null>>
  readonly after?: string
  readonly limit?: number
}

/**
 * @category services
 * @since 0.1.0
 */
export class Inventory extends Context.Service<Inventory, {
  /**
   * Begins to write down a scan of an estate: where AWS is, as in `JournalKey`.
   *
   * `regions` are those that the scan was narrowed to: what a global list has
   * elsewhere is outside of its scope and stays. Leave it out where all were wanted.
   */
  readonly begin: (scan: {
    readonly id: string
    readonly estate: string
    readonly regions?: ReadonlyArray<Location>
  }) => Effect.Effect<InventoryScan>
  /** A page of what is there, by ARN; `next` leads to the page after it, and is absent on the last. */
  readonly search: (query: InventoryQuery) => Effect.Effect<
    { readonly items: ReadonlyArray<InventoryItem>; readonly next?: string },
    StoreError | CipherError
  >
  /** The estates that something is known of, by name. */
  readonly estates: Effect.Effect<ReadonlyArray<string>, StoreError>
  /** All that is known under an ARN. */
  readonly find: (estate: string, arn: string) => Effect.Effect<ReadonlyArray<InventoryItem>, StoreError | CipherError>
}>()("@cadastre/store/Inventory") {
  static readonly layerNoDeps = Layer.effect(
    Inventory,
    Effect.gen(function*() {
      const sql = yield* Sql
      const cipher = yield* AttributeCipher
      const unreadable = ({ message }: { readonly message: string }) =>
        new StoreError({ path: sql.address, problem: message, remedy: "Somebody has changed the inventory: scan again" })

      const itemOf = Effect.fnUntraced(function*(row: Row) {
        const stored = yield* Effect.mapError(decodeStored(row.body), unreadable)
        const resource = yield* cipher.open(stored)
        const cell = yield* Effect.mapError(
          decodeCell({ accountId: row.account, region: row.region, type: row.type }),
          unreadable
        )
        return { resource, cell, firstSeen: Number(row.first_seen), lastSeen: Number(row.last_seen) }
      })

      const begin: Inventory["Service"]["begin"] = Effect.fnUntraced(function*({ estate, id, regions }) {
        const beganAt = yield* Clock.currentTimeMillis
        return {
          add: Effect.fnUntraced(function*(...pages: ReadonlyArray<InventoryPage>) {
            const found = pages.flatMap(({ cell, resources }) => resources.map((resource) => ({ cell, resource })))
            for (let at = 0; at < found.length; at += rowsAtOnce) {
              const rows = new Map<string, ReadonlyArray<Value>>()
              for (const { cell, resource } of found.slice(at, at + rowsAtOnce)) {
                const seenAt = Option.match(DateTime.make(resource.observedAt), {
                  onNone: () => beganAt,
                  onSome: DateTime.toEpochMillis
                })
                rows.set(`${cellKey(cell)} ${resource.arn}`, [
                  estate,
                  resource.arn,
                  cell.accountId,
                  cell.region,
                  cell.type,
                  resource.region,
                  wordsOf(resource),
                  JSON.stringify(cipher.seal(resource)),
                  id,
                  seenAt,
                  seenAt
                ])
              }
              yield* sql.write([{ table: "@inventory", columns, conflict, rows: [...rows.values()] }])
              yield* Effect.yieldNow
            }
          }),
          end: (result) => {
            if (result.outcome !== "scanned") return Effect.succeed(0)
            const { accountId, durationMs, region, seenAt, type } = result
            // What another scan saw since is there, though this one did not see it yet.
            const before = seenAt === undefined ? beganAt : epochOf(seenAt) - durationMs
            const inScope = regions === undefined || region !== "global" ? [] : [...regions, "global"]
            const chosen = where([
              ["estate = ? AND account = ? AND region = ? AND type = ?", estate, accountId, region, type],
              ["last_seen < ?", before],
              ["scan <> ?", id],
              ...(inScope.length === 0 ? [] : [[`location IN (${inScope.map(() => "?").join(", ")})`, ...inScope] as const])
            ])
            // Some hundred at a time: what follows has a turn.
            const remove = Effect.suspend(() =>
              sql.read(`SELECT arn FROM @inventory ${chosen.sql} LIMIT ?`, [...chosen.values, rowsAtOnce])
            ).pipe(
              Effect.flatMap((rows) =>
                sql.write(rows.map(({ arn }) => ({
                  sql: `DELETE FROM @inventory ${chosen.sql} AND arn = ?`,
                  values: [...chosen.values, arn!]
                })))),
              Effect.map((counts) => counts.reduce((sum, count) => sum + count, 0))
            )
            return Effect.gen(function*() {
              let removed = 0
              for (;;) {
                const count = yield* remove
                removed += count
                if (count < rowsAtOnce) return removed
                yield* Effect.yieldNow
              }
            })
          }
        }
      })

      /** Where the part of the list ends that is looked at next; nothing when it is the last. */
      const endOf = (estate: string, after: ReadonlyArray<readonly [string, ...ReadonlyArray<Value>]>) => {
        const chosen = where([["estate = ?", estate], ...after])
        return sql.read(
          `SELECT arn, account, region, type FROM @inventory ${chosen.sql} ORDER BY arn, account, region, type LIMIT 1 OFFSET ?`,
          [...chosen.values, windowSize - 1]
        )
      }

      const search = Effect.fn("Inventory.search")(function*(query: InventoryQuery) {
        const limit = Math.max(1, Math.min(query.limit ?? 100, 1000))
        const words = (query.text ?? "").toLowerCase().split(/\s+/u).filter((word) => word !== "")
        const tags = Object.entries(query.tags ?? {})
        const position = sql.dialect === "sqlite" ? "instr" : "strpos"
        const list = (column: string, values: ReadonlyArray<string> | undefined) =>
          values === undefined
            ? []
            : values.length === 0
            ? [["1 = 0"] as const]
            : [[`${column} IN (${values.map(() => "?").join(", ")})`, ...values] as const]
        const conditions = [
          ["estate = ?", query.estate] as const,
          ...list("type", query.types),
          ...list("account", query.accounts),
          ...list("location", query.regions),
          ...words.map((word) => [`${position}(words, ?) > 0`, word] as const),
          ...tags.map(([key, value]) =>
            [`${position}(words, ?) > 0`, value === null ? `\n${key.toLowerCase()}=` : tagWords(key, value)] as const)
        ]
        let place = query.after === undefined ? undefined : placeOf(query.after)
        if (query.after !== undefined && place === undefined) {
          return yield* new StoreError({
            path: sql.address,
            problem: "the cursor of the search is not one of ours",
            remedy: "Search without it"
          })
        }
        const items: Array<InventoryItem> = []
        for (;;) {
          const after = place === undefined ? [] : [[`${order} > (?, ?, ?, ?)`, ...place] as const]
          // SQLite works on this thread: it is given a part of the list at a time, however rare what is looked for.
          const [last] = sql.dialect === "sqlite" ? yield* endOf(query.estate, after) : []
          const end = last === undefined ? undefined : keyOf(last)
          const chosen = where([
            ...conditions,
            ...after,
            ...(end === undefined ? [] : [[`${order} <= (?, ?, ?, ?)`, ...end] as const])
          ])
          const rows = yield* sql.read(
            `SELECT account, region, type, arn, body, first_seen, last_seen FROM @inventory ${chosen.sql} ORDER BY arn, account, region, type LIMIT ?`,
            [...chosen.values, pageSize]
          )
          for (const row of rows) {
            const item = yield* itemOf(row)
            const { tags: own } = item.resource
            if (!tags.every(([key, value]) => own !== null && Object.hasOwn(own, key) && (value === null || own[key] === value))) continue
            if (items.length === limit) return { items, next: cursorOf(items.at(-1)!) }
            items.push(item)
          }
          if (rows.length === pageSize) place = keyOf(rows.at(-1)!)
          else if (end !== undefined) place = end
          else return { items }
          yield* Effect.yieldNow
        }
      })

      return Inventory.of({
        begin,
        search,
        // One step through the index for each, however many resources it has.
        estates: Effect.gen(function*() {
          const estates: Array<string> = []
          for (;;) {
            const [row] = yield* sql.read("SELECT min(estate) AS estate FROM @inventory WHERE estate > ?", [estates.at(-1) ?? ""])
            if (row === undefined || row.estate === null) return estates
            estates.push(String(row.estate))
          }
        }),
        find: Effect.fn("Inventory.find")(function*(estate, arn) {
          const rows = yield* sql.read(
            "SELECT * FROM @inventory WHERE estate = ? AND arn = ? ORDER BY account, region, type",
            [estate, arn]
          )
          return yield* Effect.forEach(rows, itemOf)
        })
      })
    })
  )
}

/** What is written in one transaction: some milliseconds of work. The index is in no order: the more at once, the less. */
const rowsAtOnce = 1000
/** What SQLite is asked to look at, and what is read, at a time. */
const windowSize = 2000
const pageSize = 500

const order = "(arn, account, region, type)"
const keyOf = (row: Row): ReadonlyArray<string> => [row.arn, row.account, row.region, row.type].map(String)

const columns = [
  ["estate", "text"],
  ["arn", "text"],
  ["account", "text"],
  ["region", "text"],
  ["type", "text"],
  ["location", "text"],
  ["words", "text"],
  ["body", "text"],
  ["scan", "text"],
  ["first_seen", "integer"],
  ["last_seen", "integer"]
] as const

/** The newer observation counts, whoever comes last; whoever saw it, saw it. */
const newer = (column: string) =>
  `${column} = CASE WHEN excluded.last_seen >= existing.last_seen THEN excluded.${column} ELSE existing.${column} END`
const conflict = "ON CONFLICT (estate, arn, account, region, type) DO UPDATE SET " +
  `${["location", "words", "body", "last_seen"].map(newer).join(", ")}, scan = excluded.scan, ` +
  "first_seen = CASE WHEN excluded.first_seen < existing.first_seen THEN excluded.first_seen ELSE existing.first_seen END"

const decodeCell = Schema.decodeUnknownEffect(Cell)
const decodeStored = Schema.decodeUnknownEffect(Schema.fromJsonString(StoredResource))

const tagWords = (key: string, value: string): string => `\n${key}=${value}\n`.toLowerCase()

/** One line each; attributes are not in it, for they may be encrypted. */
const wordsOf = ({ arn, id, name, state, tags }: Resource): string =>
  [
    `\n${[arn, id, name, state].filter((word) => word !== undefined).join("\n")}\n`.toLowerCase(),
    ...Object.entries(tags ?? Tags.none).map(([key, value]) => tagWords(key, value))
  ].join("")

const cursorOf = ({ cell, resource }: InventoryItem): string =>
  Buffer.from(JSON.stringify([resource.arn, cell.accountId, cell.region, cell.type])).toString("base64url")

const decodePlace = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Tuple([Schema.String, Schema.String, Schema.String, Schema.String])))

const placeOf = (cursor: string): ReadonlyArray<string> | undefined => {
  return Option.getOrUndefined(decodePlace(Buffer.from(cursor, "base64url").toString("utf8")))
}

