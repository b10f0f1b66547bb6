import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { existsSync, readFileSync } from "node:fs"
import manifest from "../package.json" with { type: "json" }

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

const blocks = [...read("../README.md").matchAll(/```json\n([\s\S]*?)```/gu)].map(([, text = ""]) => JSON.parse(text) as unknown)

const Stdio = Schema.Struct({
  type: Schema.optionalKey(Schema.Literal("stdio")),
  command: Schema.NonEmptyString,
  args: Schema.optionalKey(Schema.Array(Schema.String)),
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})

const Http = Schema.Struct({
  type: Schema.Literal("http"),
  url: Schema.String.check(Schema.isPattern(/^https:\/\/[^/]+\/mcp$/u)),
  headers: Schema.Record(Schema.String, Schema.String)
})

const Servers = Schema.Struct({ cadastre: Schema.Union([Stdio, Http]) })

/** The forms of Claude Desktop, Claude Code and Cursor, and of VS Code. */
const Recipe = Schema.Union([Schema.Struct({ mcpServers: Servers }), Schema.Struct({ servers: Servers })])

describe("the recipes for clients", () => {
  const exact = { onExcessProperty: "error" } as const
  const recipes = blocks.flatMap((block) => {
    const found = Schema.decodeUnknownOption(Recipe)(block, exact)
    return found._tag === "Some" ? [found.value] : []
  })

  it("are all that name a server", () => {
    assert.strictEqual(recipes.length, 5)
    // The other block is the environment of a container.
    const others = blocks.filter((block) => !JSON.stringify(block).includes("ervers\""))
    assert.strictEqual(blocks.length, recipes.length + others.length)
  })

  it("name commands and packages that exist, and variables that are read", () => {
    const cli = JSON.parse(read("../../cli/package.json")) as { readonly bin: Readonly<Record<string, string>> }
    const commands: Readonly<Record<string, string>> = { ...manifest.bin, ...cli.bin }
    const settings = `${read("../../../README.md")}${read("../README.md")}AWS_PROFILE`
    for (const recipe of recipes) {
      const server = "servers" in recipe ? recipe.servers.cadastre : recipe.mcpServers.cadastre
      if (!("command" in server)) continue
      const { args = [], command, env = {} } = server
      if (command === "npx") assert.deepStrictEqual(args, ["--yes", manifest.name])
      else assert.isTrue(existsSync(new URL(`../../${command === "cadastre" ? "cli" : "server"}/${commands[command]}`, import.meta.url)), command)
      if (command === "cadastre") assert.isTrue(existsSync(new URL("../../cli/src/commands/McpCommand.ts", import.meta.url)))
      for (const name of Object.keys(env)) assert.include(settings, name)
    }
  })
})

/** What the schema of 2025-12-11 asks for, written from its text; and what the registry asks for besides. */
const Input = {
  description: Schema.optionalKey(Schema.String),
  format: Schema.optionalKey(Schema.Literals(["string", "number", "boolean", "filepath"])),
  default: Schema.optionalKey(Schema.String),
  placeholder: Schema.optionalKey(Schema.String),
  choices: Schema.optionalKey(Schema.Array(Schema.String)),
  isRequired: Schema.optionalKey(Schema.Boolean),
  isSecret: Schema.optionalKey(Schema.Boolean)
}

const Version = Schema.String.check(Schema.isPattern(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u), Schema.isMaxLength(255))

const ServerJson = Schema.Struct({
  $schema: Schema.Literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/u), Schema.isMinLength(3), Schema.isMaxLength(200)),
  title: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(100)),
  description: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(100)),
  version: Version,
  repository: Schema.Struct({
    url: Schema.String.check(Schema.isPattern(/^https:\/\/github\.com\/[\w-]+\/[\w-]+$/u)),
    source: Schema.Literal("github"),
    subfolder: Schema.String
  }),
  packages: Schema.NonEmptyArray(Schema.Struct({
    registryType: Schema.Literal("npm"),
    identifier: Schema.String,
    version: Version,
    runtimeHint: Schema.Literal("npx"),
    transport: Schema.Struct({ type: Schema.Literal("stdio") }),
    environmentVariables: Schema.Array(Schema.Struct({ name: Schema.NonEmptyString, ...Input }))
  }))
})

describe("server.json", () => {
  const entry = Schema.decodeUnknownSync(Schema.fromJsonString(ServerJson))(read("../server.json"), { onExcessProperty: "error" })

  it("names the package as it is published, and itself as the package does", () => {
    assert.strictEqual(entry.name, manifest.mcpName)
    assert.strictEqual(entry.version, manifest.version)
    const [npm] = entry.packages
    assert.deepStrictEqual([npm.identifier, npm.version], [manifest.name, manifest.version])
    assert.strictEqual(`git+${entry.repository.url}.git`, manifest.repository.url)
    assert.strictEqual(entry.repository.subfolder, manifest.repository.directory)
  })

  it("asks for variables that are read", () => {
    const known = `${read("../../../README.md")}${read("../README.md")}${read("../src/Server.ts")}`
    for (const { name } of entry.packages[0].environmentVariables) assert.include(known, name)
  })
})
