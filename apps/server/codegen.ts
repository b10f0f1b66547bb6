/**
 * Writes the version of `package.json` into `server.json`, which the registry of
 * MCP servers reads: it must name the package as it is published.
 *
 * Run by `pnpm codegen`, checked by `pnpm check`.
 */
import { readFileSync, writeFileSync } from "node:fs"
import manifest from "./package.json" with { type: "json" }

const file = new URL("server.json", import.meta.url)

writeFileSync(file, readFileSync(file, "utf8").replaceAll(/("version": )"[^"]*"/gu, `$1"${manifest.version}"`))
