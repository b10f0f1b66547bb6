import { assert, describe, it } from "@effect/vitest"
import { catalog } from "../src/catalog.ts"
import type { Tool } from "../src/Tool.ts"

const tools: ReadonlyArray<Tool> = catalog as unknown as ReadonlyArray<Tool>

const named = (name: string) => tools.find((tool) => tool.name === name)!

const read = async (tool: string, args: unknown): Promise<unknown> => {
  const result = await named(tool).input["~standard"].validate(args)
  return result.issues === undefined ? result.value : result.issues.map(({ message, path = [] }) => `${path.map(String).join(".")}: ${message}`)
}

const keywords = (schema: unknown, isNames = false): ReadonlyArray<string> =>
  typeof schema !== "object" || schema === null
    ? []
    : Array.isArray(schema)
    ? schema.flatMap((one) => keywords(one))
    : Object.entries(schema).flatMap(([key, value]) => [
      ...(isNames ? [] : [key]),
      ...keywords(key === "enum" || key === "required" ? [] : value, key === "properties" && !isNames)
    ])

const structs = (schema: any): ReadonlyArray<any> =>
  schema?.properties === undefined ? [] : [schema, ...Object.values(schema.properties).flatMap(structs)]

describe("the JSON Schema of arguments", () => {
  it("is one that strict clients take: an object, closed, of plain keywords", () => {
    const plain = new Set([
      "$schema",
      "type",
      "properties",
      "required",
      "additionalProperties",
      "items",
      "enum",
      "description",
      "minimum",
      "maximum",
      "minItems",
      "maxItems"
    ])
    for (const { input, name } of tools) {
      const schema = input["~standard"].jsonSchema.input({ target: "draft-2020-12" })
      assert.strictEqual(schema["type"], "object", name)
      assert.isObject(schema["properties"], name)
      if (named(name).listed) assert.deepStrictEqual(keywords(schema).filter((keyword) => !plain.has(keyword)), [], name)
      for (const struct of structs(schema)) {
        if (Object.keys(struct.properties).length > 0) assert.isFalse(struct.additionalProperties, name)
      }
    }
  })

  it("says what each parameter is", () => {
    for (const { description, input, listed, name } of tools) {
      if (!listed) continue
      assert.isAtLeast(description.length, 40, name)
      const properties: Readonly<Record<string, any>> = input["~standard"].jsonSchema.input({ target: "draft-2020-12" })["properties"] as any
      for (const [key, of] of Object.entries(properties)) {
        if (key !== "action") assert.isString(of.description, `${name}.${key}`)
        // What there is without it.
        if (of.type === "boolean" && key !== "dry_run") assert.match(of.description, /(?:True|False|false) by default/u, `${name}.${key}`)
        if (of.enum !== undefined && key !== "target" && key !== "action") assert.match(of.description, /by default/u, `${name}.${key}`)
      }
    }
  })
})

describe("arguments are read as they are meant", () => {
  const check = "check_tag_compliance"
  const regions = { filters: { regions: ["eu-west-1"] } }
  const owner = { filters: { tags: { Owner: ["me"] } } }
  const cases: ReadonlyArray<readonly [tool: string, given: unknown, read: unknown]> = [
    [check, { resource_types: "ec2:instance, s3:bucket" }, { resource_types: ["ec2:instance", "s3:bucket"] }],
    [check, { resourceType: "all" }, { resource_types: ["all"] }],
    [check, { regions: "eu-west-1" }, regions],
    [check, { Region: ["eu-west-1"] }, { filters: { region: ["eu-west-1"] } }],
    [check, { regions: "eu-west-1", filters: { tags: "Owner=me" } }, { filters: { ...regions.filters, ...owner.filters } }],
    [check, { account_id: 111122223333 }, { filters: { account_id: ["111122223333"] } }],
    [check, { filters: "{\"regions\":\"eu-west-1\"}" }, regions],
    [check, { filters: [] }, { filters: {} }],
    [check, { filters: null, severity: "", cursor: " ", include: "" }, {}],
    [check, { tags: { Owner: "me, you" } }, { filters: { tags: { Owner: ["me, you"] } } }],
    [check, { filters: { tags: ["Owner=me", "Team"] } }, { filters: { tags: { Owner: ["me"], Team: ["*"] } } }],
    [check, { filters: { tags: "[{\"Key\":\"Owner\",\"Values\":[\"me\",\"you\"]}]" } }, { filters: { tags: { Owner: ["me", "you"] } } }],
    [check, { filters: { tags: [{ Key: "Owner", Value: "me" }, { key: "Team" }] } }, { filters: { tags: { Owner: ["me"], Team: ["*"] } } }],
    [check, { severity: "ERRORS" }, { severity: "errors_only" }],
    [check, { severity: "warnings-only" }, { severity: "warnings_only" }],
    [check, { store_snapshot: "yes", include_costs: 0, force_refresh: "TRUE" }, { store_snapshot: true, include_costs: false, force_refresh: true }],
    ["find_untagged_resources", { region: "eu-west-1" }, { regions: ["eu-west-1"] }],
    ["find_untagged_resources", { min_cost_threshold: "12.5" }, { min_cost_threshold: 12.5 }],
    ["suggest_tags", { resource_arns: ["arn:x"] }, { resource_arn: "arn:x" }],
    ["validate_resource_tags", { resource_arn: "arn:x" }, { resource_arns: ["arn:x"] }],
    ["get_cost_attribution_gap", { start: "2026-11-01", end: "2026-11-08" }, { time_period: { start: "2026-11-01", end: "2026-11-08" } }],
    ["get_tagging_policy", { random_string: "x" }, { random_string: "x" }]
  ]
  it.each(cases)("%s %j", async (tool, given, expected) => {
    assert.deepStrictEqual(await read(tool, given), expected)
  })

  it("what means nothing is an error that names what there is", async () => {
    const wrong: ReadonlyArray<readonly [tool: string, given: unknown, message: RegExp]> = [
      [check, { bogus: 1 }, /There is no parameter "bogus"\. Valid parameters: resource_types, filters, /u],
      [check, { regions: ["a"], filters: { regions: ["b"] } }, /filters\.regions is given twice/u],
      [check, { filters: "production" }, /filters: Expected an object with regions, region, account_ids/u],
      [check, { filters: { tags: "=x" } }, /filters\.tags: Expected an object, a value or a list of values for each key/u],
      [check, { filters: { tags: [{ Key: "Owner", Operator: "not", Values: [] }] } }, /filters\.tags: Expected an object/u],
      [check, { severity: "al" }, /"al" is unknown\. Valid values: all, errors_only, warnings_only/u],
      [check, { store_snapshot: "perhaps" }, /store_snapshot: Expected boolean/u],
      ["get_cost_attribution_gap", { time_period: "last_30_days" }, /time_period: Expected an object with start, end/u],
      ["suggest_tags", {}, /resource_arn: It is missing\. The ARN of the resource/u],
      ["export_policy", {}, /target: It is missing\. Valid values: custodian, openops/u],
      ["validate_resource_tags", { resource_arns: "" }, /1 to 100 ARNs/u]
    ]
    for (const [tool, given, message] of wrong) {
      const issues = await read(tool, given)
      assert.isArray(issues, JSON.stringify(given))
      assert.match((issues as ReadonlyArray<string>).join("; "), message)
    }
  })
})
