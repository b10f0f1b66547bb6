/**
 * `pnpm bench memory`: what a million resources take.
 */
import assert from "node:assert/strict"
import type { Figure } from "./Figure.ts"
import { type Inventory, take } from "./InventoryProcess.ts"
import { start } from "./SimulatorProcess.ts"

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

const inventory = async (resources: number): Promise<Inventory> => {
  const simulator = await start(["--resources", `${resources}`, "--seed", "1"])
  try {
    const taken = await take(simulator)
    assert.ok(taken.complete, "the coverage is complete")
    assert.equal(taken.resources, resources, "every resource is written")
    return taken
  } finally {
    await simulator.close()
  }
}

const inventoryFigures = async (): Promise<ReadonlyArray<Figure>> => {
  const small = await inventory(10_000)
  const middle = await inventory(100_000)
  const large = await inventory(1_000_000)
  const sizes = { "10k": small, "100k": middle, "1m": large }
  const between = (less: Inventory, more: Inventory) => (more.cpuMs - less.cpuMs) / (more.resources - less.resources)
  return [
    { name: "rss-idle-mib", value: Math.round(large.idleMiB), unit: "MiB" },
    ...Object.entries(sizes).map(([size, { peakMiB }]): Figure => ({
      name: `rss-${size}-mib`,
      value: Math.round(peakMiB),
      unit: size === "1m" ? "MiB (target ≤ 286)" : "MiB"
    })),
    ...Object.entries(sizes).map(([size, { cpuMs, resources }]): Figure => ({
      name: `cpu-per-resource-${size}-us`,
      value: rounded(cpuMs * 1000 / resources, 1),
      unit: "µs"
    })),
    { name: "cpu-growth", value: rounded(between(middle, large) / between(small, middle), 2), unit: "× (1 is linear)" },
    { name: "rss-growth", value: rounded(large.peakMiB / middle.peakMiB, 2), unit: "× (1 is flat)" }
  ]
}

export const run = inventoryFigures
