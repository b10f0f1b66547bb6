/**
 * Checks what would be published: each manifest, then the tarball itself (publint, attw, and every module loads).
 * Run after `pnpm build`. `--manifests` stops after the manifests and needs no build; `--write` fills in what is missing.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual, promisify } from "node:util"
import { apps, built, entries, libraries, others, type Package, readManifest } from "./workspace.ts"

const run = promisify(execFile)
const root = readManifest("package.json")
const write = process.argv.includes("--write")
const problems: Array<string> = []

const isApp = ({ dir }: Package) => dir.startsWith("apps/")

const mapValues = (record: Readonly<Record<string, string | null>> | undefined) =>
  record && Object.fromEntries(Object.entries(record).map(([key, path]) => [key, path === null ? null : built(path)]))

/** What is packed: the build, the data that `exports` names, and whatever else the package lists. */
const files = ({ exports = {}, files = [] }: Package["manifest"]): ReadonlyArray<string> => {
  const data = Object.values(exports).flatMap((path) => path === null || /^\.\/(src\/|package\.json$)/u.test(path) ? [] : path.split("/")[1] ?? [])
  return [...new Set([...files, "dist", ...data])]
}

/** Fields that follow from the rest, so that nobody has to type them. */
const derived = ({ dir, manifest }: Package) => ({
  license: root.license,
  repository: { type: "git", url: root.repository?.url, directory: dir },
  type: "module",
  sideEffects: manifest.sideEffects ?? false,
  engines: { node: ">=22.19" },
  files: files(manifest),
  publishConfig: {
    access: "public",
    ...(manifest.bin && { bin: mapValues(manifest.bin) }),
    ...(manifest.exports && { exports: mapValues(manifest.exports) })
  }
})

const checkManifest = (pkg: Package): void => {
  const { dir, folder, manifest } = pkg
  const path = `${dir}/package.json`
  const expect = (ok: unknown, problem: string) => {
    if (!ok) problems.push(`${path}: ${problem}`)
  }
  const missing = Object.entries(derived(pkg)).filter(([key, value]) => !isDeepStrictEqual(manifest[key as keyof typeof manifest], value))
  if (write && missing.length > 0) {
    writeFileSync(path, `${JSON.stringify({ ...manifest, ...Object.fromEntries(missing) }, null, 2)}\n`)
  } else {
    for (const [key, value] of missing) expect(false, `"${key}" must be ${JSON.stringify(value)}`)
  }
  expect(manifest.name === `@cadastre/${folder}`, `"name" must be @cadastre/${folder}`)
  expect(manifest.version, `"version" is missing`)
  expect((manifest.description ?? "").length >= 20, `"description" must say what the package is for`)
  expect(manifest.exports?.["./package.json"] === "./package.json" || isApp(pkg), `"exports" lacks "./package.json"`)
  for (const file of Object.values({ ...manifest.bin, ...manifest.exports })) {
    expect(file === null || (typeof file === "string" && (file.includes("*") || existsSync(join(dir, file)))), `${JSON.stringify(file)} in "exports" must be the path of a file`)
  }
  expect(entries(pkg).length > 0, `"exports" names no file that exists`)
  // Two copies of effect in one program do not see each other's services, so the user's copy must be used.
  if (!isApp(pkg)) {
    expect(manifest.peerDependencies?.["effect"] === "^4.1.0", `"peerDependencies" must have "effect": "^4.1.0"`)
    expect(manifest.dependencies?.["effect"] === undefined, `"effect" must not be in "dependencies"`)
  }
  expect(existsSync(`${dir}/README.md`), "README.md is missing")
}

/** `turbo boundaries` lets a package without a tag import anything. */
const checkTag = ({ dir }: Package): void => {
  const text = existsSync(`${dir}/turbo.json`) ? readFileSync(`${dir}/turbo.json`, "utf8") : ""
  if (!/"tags":\s*\["(pure|io|edge|app)"\]/u.test(text)) problems.push(`${dir}/turbo.json: must have one tag: pure, io, edge or app`)
}

/** An app is bundled: it would install a second copy of what it lists in `dependencies`. */
const checkApp = ({ dir, manifest }: Package): void => {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (name === "effect" || name.startsWith("@cadastre/")) problems.push(`${dir}/package.json: "${name}" is bundled, so it belongs in "devDependencies"`)
  }
}

/** Packages that need each other cannot be installed apart. oxlint sees cycles of files, not those through package names. */
const checkCycles = (all: ReadonlyArray<Package>): void => {
  const needs = new Map(all.map(({ manifest }) => [manifest.name, Object.keys(manifest.dependencies ?? {})]))
  const visit = (name: string, path: ReadonlyArray<string>): void => {
    if (name === path[0]) problems.push(`cycle: ${[...path, name].join(" -> ")}`)
    else if (!path.includes(name)) for (const next of needs.get(name) ?? []) visit(next, [...path, name])
  }
  for (const name of needs.keys()) visit(name, [])
}

const attempt = async (label: string, command: string, args: ReadonlyArray<string>): Promise<boolean> => {
  try {
    await run(command, [...args], { maxBuffer: 1e8 })
    return true
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string }
    problems.push(`${label}: ${command} failed\n${stdout}${stderr}`.trimEnd())
    return false
  }
}

const checkTarball = async (pkg: Package, directory: string): Promise<void> => {
  const tarball = join(directory, `${pkg.folder}.tgz`)
  if (!await attempt(pkg.dir, "pnpm", ["--dir", pkg.dir, "pack", "--out", tarball])) return
  await attempt(pkg.dir, "publint", ["run", tarball, "--strict"])
  if (isApp(pkg)) return
  await attempt(pkg.dir, "attw", [tarball, "--profile", "esm-only", "--no-color", "--no-emoji", "--format", "ascii"])
  // Catches a dependency that the bundle needs and the manifest does not name.
  const modules = entries(pkg, ["exports"]).map((file) => JSON.stringify(`./${file.replace("/src/", "/dist/").replace(/\.ts$/u, ".js")}`))
  await attempt(pkg.dir, "node", ["--input-type=module", "--eval", modules.map((module) => `await import(${module})`).join("\n")])
}

const published = [...libraries, ...apps].filter(({ manifest }) => !manifest.private)
for (const pkg of [...libraries, ...apps, ...others]) checkTag(pkg)
for (const pkg of published) checkManifest(pkg)
for (const pkg of apps) checkApp(pkg)
checkCycles(libraries)
if (!write && !process.argv.includes("--manifests")) {
  const directory = mkdtempSync(join(tmpdir(), "packages-"))
  const queue = [...published]
  const worker = async () => {
    for (let pkg = queue.shift(); pkg; pkg = queue.shift()) await checkTarball(pkg, directory)
  }
  await Promise.all([worker(), worker()])
  rmSync(directory, { recursive: true })
}
for (const problem of problems) console.error(problem)
console.log(`${published.length} packages, ${problems.length} problems`)
if (problems.length > 0) process.exitCode = 1
