/**
 * Bundles an app as it is published, into a folder of this process's own.
 *
 * `node tools/bundle.ts cli` prints that folder, which whoever asked for it removes.
 */
import { rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { build } from "tsup"
import { appBundle } from "./appBundle.ts"
import { apps, type Package } from "./workspace.ts"

export interface Bundle {
  readonly folder: string
  /** The file that starts the app. */
  readonly main: string
  /** Where Node may keep what it compiles of it. */
  readonly compileCache: string
  readonly remove: () => void
}

const root = resolve(import.meta.dirname, "..")

export const bundle = async (app: Package): Promise<Bundle> => {
  // Beside the app, where what is not bundled is found; in a directory that nothing else looks into.
  const folder = join(root, app.dir, "node_modules", `.bundled-${process.pid}`)
  const options = { ...appBundle(app), entry: [join(root, app.dir, "src/main.ts")] }
  await build({ ...options, config: false, outDir: folder, outExtension: () => ({ js: ".mjs" }) })
  return {
    folder,
    main: join(folder, "main.mjs"),
    compileCache: join(folder, "compiled"),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const app = apps.find(({ folder }) => folder === process.argv[2])
  if (app === undefined) throw new Error(`which app? ${apps.map(({ folder }) => folder).join(", ")}`)
  process.stdout.write((await bundle(app)).folder)
}
