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

/** What VS Code asks the user for. */
const Input = Schema.Struct({
  type: Schema.Literal("promptString"),
  id: Schema.String,
  description: Schema.String,
  password: Schema.Literal(true)
})

/** The forms of Claude Desktop, Claude Code and Cursor, and of VS Code. */
const Recipe = Schema.Union([
  Schema.Struct({ mcpServers: Servers }),
  Schema.Struct({ inputs: Schema.optionalKey(Schema.Array(Input)), servers: Servers })
])

describe("the recipes for clients", () => {
  const exact = { onExcessProperty: "error" } as const
  const recipes = blocks.flatMap((block) => {
    const found = Schema.decodeUnknownOption(Recipe)(block, exact)
    return found._tag === "Some" ? [found.value] : []
  })

  it("are all that name a server", () => {
    assert.strictEqual(recipes.length, 6)
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

  it("take a token from where the client can: VS Code from what it asks for, others from their environment", () => {
    for (const recipe of recipes) {
      const server = "servers" in recipe ? recipe.servers.cadastre : recipe.mcpServers.cadastre
      if (!("headers" in server)) continue
      const [, from] = /^Bearer \$\{([^}]+)\}$/u.exec(server.headers["Authorization"] ?? "") ?? []
      const asked = "servers" in recipe ? (recipe.inputs ?? []).map(({ id }) => `input:${id}`) : ["CADASTRE_TOKEN"]
      assert.deepStrictEqual([from], asked)
    }
  })
})
