/**
 * `pnpm bench startup`: how long the built command takes to print its help,
 * against a Node that does nothing, in turns. Needs `pnpm build` first.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Figure } from "./Figure.ts"

const rounds = 15
const cli = fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url))

const timed = (args: ReadonlyArray<string>): number => {
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" })
  if (status !== 0) throw new Error(`node ${args.join(" ")} exited with ${status}`)
  return performance.now() - startedAt
}

const median = (values: ReadonlyArray<number>): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]! * 10) / 10

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  if (!existsSync(cli)) throw new Error("the command is not built: run `pnpm build` first")
  const commands = { node: ["-e", "0"], help: [cli, "--help"], types: [cli, "types"] }
  const times = { node: [] as Array<number>, help: [] as Array<number>, types: [] as Array<number> }
  // The first run of each fills the compile cache, as the first run on any machine does.
  for (let round = -1; round < rounds; round++) {
    for (const name of ["node", "help", "types"] as const) {
      const time = timed(commands[name])
      if (round >= 0) times[name].push(time)
    }
  }
  const node = median(times.node)
  return [
    { name: "node -e 0", value: node, unit: "ms" },
    { name: "cadastre --help", value: median(times.help), unit: `ms (target ≤ 150 and ≤ ${Math.round(1.5 * node + 60)})` },
    { name: "cadastre types", value: median(times.types), unit: "ms (target ≤ 150)" }
  ]
}
