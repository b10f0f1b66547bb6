/**
 * `pnpm bench cost`: the gap of a bill of 5,000,000 FOCUS lines over 100,000 resources, read in a process of its own.
 *
 * - `gap-…-seconds`: from the file to the gap, DuckDB's loading included, and `gap-…-cpu`, CPU of all threads for it;
 *   `gap-…-rss`: the most memory that was resident, Node and the resources included. For Parquet, CSV and compressed
 *   CSV; medians of three, the highest of the three for memory.
 *
 * Every run is checked against sums counted while the bill was written.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { write } from "./CostBill.ts"
import type { Figure } from "./Figure.ts"

const lines = 5_000_000
const resources = 100_000

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const directory = mkdtempSync(join(tmpdir(), "cadastre-bench-cost-"))
  const figures: Array<Figure> = []
  try {
    for (const form of ["parquet", "csv", "csv.gz"]) {
      const file = join(directory, `focus.${form}`)
      const truth = await write(file, lines, resources)
      const runs = [1, 2, 3].map(() => {
        const child = spawnSync(process.execPath, [fileURLToPath(new URL("CostProcess.ts", import.meta.url)), file, `${resources}`], {
          encoding: "utf8"
        })
        if (child.status !== 0) throw new Error(child.stderr)
        const found = JSON.parse(child.stdout) as { seconds: number; cpuSeconds: number; peakMib: number; total: number; gap: number }
        if (Math.abs(found.total - truth.total) > 1e-6 || Math.abs(found.gap - truth.gap) > 1e-6) {
          throw new Error(`wrong: ${child.stdout}, should be ${JSON.stringify(truth)}`)
        }
        return found
      })
      figures.push(
        { name: `gap-${form}-seconds`, value: round(median(runs.map(({ seconds }) => seconds)), 100), unit: "s" },
        { name: `gap-${form}-cpu`, value: round(median(runs.map(({ cpuSeconds }) => cpuSeconds)), 100), unit: "s" },
        { name: `gap-${form}-rss`, value: round(Math.max(...runs.map(({ peakMib }) => peakMib)), 1), unit: "MiB" }
      )
      rmSync(file)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return figures
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const round = (value: number, to: number): number => Math.round(value * to) / to
