/**
 * How an app is bundled: few files with everything in them, because start-up time is a feature.
 * What cannot be bundled (native code) is in its `dependencies`; everything else in its `devDependencies`.
 */
import type { Options } from "tsup"
import type { Package } from "./workspace.ts"

/** What every build has in common, of a library and of an app. */
export const common: Options = {
  format: "esm",
  platform: "node",
  target: "node22",
  splitting: true,
  clean: true,
  silent: true,
  // Without `node:` there is no `sqlite`.
  removeNodeProtocol: false
}

export const appBundle = (app: Package): Options => ({
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
    // What is loaded stays in memory as text. Names are kept: they say where an error comes from.
    options.minifyWhitespace = true
    options.minifySyntax = true
  }
})
