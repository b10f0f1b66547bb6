import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import * as Hcl from "../src/Hcl.ts"
import { Steampipe, TerraformTags } from "../src/index.ts"
import { hostile } from "./Policies.ts"

describe("HCL", () => {
  it("quotes so that nothing is a template", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["a\"b\\c", "\"a\\\"b\\\\c\""],
      ["${x} %{y}", "\"$${x} %%{y}\""],
      ["$${x}", "\"$\\u0024{x}\""],
      ["$ {x", "\"$ {x\""],
      ["a\nb\tc\u0000", "\"a\\nb\\tc\\u0000\""]
    ]
    for (const [text, quoted] of cases) assert.strictEqual(Hcl.quote(text), quoted)
  })

  it.effect("any text comes back as it was, and is one token whatever it holds", () =>
    Effect.sync(() => {
      fc.assert(fc.property(hostile(200), hostile(60), (text, key) => {
        const read = Hcl.parse(`a = [${Hcl.quote(text)}]\nm = { ${Hcl.quote(key)} = ${Hcl.quote(text)} }\n`)
        assert.deepStrictEqual(
          "message" in read ? read : read.map((item) => item._tag === "Attribute" ? item.value : item) as unknown,
          [
            { _tag: "List", items: [{ _tag: "Text", text }] },
            { _tag: "Map", entries: [[key, { _tag: "Text", text }]] }
          ]
        )
      }), { numRuns: 300 })
    }))

  it.effect("never throws, and ends in time, whatever it reads", () =>
    Effect.sync(() => {
      const pieces = fc.array(fc.constantFrom("a", "=", "\"", "{", "}", "[", "]", "\n", ",", "${", "#", "/*", "*/", "\\", "var.x", "<<EOT", " "), { maxLength: 60 })
      fc.assert(fc.property(pieces, (parts) => void Hcl.parse(parts.join(""))), { numRuns: 500 })
      for (const text of ["[".repeat(100_000), "a = ".repeat(100_000), `a = ${"{".repeat(50_000)}`, `a = "${"${".repeat(50_000)}`]) {
        assert.property(Hcl.parse(text), "message")
      }
      // A million characters in a hundred thousand lines.
      assert.lengthOf(Hcl.parse("a = \"b\"\n".repeat(100_000)) as ReadonlyArray<unknown>, 100_000)
    }))

  it.effect("mistakes have line and column", () =>
    Effect.gen(function*() {
      const { issues } = yield* Effect.flip(Steampipe.import("mandatory_tags = [\"a\"\n\"b\"]", { source: "a.spvars" }))
      assert.deepStrictEqual([issues[0].line, issues[0].column], [2, 1])
      const wrong = yield* Effect.flip(Steampipe.import("# c\nmandatory_tags = 3", { source: "a.spvars" }))
      assert.match(wrong.message, /^a\.spvars:2:1: mandatory_tags must be a list of texts/u)
    }))

  it.effect("Steampipe: wildcards of SQL", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* Steampipe.import(`
mandatory_tags = ["Environment", "Owner"] // all types
expected_tag_values = {
  "Environment": ["Prod", "Staging", "Dev%"],
  created_by = ["test\\\\_user", "100\\\\%"]
  Odd = ["a_c"]
}
prohibited_tags = ["Password"]
tag_limit = 45
`, { source: "tags.spvars" })
      assert.deepStrictEqual(result, {
        required_tags: [{ name: "Environment", validation_regex: "^(?:Prod|Staging|Dev.*)$" }, { name: "Owner" }],
        optional_tags: [{ name: "created_by", allowed_values: ["test_user", "100%"] }, { name: "Odd" }],
        prohibited_tags: ["Password"]
      })
      assert.deepStrictEqual(dropped.map(({ what }) => what), ["the tag Odd: its values", "the variable tag_limit"])
    }))

  it.effect("a key that is both asked for and prohibited is no policy: asking for it wins, and that is said", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* Steampipe.import("mandatory_tags = [\"Owner\"]\nprohibited_tags = [\"Owner\"]\n", { source: "tags.spvars" })
      assert.deepStrictEqual(result, { required_tags: [{ name: "Owner" }] })
      assert.deepStrictEqual(dropped.map(({ what }) => what), ["the prohibited key \"Owner\""])
    }))

  it.effect("Terraform: a configuration that people wrote", () =>
    Effect.gen(function*() {
      const { dropped, result } = yield* TerraformTags.import(`
terraform { required_version = ">= 1.5" }
provider "aws" {
  region = var.region
  default_tags {
    tags = {
      Environment = "prod" # fixed
      Owner       = var.owner
      Stamp       = timestamp()
    }
  }
}
variable "owner" {
  type = string
  validation {
    condition     = contains(["a", "b"], var.owner)
    error_message = "No."
  }
}
`, { source: "main.tf" })
      assert.deepStrictEqual(result, {
        required_tags: [{ name: "Environment", allowed_values: ["prod"] }, { name: "Owner", allowed_values: ["a", "b"] }, { name: "Stamp" }]
      })
      assert.deepStrictEqual(dropped.map(({ what }) => what), ["the tag Stamp: its value"])
    }))

  it("Terraform: the snippet as it is written", () => {
    const { result } = TerraformTags.export({ required_tags: [{ name: "CostCenter", validation_regex: "CC-\\d+" }, { name: "cost center", allowed_values: ["${x}"] }] })
    assert.strictEqual(result, `provider "aws" {
  default_tags {
    tags = {
      "CostCenter"  = var.tag_cost_center
      "cost center" = var.tag_cost_center_2
    }
  }
}

variable "tag_cost_center" {
  description = "Value of the tag CostCenter"
  type        = string
  validation {
    condition     = can(regex("^(?:CC-\\\\d+)$", var.tag_cost_center))
    error_message = "It does not match the pattern."
  }
}

variable "tag_cost_center_2" {
  description = "Value of the tag cost center"
  type        = string
  validation {
    condition     = contains(["$\${x}"], var.tag_cost_center_2)
    error_message = "It is not one of the allowed values."
  }
}
`)
  })
})
