/**
 * Rego (version 1) for Open Policy Agent: judges the resources that a Terraform plan creates or changes, by `tags_all`.
 *
 * @see https://www.openpolicyagent.org/docs/policy-language
 * @since 0.1.0
 */
import { type PolicyError, type TagPolicy, Vocabulary } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import { type Conversion, type Dropped, failure, inexpressible } from "./Conversion.ts"
import { typesOf } from "./Draft.ts"
import * as PolicyPart from "./PolicyPart.ts"
import { program } from "./RegoProgram.ts"
import { namesByType } from "./TypeNames.ts"
import { anchored, escape } from "./WholeValue.ts"

const can = {
  optionalTags: true,
  types: true,
  regexes: true,
  aliases: true,
  severities: true,
  namingRules: true,
  prohibitedTags: true,
  descriptions: true,
  exclusions: false
}

const isPackageName = (name: string): boolean =>
  /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*$/u.test(name) && !name.split(".").some((part) => keywords.has(part))

const keywords: ReadonlySet<string> = new Set([
  "as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package", "some", "true", "with"
])

/**
 * Writes a Rego module with the rules `violations` (objects with `address`, `resource_type`, `tag`, `rule`, `severity`,
 * `message`), `unknown` (addresses whose tags the plan does not know yet: neither compliant nor not), and for Conftest
 * `deny` and `warn`. The input is `terraform show -json` of a plan.
 *
 * `packageName`: `cadastre.tags` by default; another where it is no name of a package
 *
 * @since 0.1.0
 * @category conversions
 */
const toText = (policy: TagPolicy, options: { readonly packageName?: string } = {}): Conversion<string> => {
  const dropped: Array<Dropped> = [...inexpressible(policy, "a plan", can)]
  const { packageName = "cadastre.tags" } = options
  if (!isPackageName(packageName)) dropped.push({ what: "the name of the package", why: "it is none: it is cadastre.tags instead" })
  const without = (policy.required_tags.length === 0 ? [] : typesOf(undefined)).filter((type) =>
    namesByType.get(type)?.terraform.length === 0 && policy.required_tags.some(({ applies_to }) => typesOf(applies_to).includes(type)))
  for (const type of without) dropped.push({ what: `the type ${type}`, why: "Terraform has no resource with tags_all for it" })
  const part = PolicyPart.partOf(policy)
  const derived = {
    patterns: Object.fromEntries([...part.required_tags, ...part.optional_tags ?? []].flatMap(({ name, validation_regex }) =>
      validation_regex ? [[name, anchored(validation_regex)]] : [])),
    prohibited: (part.prohibited_tags ?? []).map((pattern) => ({
      pattern,
      regex: `^(?s:${pattern.split("*").map(escape).join(".*")})$`
    })),
    types: Object.fromEntries(Vocabulary.types.flatMap((type) =>
      (namesByType.get(type)?.terraform ?? []).map((name) => [name, type])))
  }
  const text = program
    .replace("%PACKAGE%", () => isPackageName(packageName) ? packageName : "cadastre.tags")
    .replace("%POLICY%", () => JSON.stringify(part, null, "\t"))
    .replace("%DERIVED%", () => JSON.stringify(derived, null, "\t"))
  return { result: text, dropped }
}

const begin = "\npolicy := {"

/**
 * Reads the policy back that this module was written from. Rego by others is a program, not a policy, and not read.
 *
 * @since 0.1.0
 * @category conversions
 */
const fromText = Effect.fn("Rego.import")(function*(
  text: string,
  options: { readonly source: string }
): Effect.fn.Return<Conversion<TagPolicy>, PolicyError> {
  const start = text.indexOf(begin)
  const end = start < 0 ? -1 : text.indexOf("\n}\n", start)
  if (end < 0) {
    return yield* failure(options.source, [{
      line: 1,
      column: 1,
      path: "",
      message: "there is no policy in it that Cadastre wrote",
      hint: "Rego is a program: only what Cadastre exported can be read back"
    }])
  }
  const before = text.slice(0, start + 1).split("\n").length - 1
  const json = text.slice(start + begin.length - 1, end + 2)
  return { result: yield* PolicyPart.load(json, before, options.source), dropped: [] }
})

export { fromText as import, toText as export }
