/**
 * Set up once before all tests: the apps are bundled as they are published, and the tests of an app run that.
 * It is what users run, and it starts in a third of the time. `CADASTRE_FROM_SOURCE=1` runs the sources instead,
 * whose stack traces say more.
 */
import { rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { build } from "tsup"
import { parseCLI, type TestProject } from "vitest/node"
import { appBundle } from "./appBundle.ts"
import { apps } from "./workspace.ts"

/** The file that starts an app, by the name of its directory. */
export type Mains = Readonly<Record<string, string>>

declare module "vitest" {
  interface ProvidedContext {
    readonly mains: Mains
  }
}

export default async (project: TestProject): Promise<() => void> => {
  const args = process.argv.slice(2)
  const { filter } = parseCLI(["vitest", ...args[0] === "run" ? [] : ["run"], ...args])
  const { testFiles } = await project.globTestFiles([...filter])
  const tested = apps.filter(({ dir }) => testFiles.some((file) => file.startsWith(`${resolve(dir)}/`)))
  const isFromSource = process.env["CADASTRE_FROM_SOURCE"] === "1"
  // Beside the app, where what is not bundled is found; in a directory that nothing else looks into; one for each run.
  const folderOf = (dir: string) => resolve(dir, "node_modules", `.bundled-${process.pid}`)
  if (!isFromSource) {
    for (const app of tested) {
      await build({ ...appBundle(app), config: false, outDir: folderOf(app.dir), outExtension: () => ({ js: ".mjs" }) })
    }
  }
  // What Node compiles of a bundle goes with it, where each run would leave its own otherwise.
  if (tested.length > 0) process.env["NODE_COMPILE_CACHE"] = join(folderOf(tested[0]!.dir), "compiled")
  project.provide("mains", Object.fromEntries(
    apps.map(({ dir, folder }) => [folder, isFromSource ? resolve(dir, "src/main.ts") : join(folderOf(dir), "main.mjs")])
  ))
  return () => tested.forEach(({ dir }) => rmSync(folderOf(dir), { recursive: true, force: true }))
}
