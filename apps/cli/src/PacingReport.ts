/** What pacing did to a command's calls, for `--debug`. */
import { type BucketReport, Pacer } from "@cadastre/client-factory"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"

/** The buckets that made calls wait longest come first; those at which nothing happened are left out. */
const mostRows = 15

const columns = [
  "waited",
  "longest",
  "queue",
  "calls",
  "given up",
  "throttled",
  "rate now",
  "allowed",
  "AWS's limit",
  "bucket",
  "Region",
  "account"
]
const texts = 3

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
const rate = (callsPerSecond: number): string => `${Number(callsPerSecond.toPrecision(3))}/s`
const sum = (reports: ReadonlyArray<BucketReport>, of: (report: BucketReport) => number): number =>
  reports.reduce((total, report) => total + of(report), 0)

const rowOf = (report: BucketReport): ReadonlyArray<string> => [
  seconds(report.waitedMs),
  seconds(report.longestWaitMs),
  `${report.longestQueue}`,
  `${report.admitted}`,
  `${report.refused}`,
  `${report.throttles}`,
  rate(report.rate),
  rate(report.publishedRate * report.share),
  report.published ? rate(report.publishedRate) : `about ${rate(report.publishedRate)}`,
  Untrusted.visible(`${report.service}:${report.bucket}`),
  Untrusted.visible(report.region),
  Untrusted.visible(report.accountId)
]

/** A summary, and a table of the buckets at which calls waited, were given up or were throttled. */
export const render = (reports: ReadonlyArray<BucketReport>): string => {
  const calls = sum(reports, ({ admitted }) => admitted)
  if (calls + sum(reports, ({ refused }) => refused) === 0) return "Pacing: no calls.\n"
  const share = reports[0]!.share
  const summary = `Pacing: ${calls} calls through ${reports.length} buckets at ${Number((share * 100).toPrecision(3))} % ` +
    `of AWS's limits; waited ${seconds(sum(reports, ({ waitedMs }) => waitedMs))} in all, ` +
    `${sum(reports, ({ throttles }) => throttles)} throttled, ${sum(reports, ({ refused }) => refused)} given up.\n`
  const eventful = reports
    .filter(({ refused, throttles, waitedMs }) => waitedMs > 0 || throttles > 0 || refused > 0)
    .toSorted((a, b) => b.waitedMs - a.waitedMs || b.throttles - a.throttles || b.refused - a.refused)
  if (eventful.length === 0) return summary
  const rows = [columns, ...eventful.slice(0, mostRows).map(rowOf)]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)))
  const lines = rows.map((row) =>
    row.map((cell, index) => index < columns.length - texts ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!))
      .join("  ").trimEnd()
  )
  const more = eventful.length - mostRows
  return `${summary}${lines.join("\n")}\n${more > 0 ? `and ${more} more\n` : ""}`
}

/** Writes it to stderr. */
export const write: Effect.Effect<void, never, Pacer> = Effect.gen(function*() {
  const reports = yield* (yield* Pacer).report
  process.stderr.write(render(reports))
})
