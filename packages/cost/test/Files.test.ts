import { Bill } from "@cadastre/aws-simulator"
import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { gzipSync } from "node:zlib"
import { join } from "node:path"
import { AttributionGap, type CostError, curFile, focusFile, GapReport, GapTally, Money, type Source } from "../src/index.ts"
import { accountOf, directory, isCharged, judged, lastDays, ledgerSum, running } from "./Ledger.ts"

const period = { start: "2026-10-01", end: "2026-10-31" }
const accounts = [{ id: "111122223333", partition: "aws", arn: "", credentials: () => Promise.reject(new Error("unused")) }] as never

const header = "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,RegionId,ResourceId,ServiceName,SubAccountId,Tags"
const row = (more: Readonly<Record<string, string>> = {}) => {
  const all: Record<string, string> = {
    BilledCost: "1",
    EffectiveCost: "1",
    BillingCurrency: "USD",
    ChargeCategory: "Usage",
    ChargePeriodStart: "2026-10-02T00:00:00Z",
    RegionId: "us-east-1",
    ResourceId: "i-1",
    ServiceName: "Amazon Elastic Compute Cloud",
    SubAccountId: "111122223333",
    Tags: "",
    ...more
  }
  return header.split(",").map((name) => /[",]/u.test(all[name]!) ? `"${all[name]!.replaceAll("\"", "\"\"")}"` : all[name]).join(",")
}

const focusOf = Effect.fnUntraced(function*(rows: ReadonlyArray<string>, name = "focus.csv", head = header) {
  const path = join(yield* directory, name)
  const text = `${[head, ...rows].join("\n")}\n`
  yield* Effect.promise(() => writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text))
  return path
})

const spendOf = (source: Source, tagKeys: ReadonlyArray<string> = []) => source.spend({ accounts, period, tagKeys })

const read = (rows: ReadonlyArray<string>, tagKeys: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    return yield* spendOf(focusFile({ files: yield* focusOf(rows) }), tagKeys)
  }).pipe(Effect.scoped)

const problem = (error: CostError) =>
  error.reason._tag === "BadFile"
    ? { column: error.reason.column, problem: error.reason.problem }
    : { column: error.reason._tag, problem: error.reason.message }

describe("billing files", () => {
  it.live("are refused with file and column when they are no such bill", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string | undefined, string, string?]> = [
        [[row({ EffectiveCost: "much" })], "EffectiveCost", "much"],
        [[row(), row({ EffectiveCost: "1e40" })], "EffectiveCost", "1e40"],
        [[row({ EffectiveCost: "NaN" })], "EffectiveCost", "NaN"],
        [[row({ EffectiveCost: "0x10" })], "EffectiveCost", "0x10"],
        [[row({ ChargePeriodStart: "yesterday" })], "ChargePeriodStart", "yesterday"],
        [[row({ BillingCurrency: "" })], "BillingCurrency", "no currency"],
        [[row()], "EffectiveCost", "is missing", header.replace("EffectiveCost", "Cost")],
        [[row()], "SubAccountId", "is missing", header.replace("SubAccountId", "Who")],
        [[row()], "ChargePeriodStart", "is missing", header.replace("ChargePeriodStart", "When")]
      ]
      for (const [rows, column, said, head] of cases) {
        const path = yield* focusOf(rows, "focus.csv", head)
        const error = yield* Effect.flip(spendOf(focusFile({ files: path })))
        const { column: found, problem: why } = problem(error)
        assert.strictEqual(found, column, why)
        assert.include(why, said)
        assert.include(error.message, path)
      }
    }).pipe(Effect.scoped))

  it.live("name the one of several files that is wrong", () =>
    Effect.gen(function*() {
      const [good, bad] = [yield* focusOf([row()]), yield* focusOf([row({ EffectiveCost: "?" })], "bad.csv")]
      const error = yield* Effect.flip(spendOf(focusFile({ files: [good, bad] })))
      assert.include(error.message, `${bad}, column EffectiveCost`)
    }).pipe(Effect.scoped))

  it.live("that are empty, cut off, missing or no files are unknown cost, never 0", () =>
    Effect.gen(function*() {
      const path = yield* directory
      const fail = (files: string | ReadonlyArray<string>) => Effect.flip(spendOf(focusFile({ files })))
      yield* Effect.promise(() => writeFile(join(path, "empty.csv"), ""))
      yield* Effect.promise(() => writeFile(join(path, "head.csv"), `${header}\n`))
      yield* Effect.promise(() => writeFile(join(path, "noise.parquet"), Buffer.alloc(5000, 7)))
      assert.strictEqual((yield* fail(join(path, "empty.csv"))).reason._tag, "BadFile")
      assert.strictEqual((yield* fail(join(path, "head.csv"))).reason._tag, "NotAvailable")
      assert.strictEqual((yield* fail(join(path, "noise.parquet"))).reason._tag, "BadFile")
      assert.include((yield* fail(join(path, "absent.csv"))).message, "absent.csv")
      assert.include((yield* fail(join(path, "*.none"))).message, "no such file")
      assert.include((yield* fail(join(path, "x.txt"))).message, "x.txt")
      const whole = join(path, "whole.parquet")
      yield* Effect.promise(async () => {
        const instance = await DuckDBInstance.create(":memory:")
        const connection = await instance.connect()
        await connection.run(`COPY (SELECT 1 AS x FROM range(100000)) TO '${whole}' (FORMAT parquet)`)
        connection.closeSync()
        instance.closeSync()
        await writeFile(join(path, "cut.parquet"), (await readFile(whole)).subarray(0, 200))
      })
      const cut = yield* fail(join(path, "cut.parquet"))
      assert.strictEqual(cut.reason._tag, "BadFile")
      assert.include(cut.message, "cut.parquet")
      // A file of something else.
      assert.strictEqual(problem(yield* fail(whole)).column, "EffectiveCost")
      const elsewhere = yield* focusOf([row({ ChargePeriodStart: "2026-01-01T00:00:00Z" })])
      assert.strictEqual((yield* fail(elsewhere)).reason._tag, "NotAvailable")
      const others = yield* focusOf([row({ SubAccountId: "999999999999" })])
      assert.strictEqual((yield* fail(others)).reason._tag, "NotAvailable")
    }).pipe(Effect.scoped))

  it.live("compressed, in directories, by pattern, as Parquet with typed columns and tags as map: the same", () =>
    Effect.gen(function*() {
      const rows = [row({ Tags: "{\"Owner\":\"x\"}" }), row({ EffectiveCost: "0.25", ResourceId: "", ChargeCategory: "Tax" })]
      const plain = yield* spendOf(focusFile({ files: yield* focusOf(rows) }), ["Owner", "Stage"])
      const order = (lines: typeof plain.lines) => lines.toSorted((a, b) => a.amount < b.amount ? -1 : 1)
      assert.deepStrictEqual(order(plain.lines).map(({ amount, keys, kind }) => [amount, keys, kind]), [
        [250_000_000_000n, 0, "tax"],
        [Money.unit, 1, "usage"]
      ])
      const path = yield* directory
      yield* Effect.promise(() => mkdir(join(path, "deep/er"), { recursive: true }))
      const packed = join(path, "deep/er/one.csv.gz")
      yield* Effect.promise(() => writeFile(packed, gzipSync(`${[header, ...rows].join("\n")}\n`)))
      const parquet = join(path, "two.parquet")
      yield* Effect.promise(async () => {
        const instance = await DuckDBInstance.create(":memory:")
        const connection = await instance.connect()
        await connection.run(`COPY (
          SELECT * REPLACE (CAST(EffectiveCost AS DOUBLE) AS EffectiveCost, CAST(ChargePeriodStart AS TIMESTAMPTZ) AS ChargePeriodStart,
            CASE WHEN Tags IS NULL THEN MAP {} ELSE MAP {'user:Owner': 'x'} END AS Tags)
          FROM read_csv('${packed}', all_varchar = true)) TO '${parquet}'`)
        connection.closeSync()
        instance.closeSync()
      })
      for (const files of [packed, join(path, "deep"), join(path, "**/*.csv.gz"), parquet]) {
        const spend = yield* spendOf(focusFile({ files }), ["Owner", "Stage"])
        assert.deepStrictEqual(order(spend.lines), order(plain.lines), files)
        assert.deepStrictEqual([...spend.keyStandings], [["Owner", { status: "active" }], ["Stage", { status: "inactive" }]])
      }
    }).pipe(Effect.scoped))

  it.live("hold several currencies and never add them", () =>
    Effect.gen(function*() {
      const spend = yield* read([row(), row(), row({ BillingCurrency: "CNY", EffectiveCost: "50" })])
      const report = (currency?: string) =>
        GapReport.make(spend, { resources: [], isSeen: () => true, ...(currency === undefined ? {} : { currency }) })
      assert.deepStrictEqual([report("USD").total, report("CNY").total], [2, 50])
    }))

  it.live("tell of what part of the period they are", () =>
    Effect.gen(function*() {
      const { notes } = yield* read([row({ ChargePeriodStart: "2026-10-05T00:00:00Z" }), row({ ChargePeriodStart: "2026-10-20T00:00:00Z" })])
      assert.isTrue(notes.some((note) => note.includes("begin on 2026-10-05")))
      assert.isTrue(notes.some((note) => note.includes("end on 2026-10-20")))
    }))

  it.live("hostile text in them is text", () =>
    Effect.gen(function*() {
      const hostile = "'); DROP TABLE x; --"
      const { lines } = yield* read([row({ ServiceName: hostile, ResourceId: "$files", Tags: "{\"__proto__\":\"x\"}" })], ["__proto__", hostile])
      assert.deepStrictEqual(lines.map(({ keys, resourceId, service }) => [service, resourceId, keys]), [[hostile, "$files", 1]])
    }))

  it.live("tags that the bill does not show, or not from the beginning, are a gap of their own", () =>
    Effect.gen(function*() {
      const days = lastDays(30)
      const since = lastDays(10).start
      const simulator = yield* running({
        estate: { resources: 200, regions: ["us-east-1"], costs: { activatedTags: { Owner: since } } }
      })
      const path = yield* directory
      const resources = judged(simulator.estate)
      const compliant = new Set(resources.filter(({ standing }) => standing === "compliant").map(({ arn }) => arn))
      const late = ledgerSum(simulator.estate, { start: days.start, end: since }, ({ arn }) => arn !== undefined && compliant.has(arn))
      for (const name of ["focus", "cur"] as const) {
        const file = join(path, `${name}.csv`)
        yield* Effect.promise(() => (name === "focus" ? Bill.writeFocus : Bill.writeCur)(simulator.estate, file, days))
        const source = name === "focus" ? focusFile({ files: file }) : curFile({ files: file })
        const spend = yield* source.spend({ accounts: [accountOf(simulator)], period: days, tagKeys: ["Owner", "Stage"] })
        const { whole } = AttributionGap.measure(spend, { resources, isSeen: () => true })
        assert.strictEqual(whole.amounts.notBackfilled, late, name)
        const staged = resources.map((one) => ({ ...one, requiredKeys: [["Owner"], ["Stage"]] }))
        const never = AttributionGap.measure(spend, { resources: staged, isSeen: () => true }).whole
        assert.strictEqual((never.amounts.notActivated ?? 0n) + (never.amounts.notBackfilled ?? 0n), ledgerSum(
          simulator.estate,
          days,
          ({ arn }) => arn !== undefined && compliant.has(arn)
        ))
        assert.isUndefined(never.amounts.attributable)
        assert.strictEqual(GapTally.totalOf(whole), ledgerSum(simulator.estate, days, isCharged))
      }
    }).pipe(Effect.scoped))

  it("any bytes are read as a bill or refused with a reason", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({
          EffectiveCost: fc.oneof(fc.constantFrom("", "1.5", "-2", "1e-30", "1e35", "abc", "∞", "1,5"), fc.double().map(String)),
          ChargePeriodStart: fc.constantFrom("2026-10-02T00:00:00Z", "2026-10-02", "", "2026-13-45", "0"),
          BillingCurrency: fc.constantFrom("USD", "EUR"),
          ResourceId: fc.string(),
          ServiceName: fc.string(),
          Tags: fc.oneof(fc.constantFrom("{}", "{", "[]", "null", "{\"Owner\":1}"), fc.string())
        }).map((fields) => row(Object.fromEntries(Object.entries(fields).map(([key, value]) =>
          [key, value.replaceAll(/[\r\n]/gu, " ")])))), { maxLength: 8 }),
        fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
        (rows, cutAt) =>
          Effect.gen(function*() {
            const path = yield* focusOf(rows)
            if (cutAt !== undefined) {
              yield* Effect.promise(async () => writeFile(path, (await readFile(path)).subarray(0, cutAt)))
            }
            const answer = yield* Effect.result(spendOf(focusFile({ files: path }), ["Owner"]))
            if (Result.isFailure(answer)) {
              assert.strictEqual(answer.failure._tag, "CostError")
              assert.include(["BadFile", "NotAvailable"], answer.failure.reason._tag)
            } else assert.isAbove(answer.success.lines.length + answer.success.notes.length, 0)
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ))
})
