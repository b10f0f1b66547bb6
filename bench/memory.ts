/**
 * `pnpm bench memory`: what a million resources take, of the command as it is published.
 */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Figure } from "./Figure.ts"
import { type Inventory, take } from "./InventoryProcess.ts"
import { start } from "./SimulatorProcess.ts"

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/** The command as it is published, in a folder of its own. */
const bundled = (): string =>
  execFileSync(process.execPath, [fileURLToPath(new URL("../tools/bundle.ts", import.meta.url)), "cli"], { encoding: "utf8" })

const inventory = async (resources: number, main: string): Promise<Inventory> => {
  const simulator = await start(["--resources", `${resources}`, "--seed", "1"])
  try {
    const taken = await take(simulator, main)
    assert.ok(taken.complete, "the coverage is complete")
    assert.equal(taken.resources, resources, "every resource is written")
    return taken
  } finally {
    await simulator.close()
  }
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const folder = bundled()
  const cli = join(folder, "main.mjs")
  try {
    // The first one compiles, for all that follow.
    await inventory(1, cli)
    const one = await inventory(1, cli)
    const small = await inventory(10_000, cli)
    const middle = await inventory(100_000, cli)
    const large = await inventory(1_000_000, cli)
    const sizes = { 1: one, "10k": small, "100k": middle, "1m": large }
    const between = (less: Inventory, more: Inventory) => (more.cpuMs - less.cpuMs) / (more.resources - less.resources)
    return [
      ...Object.entries(sizes).map(([size, { peakMiB }]): Figure => ({
        name: `rss-${size}-mib`,
        value: Math.round(peakMiB),
        unit: size === "1m" ? "MiB (target ≤ 286)" : "MiB"
      })),
      ...Object.entries(sizes).filter(([, { resources }]) => resources > 1).map(([size, { cpuMs, resources }]): Figure => ({
        name: `cpu-per-resource-${size}-us`,
        value: rounded(cpuMs * 1000 / resources, 1),
        unit: "µs"
      })),
      { name: "cpu-growth", value: rounded(between(middle, large) / between(small, middle), 2), unit: "× (1 is linear)" },
      { name: "rss-growth", value: rounded(large.peakMiB / middle.peakMiB, 2), unit: "× (1 is flat)" }
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
