import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { AwsTagPolicy, Custodian } from "../src/index.ts"

/** What the README says is printed, in order. */
const comments = [...readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/^ {2}\/\/ (.*)$/gmu)].map(([, text]) => text)

describe("the README", () => {
  it.effect("prints what it says", () =>
    Effect.gen(function*() {
      const text = readFileSync(new URL("../README.md", import.meta.url), "utf8")
      const [root, unit] = yield* Effect.forEach([/`(\{ "tags".*?)`,\n/u, /parse\(`(\{ "tags".*?)`,/u], (pattern, index) =>
        AwsTagPolicy.parse(pattern.exec(text)?.[1] ?? "", { source: ["root.json", "unit.json"][index]! }))
      const merged = AwsTagPolicy.merge([{ target: "Root", policies: [root!] }, { target: "Prod", policies: [unit!] }])
      const [dropped] = Custodian.export({ required_tags: [{ name: "team", aliases: ["squad"] }] }).dropped
      assert.deepStrictEqual(comments, [
        AwsTagPolicy.explain(merged).at(-1),
        `{ what: '${dropped?.what}', why: '${dropped?.why}' }`
      ])
    }))
})
