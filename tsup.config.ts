import { cpSync, rmSync } from "node:fs"
import { defineConfig, type Options } from "tsup"
import { apps, entries, libraries } from "./tools/workspace.ts"

// Without `node:` there is no `sqlite`.
const common: Options = {
  format: "esm",
  platform: "node",
  target: "node22",
  splitting: true,
  clean: true,
  silent: true,
  removeNodeProtocol: false
}

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
  // An app: few files with everything in them, because start-up time is a feature. What cannot be bundled (native code)
  // is in its `dependencies`; everything else in its `devDependencies`.
  ...apps.map((app): Options => ({
    ...common,
    name: app.folder,
    entry: [`${app.dir}/src/main.ts`],
    outDir: `${app.dir}/dist`,
    external: [
      ...Object.keys(app.manifest.dependencies ?? {}).map((name) => new RegExp(`^${name}(/|$)`, "u")),
      // Native, 70 MB, and only for billing files: loaded at its first use, from where it was installed.
      /^@duckdb\//u
    ],
    // CommonJS dependencies call `require`, which ES modules do not have.
    banner: { js: "import { createRequire as __createRequire } from \"node:module\"\nconst require = __createRequire(import.meta.url)" },
    esbuildOptions: (options) => {
      options.mainFields = ["module", "main"]
    }
  }))
])
