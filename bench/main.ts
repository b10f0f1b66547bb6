/**
 * `pnpm bench <name>`: measures one thing and prints a table. `--json` prints
 * `{"machine": …, "results": [{"name", "value", "unit"}]}` instead.
 */
import { cpus, totalmem } from "node:os"
import { parseArgs } from "node:util"
import type { Figure } from "./Figure.ts"

/** The benches by name, each in a file of its own. */
const benches: Readonly<Record<string, () => Promise<{ readonly run: () => Promise<ReadonlyArray<Figure>> }>>> = {
  catalogue: () => import("./catalogue.ts"),
  cost: () => import("./cost.ts"),
  cpu: () => import("./cpu.ts"),
  engine: () => import("./engine.ts"),
  journal: () => import("./journal.ts"),
  mcp: () => import("./mcp.ts"),
  memory: () => import("./memory.ts"),
  scan: () => import("./scan.ts"),
  startup: () => import("./startup.ts"),
  store: () => import("./store.ts"),
  suggestions: () => import("./suggestions.ts"),
  validation: () => import("./validation.ts")
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean", default: false } } })
const [name = ""] = positionals
const load = Object.hasOwn(benches, name) ? benches[name] : undefined

if (load === undefined) {
  process.stderr.write(`Which bench? ${Object.keys(benches).join(", ")}\n`)
  process.exitCode = 2
} else {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const results = await (await load()).run()
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine, results }, null, 2)}\n`
      : `${machine}\n\n${results.map(({ name, unit, value }) => `${name.padEnd(36)} ${`${value}`.padStart(12)} ${unit}\n`).join("")}`
  )
}
