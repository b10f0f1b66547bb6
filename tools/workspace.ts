/** The workspace's packages, and what their manifests promise. */
import { globSync, readFileSync } from "node:fs"
import { basename, dirname } from "node:path"

export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly description?: string
  readonly type?: string
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string }
  readonly sideEffects?: boolean | ReadonlyArray<string>
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: ReadonlyArray<string>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | null>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: {
    readonly access?: string
    readonly bin?: Readonly<Record<string, string>>
    readonly exports?: Readonly<Record<string, string | null>>
  }
}

export interface Package {
  /** Relative to the root: `packages/model`. */
  readonly dir: string
  /** The directory's own name: `model`. */
  readonly folder: string
  readonly manifest: Manifest
}

export const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest

const packagesIn = (pattern: string): ReadonlyArray<Package> =>
  globSync(pattern).toSorted().map((path) => {
    const dir = dirname(path)
    return { dir, folder: basename(dir), manifest: readManifest(path) }
  })

/** Everything under packages/ is a library; what is private is not published. */
export const libraries: ReadonlyArray<Package> = packagesIn("packages/*/package.json")
export const apps: ReadonlyArray<Package> = packagesIn("apps/*/package.json")
export const others: ReadonlyArray<Package> = packagesIn("bench/package.json")

/** What a source path in `exports` or `bin` is called once built. */
export const built = (path: string): string => path.replace(/^\.\/src\/(.+)\.ts$/u, "./dist/$1.js")

/** The source files that a manifest makes public, one per entry of `exports` and `bin`. */
export const entries = (
  { dir, manifest }: Package,
  fields: ReadonlyArray<"bin" | "exports"> = ["bin", "exports"]
): ReadonlyArray<string> => {
  const { exports = {}, bin = {} } = manifest
  const files = (path: string) => path.endsWith(".ts") ? globSync(`${dir}/${path.slice(2)}`) : []
  const hidden = new Set(Object.entries(exports).flatMap(([subpath, path]) => path === null ? files(`./src/${subpath.slice(2)}.ts`) : []))
  const shown = fields.flatMap((field) => Object.values({ bin, exports }[field])).flatMap((path) => path === null ? [] : files(path))
  return [...new Set(shown)].filter((file) => !hidden.has(file)).toSorted()
}
