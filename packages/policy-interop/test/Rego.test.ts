import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Rego } from "../src/index.ts"
import { judged, policies, tags, types } from "./Judge.ts"
import { hostile } from "./Policies.ts"
import { evaluate } from "./RegoInterpreter.ts"

const terraform: Readonly<Record<string, string>> = {
  "ec2:instance": "aws_instance", "s3:bucket": "aws_s3_bucket", "iam:role": "aws_iam_role", "rds:db": "aws_db_instance"
}

const planOf = (type: string, change: object) => ({
  resource_changes: [{ address: `${terraform[type]}.a`, mode: "managed", type: terraform[type], change }]
})

interface Violation {
  readonly tag: string
  readonly rule: string
  readonly severity: string
}

const found = (module: string, input: unknown) =>
  (evaluate(module, input, "violations") as ReadonlyArray<Violation>).map(({ rule, severity, tag }) => `${tag} ${rule} ${severity}`).toSorted()

describe("Rego", () => {
  it.effect("judges a plan as the native validator judges resources", () =>
    Effect.sync(() => {
      let count = 0
      fc.assert(fc.property(policies, tags, fc.constantFrom(...types), (policy, resource, type) => {
        const module = Rego.export(policy).result
        const told = found(module, planOf(type, { after: { tags_all: resource }, after_unknown: { tags_all: {} } }))
        assert.deepStrictEqual(told, judged(policy, type, resource))
        count += told.length
      }), { numRuns: 400 })
      assert.isAbove(count, 200)
    }))

  it("judges nothing that is unknown, deleted, or no resource", () => {
    const module = Rego.export({ required_tags: [{ name: "Owner" }] }).result
    const judge = (change: object) => {
      const plan = planOf("s3:bucket", change)
      return [found(module, plan).length, (evaluate(module, plan, "unknown") as ReadonlyArray<unknown>).length]
    }
    assert.deepStrictEqual(judge({ after: { tags_all: {} }, after_unknown: {} }), [1, 0])
    assert.deepStrictEqual(judge({ after: { tags_all: null }, after_unknown: {} }), [1, 0])
    assert.deepStrictEqual(judge({ after: {}, after_unknown: { tags_all: true } }), [0, 1])
    assert.deepStrictEqual(judge({ after: { tags_all: {} }, after_unknown: { tags_all: { Owner: true } } }), [0, 1])
    assert.deepStrictEqual(judge({ after: null }), [0, 0])
    const data = { resource_changes: [{ address: "d", mode: "data", type: "aws_s3_bucket", change: { after: {} } }] }
    assert.deepStrictEqual(found(module, data), [])
    const foreign = { resource_changes: [{ address: "d", mode: "managed", type: "random_id", change: { after: {} } }] }
    assert.deepStrictEqual(found(module, foreign), [])
    const deny = evaluate(module, planOf("s3:bucket", { after: { tags_all: {} } }), "deny")
    assert.deepStrictEqual(deny, ["aws_s3_bucket.a: missing_required_tag of the tag Owner"])
  })

  it.effect("texts of any kind stay texts", () =>
    Effect.sync(() => {
      fc.assert(fc.property(hostile(40), hostile(40), (name, value) => {
        const module = Rego.export({ required_tags: [{ name, allowed_values: [value] }], prohibited_tags: [`${value.replaceAll("*", "")}-x`] }).result
        const judge = (resource: object) => found(module, planOf("s3:bucket", { after: { tags_all: resource }, after_unknown: {} }))
        const own = name.toLowerCase().startsWith("aws:")
        assert.deepStrictEqual(judge(Object.fromEntries([[name, value]])), [])
        assert.deepStrictEqual(judge(Object.fromEntries([[name, `${value}!`]])), [`${name} invalid_value error`])
        if (!own) assert.deepStrictEqual(judge({}), [`${name} missing_required_tag error`])
      }), { numRuns: 200 })
    }))

  it.effect("Rego by others is no policy; a wrong policy in it is told with its line", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(Rego.import("package x\n", { source: "x.rego" }))
      assert.match(message, /^x\.rego:1:1: there is no policy in it that Cadastre wrote/u)
      const module = Rego.export({ required_tags: [{ name: "Owner", validation_regex: "a" }] }).result
      const line = module.split("\n").findIndex((text) => text.includes("validation_regex")) + 1
      const wrong = yield* Effect.flip(Rego.import(module.replace("\"validation_regex\": \"a\"", "\"validation_regex\": \"(\""), { source: "x.rego" }))
      assert.strictEqual(wrong.issues[0].line, line)
    }))

  it("takes a name for the package, if it is one", () => {
    const { result } = Rego.export({ required_tags: [] }, { packageName: "acme.tags" })
    assert.match(result, /^# .*\npackage acme\.tags\n/u)
    const { dropped, result: other } = Rego.export({ required_tags: [] }, { packageName: "x\ndeny := true" })
    assert.include(other, "\npackage cadastre.tags\n")
    assert.strictEqual(dropped[0]?.what, "the name of the package")
  })
})
