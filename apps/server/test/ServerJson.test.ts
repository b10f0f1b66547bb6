import { assert, describe, it } from "@effect/vitest"
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv"
import { readFileSync } from "node:fs"
import manifest from "../package.json" with { type: "json" }
import entry from "../server.json" with { type: "json" }
import schema from "./ServerJson.schema.json" with { type: "json" }

const validate = new AjvJsonSchemaValidator().getValidator(schema)

const changed = (change: (copy: any) => void): unknown => {
  const copy: unknown = structuredClone(entry)
  change(copy)
  return copy
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

describe("server.json", () => {
  it("is what the registry of MCP servers takes", () => {
    const { errorMessage, valid } = validate(entry)
    assert.isTrue(valid, errorMessage)
  })

  it.each<readonly [string, (copy: any) => void]>([
    ["a name without a namespace", (copy) => copy.name = "cadastre"],
    ["a name with two slashes", (copy) => copy.name = "io.github/cadastre/cadastre"],
    ["a description of 101 characters", (copy) => copy.description = "x".repeat(101)],
    ["a title of 101 characters", (copy) => copy.title = "x".repeat(101)],
    ["an older form", (copy) => copy.$schema = copy.$schema.replace("2025-12-11", "2025-09-16")],
    ["a version that is a range", (copy) => copy.version = "^1.0.0"],
    ["the latest package", (copy) => copy.packages[0].version = "latest"],
    ["a package of any 1.x", (copy) => copy.packages[0].version = "1.x"],
    ["a package without a transport", (copy) => delete copy.packages[0].transport],
    ["names as they were written before", (copy) => copy.packages[0].registry_type = "npm"],
    ["another mirror", (copy) => copy.packages[0].registryBaseUrl = "https://npm.example.com"],
    ["a transport that there is not", (copy) => copy.packages[0].transport.type = "http"],
    ["HTTP without an address", (copy) => delete copy.packages[1].transport.url],
    ["a variable without a name", (copy) => delete copy.packages[0].environmentVariables[0].name],
    ["a default that is no text", (copy) => copy.packages[1].environmentVariables[0].default = 8080],
    ["a form of input that there is not", (copy) => copy.packages[0].environmentVariables[0].format = "path"],
    ["an argument without a value or what it stands for", (copy) => delete copy.packages[1].packageArguments[0].value],
    ["a folder above the repository", (copy) => copy.repository.subfolder = "../server"],
    ["the registry's own state", (copy) => copy.status = "active"]
  ])("and not %s", (_, change) => {
    assert.isFalse(validate(changed(change)).valid)
  })

  it("names the package as it is published, and itself as the package does", () => {
    assert.strictEqual(entry.name, manifest.mcpName)
    assert.strictEqual(entry.version, manifest.version)
    for (const { identifier, version } of entry.packages) assert.deepStrictEqual([identifier, version], [manifest.name, manifest.version])
    assert.strictEqual(`git+${entry.repository.url}.git`, manifest.repository.url)
    assert.strictEqual(entry.repository.subfolder, manifest.repository.directory)
    // Whoever publishes for a user of GitHub does so under that name.
    assert.strictEqual(entry.name.split("/")[0], `io.github.${new URL(entry.repository.url).pathname.split("/")[1]}`)
  })

  it("asks for variables that are read, and every one in braces is asked for", () => {
    const known = `${read("../../../README.md")}${read("../README.md")}${read("../src/Server.ts")}`
    for (const { environmentVariables, transport } of entry.packages) {
      const names = environmentVariables.map(({ name }) => name)
      assert.strictEqual(new Set(names).size, names.length)
      for (const name of names) assert.include(known, name)
      for (const [, name] of ("url" in transport ? transport.url : "").matchAll(/\{(\w+)\}/gu)) assert.include(names, name)
    }
    // Both ways of serving take the same.
    const [stdio, http] = entry.packages.map((one) => one.environmentVariables.map(({ name }) => name))
    assert.includeMembers(http!, stdio!)
  })
})
