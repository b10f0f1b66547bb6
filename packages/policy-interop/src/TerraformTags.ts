/**
 * `default_tags` of Terraform's AWS provider.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
 * @since 0.1.0
 */
import type { PolicyError, TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { Draft } from "./Draft.ts"
import * as Hcl from "./Hcl.ts"
import { anchored } from "./WholeValue.ts"

const can = {
  optionalTags: false,
  types: false,
  regexes: true,
  aliases: false,
  severities: false,
  namingRules: false,
  prohibitedTags: false,
  descriptions: false,
  exclusions: false
}

/**
 * Writes a provider block that gives every resource the required tags, with a variable for each, which takes only what
 * the policy allows.
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "default_tags", can)]
  const names = new Map<string, string>()
  for (const { name } of policy.required_tags) names.set(name, variableFor(name, new Set(names.values())))
  const width = Math.max(0, ...policy.required_tags.map(({ name }) => Hcl.quote(name).length))
  const tags = policy.required_tags.map(({ name }) => `      ${Hcl.quote(name).padEnd(width)} = var.${names.get(name)}\n`)
  const variables = policy.required_tags.map(({ allowed_values, name, validation_regex }) => {
    const variable = names.get(name)!
    const values = allowed_values ?? []
    const checks = [
      ...(values.length === 0 ? [] : [[`contains(${Hcl.list(values)}, var.${variable})`, "It is not one of the allowed values."]]),
      ...(validation_regex
        ? [[`can(regex(${Hcl.quote(anchored(validation_regex))}, var.${variable}))`, "It does not match the pattern."]]
        : []),
      ...(values.length === 0 && !validation_regex ? [[`can(regex("\\\\S", var.${variable}))`, "It must not be empty."]] : [])
    ]
    return [
      `variable "${variable}" {`,
      `  description = ${Hcl.quote(`Value of the tag ${name}`)}`,
      "  type        = string",
      ...checks.flatMap(([condition, message]) => [
        "  validation {",
        `    condition     = ${condition}`,
        `    error_message = "${message}"`,
        "  }"
      ]),
      "}"
    ].map((line) => `${line}\n`).join("")
  })
  const provider = `provider "aws" {\n  default_tags {\n    tags = {\n${tags.join("")}    }\n  }\n}\n`
  return { result: [provider, ...variables].join("\n"), dropped }
}

/** A name that Terraform takes for a variable, of the characters that a key has. */
const variableFor = (key: string, taken: ReadonlySet<string>): string => {
  const words = key.replace(/(?<=[a-z0-9])(?=[A-Z])/gu, "_").toLowerCase()
  const name = `tag_${words.replace(/[^a-z0-9]+/gu, "_").replace(/^_|_$/gu, "")}`
  if (!taken.has(name)) return name
  for (let number = 2;; number++) if (!taken.has(`${name}_${number}`)) return `${name}_${number}`
}

/**
 * Reads the `default_tags` of a configuration: each key is required of all types, with the values that its variable
 * takes, or with the value that is written there.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("TerraformTags.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const items = Hcl.parse(text)
  if ("message" in items) return yield* failure(options.source, [items])
  const draft = new Draft()
  const checks = new Map(items.flatMap((item): ReadonlyArray<[string, Checks]> =>
    item._tag === "Block" && item.name === "variable" && item.labels[0] !== undefined ? [[item.labels[0], checksOf(item.body)]] : []))
  const maps = items.flatMap(blocksIn("provider")).flatMap(blocksIn("default_tags")).flatMap((item) =>
    item._tag === "Attribute" && item.name === "tags" ? [item] : [])
  for (const { column, line, value } of maps) {
    if (value._tag !== "Map") {
      return yield* failure(options.source, [{ line, column, path: "tags", message: "tags is no map that can be read" }])
    }
    for (const [name, given] of value.entries) {
      const variable = given._tag === "Other" ? /^var\.([\p{L}\p{N}_-]+)$/u.exec(given.expression)?.[1] : undefined
      if (given._tag === "Text") draft.add({ name, values: [given.text], types: [] })
      else if (variable !== undefined) draft.add({ name, ...checks.get(variable), types: [] })
      else {
        draft.drop(`the tag ${name}: its value`, "it is known only when Terraform runs")
        draft.add({ name, types: [] })
      }
    }
  }
  return draft.finish()
})

const blocksIn = (name: string) => (item: Hcl.Item): ReadonlyArray<Hcl.Item> =>
  item._tag === "Block" && item.name === name ? item.body : []

interface Checks {
  readonly values?: ReadonlyArray<string>
  readonly regex?: string
}

const checksOf = (body: ReadonlyArray<Hcl.Item>): Checks => {
  const conditions = body.flatMap(blocksIn("validation")).flatMap((item) =>
    item._tag === "Attribute" && item.name === "condition" && item.value._tag === "Other" ? [item.value.expression] : [])
  const checks: { values?: ReadonlyArray<string>; regex?: string } = {}
  for (const condition of conditions) {
    const values = /^contains\((\[.*\]), var\.[\p{L}\p{N}_-]+\)$/su.exec(condition)?.[1]
    const regex = /^can\(regex\((".*"), var\.[\p{L}\p{N}_-]+\)\)$/su.exec(condition)?.[1]
    const [item] = [Hcl.parse(`x = ${values ?? regex ?? "null"}\n`)].flatMap((items) => "message" in items ? [] : items)
    if (item?._tag !== "Attribute") continue
    if (item.value._tag === "List") {
      checks.values = item.value.items.flatMap((one) => one._tag === "Text" ? [one.text] : [])
    } else if (item.value._tag === "Text" && item.value.text !== "\\S") checks.regex = item.value.text
  }
  return checks
}

export { fromText as import, toText as export }
