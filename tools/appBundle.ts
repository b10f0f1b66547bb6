/**
 * How an app is bundled: few files with everything in them, because start-up time is a feature.
 * What cannot be bundled (native code) is in its `dependencies`; everything else in its `devDependencies`.
 */
import { readFile } from "node:fs/promises"
import { sep } from "node:path"
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

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

const simulator = ["", "packages", "aws-simulator", ""].join(sep)

// esbuild reads them as Go's, which have no flag `u`.
const clientName = new RegExp("^@aws-sdk/client-")

/**
 * The simulator answers with any operation of a client and so needs all of it; a scanner needs two or three. Were they
 * one module, every scan would load all of them: so the simulator, which only `--demo` loads, has each client's other
 * form, one file of CommonJS.
 */
const clientsOfTheSimulator: Plugin = {
  name: "clients-of-the-simulator",
  setup: (build) => {
    build.onResolve({ filter: clientName }, async ({ importer, kind, path, pluginData, resolveDir }) => {
      if (pluginData === "resolving" || !importer.includes(simulator)) return undefined
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: "resolving" })
      return found.errors.length > 0 ? found : { path: found.path.replace(`${sep}dist-es${sep}`, `${sep}dist-cjs${sep}`) }
    })
  }
}

const schemas = new RegExp("client-[a-z0-9-]+[/\\\\]dist-es[/\\\\]schemas[/\\\\]schemas_[0-9]+\\.js$")

/** A schema is a list over many lines; what is in it is made of names and numbers alone. */
const schema = /^((?:export )?var \w+\$? = )(\[[\s\S]*?\n?\]);$/gmu

/**
 * The schemas of an SDK client that no command in use needs are left out: nine tenths of that of EC2. By itself esbuild
 * keeps them, since a computed key in a list could be something that does more than name a member.
 */
const usedSchemas: Plugin = {
  name: "used-schemas",
  setup: (build) => {
    build.onLoad({ filter: schemas, namespace: "file" }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(schema, "$1/* @__PURE__ */ (() => $2)();"),
      loader: "js"
    }))
  }
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
  esbuildPlugins: [clientsOfTheSimulator, usedSchemas],
  esbuildOptions: (options) => {
    options.mainFields = ["module", "main"]
    // What is loaded stays in memory as text. Names are kept: they say where an error comes from.
    options.minifyWhitespace = true
    options.minifySyntax = true
  }
})
