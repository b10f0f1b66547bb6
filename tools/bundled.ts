/**
 * Set up once before all tests: the apps are bundled as they are published, and the tests of an app run that.
 * It is what users run, and it starts in a third of the time. `CADASTRE_FROM_SOURCE=1` runs the sources instead,
 * whose stack traces say more.
 */
import { resolve } from "node:path"
import { parseCLI, type TestProject } from "vitest/node"
import { type Bundle, bundle } from "./bundle.ts"
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
  const isFromSource = process.env["CADASTRE_FROM_SOURCE"] === "1"
  const tested = isFromSource ? [] : apps.filter(({ dir }) => testFiles.some((file) => file.startsWith(`${resolve(dir)}/`)))
  const bundles = new Map<string, Bundle>(
    await Promise.all(tested.map(async (app) => [app.folder, await bundle(app)] as const))
  )
  // What Node compiles of a bundle goes with it, where each run would leave its own otherwise.
  const [first] = bundles.values()
  if (first !== undefined) process.env["NODE_COMPILE_CACHE"] = first.compileCache
  project.provide("mains", Object.fromEntries(
    apps.map(({ dir, folder }) => [folder, bundles.get(folder)?.main ?? resolve(dir, "src/main.ts")])
  ))
  return () => bundles.forEach(({ remove }) => remove())
}
