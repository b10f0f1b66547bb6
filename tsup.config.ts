import { cpSync, rmSync } from "node:fs"
import { defineConfig, type Options } from "tsup"
import { appBundle, common } from "./tools/appBundle.ts"
import { apps, entries, libraries } from "./tools/workspace.ts"

export default defineConfig([
  // A library: one file per public module, every dependency left to the installer.
  ...libraries.filter(({ manifest }) => !manifest.private).map((library): Options => ({
    ...common,
    name: library.folder,
    entry: [...entries(library)],
    outDir: `${library.dir}/dist`,
    skipNodeModulesBundle: true,
    sourcemap: true,
    // tsup cannot emit declarations with TypeScript 7: tsc has written them all to .types. Moved, so that none goes stale.
    onSuccess: async () => {
      cpSync(`.types/${library.folder}/src`, `${library.dir}/dist`, { recursive: true })
      rmSync(`.types/${library.folder}`, { recursive: true })
    }
  })),
  ...apps.map(appBundle)
])
