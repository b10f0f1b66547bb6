import { AccountId, RegionId, ResourceType } from "@cadastre/model"
import { compile, identityOf, isCompliant, Violation } from "@cadastre/policy"
import type { Subject, TagPolicy, Verdict } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

const now = Date.UTC(2026, 5, 15)

const resource = (tags: Subject["tags"], type = "ec2:instance", more: Partial<Subject> = {}): Subject => ({
  arn: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
  id: "i-1",
  type: ResourceType.ResourceType.make(type),
  accountId: AccountId.make("111122223333"),
  region: RegionId.make("eu-west-1"),
  tags,
  ...more
})

const check = (policy: Partial<TagPolicy>, tags: Subject["tags"], type?: string): Verdict =>
  compile({ required_tags: [], ...policy }, { now }).check(resource(tags, type))

const rules = (verdict: Verdict): ReadonlyArray<string> =>
  verdict.violations.map(({ rule, severity, tag }) => `${tag} ${rule} ${severity}`)

const owner = { required_tags: [{ name: "Owner", allowed_values: ["a", "b"] }] } as const

describe("Validator", () => {
  it("missing_required_tag", () => {
    const verdict = check(owner, { Other: "a" })
    assert.deepStrictEqual(rules(verdict), ["Owner missing_required_tag error"])
    assert.isFalse(isCompliant(verdict))
    assert.isTrue(verdict.violations.every(Schema.is(Violation)))
  })

  it("wrong_key_case, where the service tells cases apart", () => {
    const verdict = check(owner, { owner: "a" })
    assert.deepStrictEqual(rules(verdict), ["Owner wrong_key_case error"])
    assert.strictEqual(verdict.violations[0]?.currentValue, "a")
    assert.strictEqual(check(owner, { owner: "a" }, "iam:role")._tag, "Compliant")
    const anyCase = { ...owner, tag_naming_rules: { case_sensitivity: false } }
    assert.strictEqual(check(anyCase, { OWNER: "B" })._tag, "Compliant")
  })

  it("an empty value is not a tag", () => {
    for (const value of ["", " ", "\t\u00a0"]) {
      assert.deepStrictEqual(rules(check(owner, { Owner: value })), ["Owner empty_value error"])
    }
  })

  it("`preprod` is not production", () => {
    const policy = { required_tags: [{ name: "Environment", allowed_values: ["prod", "production"] }] }
    for (const value of ["preprod", "nonprod", "prod ", "production2", "Prod"]) {
      assert.deepStrictEqual(rules(check(policy, { Environment: value })), ["Environment invalid_value error"])
    }
    const byRegex = { required_tags: [{ name: "Environment", validation_regex: "prod(uction)?" }] }
    assert.deepStrictEqual(rules(check(byRegex, { Environment: "preprod" })), ["Environment invalid_format error"])
    assert.strictEqual(check(byRegex, { Environment: "production" })._tag, "Compliant")
  })

  it("invalid_value stops there", () => {
    const policy = { required_tags: [{ name: "Owner", allowed_values: ["a"], validation_regex: "a" }] }
    const verdict = check(policy, { Owner: "x" })
    assert.deepStrictEqual(rules(verdict), ["Owner invalid_value error"])
    assert.strictEqual(verdict.violations[0]?.expected, "a")
  })

  it("regex matches whole values", () => {
    const policy = (validation_regex: string) => ({ required_tags: [{ name: "A", validation_regex }] })
    assert.strictEqual(check(policy("[0-9]+"), { A: "123" })._tag, "Compliant")
    for (const value of ["123x", "x123", "123\n", "1 2"]) {
      assert.deepStrictEqual(rules(check(policy("[0-9]+"), { A: value })), ["A invalid_format error"])
      assert.deepStrictEqual(rules(check(policy("^[0-9]+$"), { A: value })), ["A invalid_format error"])
    }
    assert.strictEqual(check(policy("a|ab"), { A: "ab" })._tag, "Compliant")
  })

  it("regex evaluation is linear", () => {
    const policy = { required_tags: [{ name: "A", validation_regex: "(a+)+$" }] }
    const verdict = check(policy, { A: `${"a".repeat(200_000)}!` })
    assert.deepStrictEqual(rules(verdict), ["A invalid_format error", "A naming_rule warning"])
  })

  it("an alias counts as the tag; the name goes first", () => {
    const policy = { required_tags: [{ name: "Owner", aliases: ["team", "Contact"], allowed_values: ["a"] }] }
    assert.strictEqual(check(policy, { Contact: "a" })._tag, "Compliant")
    assert.deepStrictEqual(rules(check(policy, { Contact: "a", team: "b" })), ["Owner invalid_value error"])
    assert.deepStrictEqual(rules(check(policy, { Owner: "b", team: "a" })), ["Owner invalid_value error"])
  })

  it("severity comes from the policy; warnings alone leave a resource compliant", () => {
    const verdict = check({ required_tags: [{ name: "A", severity: "warning" }] }, {})
    assert.deepStrictEqual(rules(verdict), ["A missing_required_tag warning"])
    assert.strictEqual(verdict._tag, "Checked")
    assert.isTrue(isCompliant(verdict))
  })

  it("optional tags are checked where they are present, as warnings", () => {
    const policy = {
      optional_tags: [{ name: "P", allowed_values: ["x"] }, { name: "Q", validation_regex: "q" }, { name: "R" }]
    }
    assert.strictEqual(check(policy, {})._tag, "Compliant")
    assert.deepStrictEqual(rules(check(policy, { P: "y", Q: "qq", R: "" })),
      ["P invalid_value warning", "Q invalid_format warning", "R empty_value warning"])
  })

  it("prohibited_tag, by key and by wildcard", () => {
    const policy = { prohibited_tags: ["Temp*", "password", "*x*y"] }
    assert.deepStrictEqual(rules(check(policy, { password: "1", TempA: "2", axby: "3", temp: "4" })),
      ["TempA prohibited_tag error", "axby prohibited_tag error", "password prohibited_tag error"])
  })

  it("naming_rule: one violation a key, whatever is wrong with it", () => {
    const policy = {
      optional_tags: [{ name: "Project" }],
      tag_naming_rules: { allow_special_characters: false, max_key_length: 8, max_value_length: 2 }
    }
    const verdict = check(policy, { "much too long!": "abc", "a:b/c.d-": "😀😀", project: "p", Ünï: "ok" })
    assert.deepStrictEqual(rules(verdict), ["much too long! naming_rule warning", "project naming_rule warning"])
    assert.strictEqual(new Set(verdict.violations.map(identityOf)).size, 2)
  })

  it("aws: keys are exempt, and satisfy only a policy that names them exactly", () => {
    const policy = {
      required_tags: [{ name: "AWS:CreatedBy" }],
      prohibited_tags: ["*"],
      tag_naming_rules: { case_sensitivity: false, max_key_length: 3, max_value_length: 1 }
    }
    assert.deepStrictEqual(rules(check(policy, { "aws:createdBy": "someone" })),
      ["AWS:CreatedBy missing_required_tag error"])
    assert.strictEqual(
      check({ ...policy, required_tags: [{ name: "aws:createdBy" }] }, { "aws:createdBy": "someone" })._tag,
      "Compliant"
    )
  })

  it("a tag key named __proto__ is plain text", () => {
    const keys = ["__proto__", "constructor", "hasOwnProperty", "toString"]
    const policy = { required_tags: keys.map((name) => ({ name })) }
    assert.deepStrictEqual(rules(check(policy, {})), keys.map((key) => `${key} missing_required_tag error`))
    assert.strictEqual(check(policy, Object.fromEntries(keys.map((key) => [key, "x"])))._tag, "Compliant")
    const banned = check({ prohibited_tags: ["__*"] }, Object.fromEntries([["__proto__", "x"]]))
    assert.deepStrictEqual(rules(banned), ["__proto__ prohibited_tag error"])
  })

  it("unknown tags are neither compliant nor a violation", () => {
    const verdict = check(owner, null)
    assert.strictEqual(verdict._tag, "Unknown")
    assert.isFalse(isCompliant(verdict))
    assert.deepStrictEqual(verdict.violations, [])
  })

  it("marked resources and types of which nothing is required are not applicable", () => {
    const required_tags = [{ name: "A", applies_to: ["rds:*", "vpc:subnet"] }]
    const validator = compile({ required_tags, prohibited_tags: ["x"] }, { now })
    const at = (type: string, tags: Subject["tags"]) => validator.check(resource(tags, type))
    assert.strictEqual(at("rds:cluster", {})._tag, "Checked")
    assert.strictEqual(at("ec2:subnet", {})._tag, "Checked")
    assert.deepInclude(at("ec2:instance", {}), { _tag: "NotApplicable", reason: "nothing-required" })
    assert.deepStrictEqual(rules(at("ec2:instance", { x: "1" })), ["x prohibited_tag error"])
    assert.strictEqual(at("ec2:instance", { x: "1" })._tag, "NotApplicable")
    assert.deepInclude(validator.check(resource({}, "rds:db", { marks: ["default"] })), { reason: "default" })
    assert.deepStrictEqual(validator.requiredTags("rds:db-instance").map(({ name }) => name), ["A"])
  })

  it("a waiver keeps its reason", () => {
    const waiver = { pattern: "arn:aws:ec2:*:instance/i-1", reason: "legacy", expires: "2027-01-01" }
    const verdict = compile({ ...owner, exclusions: [waiver] }, { now }).check(resource({}))
    assert.deepInclude(verdict, { _tag: "NotApplicable", reason: "waived", waiver })
  })

  it("an expired waiver does not apply and is reported", () => {
    const exclusions = [
      { pattern: "*", reason: "old", expires: "2026-06-15" },
      { pattern: "arn:aws:s3:*", reason: "not yet", expires: "2026-06-15T00:00:01Z" }
    ]
    const validator = compile({ ...owner, exclusions }, { now })
    assert.strictEqual(validator.check(resource({}))._tag, "Checked")
    assert.deepStrictEqual(validator.expiredWaivers, exclusions.slice(0, 1))
    // One millisecond before its first instant it still applies.
    assert.strictEqual(compile({ ...owner, exclusions }, { now: now - 1 }).check(resource({}))._tag, "NotApplicable")
  })

  it("a compliant resource costs no allocation: verdicts are shared and frozen", () => {
    const validator = compile(owner, { now })
    const verdict = validator.check(resource({ Owner: "a" }))
    assert.strictEqual(verdict, validator.check(resource({ Owner: "b", x: "y" })))
    assert.isTrue(Object.isFrozen(verdict) && Object.isFrozen(verdict.violations))
  })

  it("wildcards match in linear time", () => {
    const pattern = `arn:${"*a".repeat(5000)}*b`
    const validator = compile({ ...owner, exclusions: [{ pattern, reason: "r" }] }, { now })
    const arn = `arn:${"a".repeat(100_000)}`
    assert.strictEqual(validator.check(resource({}, "ec2:instance", { arn }))._tag, "Checked")
  })

  it("agrees with a naive oracle on random policies and tags", () => {
    const key = fc.constantFrom("Owner", "owner", "OWNER", "Env", "env", "Team", "__proto__", "constructor",
      "hasOwnProperty", "aws:x", "AWS:x", "Temp1", "temp2", "a b!", "cost:center", "ÄÖ", "äö", "7", "long-long-long")
    const value = fc.constantFrom("", " ", "a", "A", "ab", "AB", "abc", "b\n", "😀", "x".repeat(12))
    const regexes = ["a+", "^[a-c]*$", "A|AB", "(?i)ab?", "."]
    const valueRule = {
      allowed_values: fc.option(fc.array(value.filter((text) => text.trim() !== ""), { maxLength: 3 })),
      validation_regex: fc.option(fc.constantFrom(...regexes))
    }
    const type = fc.constantFrom("ec2:instance", "ec2:*", "iam:role", "iam:*", "*", "s3:bucket")
    const requiredTag = fc.record({
      name: key,
      ...valueRule,
      applies_to: fc.option(fc.array(type, { maxLength: 2 })),
      severity: fc.constantFrom("error" as const, "warning" as const),
      aliases: fc.array(key, { maxLength: 2 })
    })
    const policies = fc.record({
      required_tags: fc.uniqueArray(requiredTag, { maxLength: 4, selector: ({ name }) => name.toLowerCase() }),
      optional_tags: fc.uniqueArray(fc.record({ name: key, ...valueRule }), {
        maxLength: 2,
        selector: ({ name }) => name
      }),
      tag_naming_rules: fc.record({
        case_sensitivity: fc.boolean(),
        allow_special_characters: fc.boolean(),
        max_key_length: fc.constantFrom(3, 10, 128),
        max_value_length: fc.constantFrom(0, 2, 256)
      }, { requiredKeys: [] }),
      prohibited_tags: fc.array(fc.constantFrom("Temp*", "*", "*o*", "env", "a*!", "__proto__"), { maxLength: 2 })
      // A tag that is there twice does not load.
    }).map((policy) => ({
      ...policy,
      optional_tags: policy.optional_tags.filter(({ name }) =>
        policy.required_tags.every((tag) => tag.name.toLowerCase() !== name.toLowerCase()))
    }))
    const pairs = fc.array(fc.tuple(key, value), { maxLength: 6 })
    const tags = fc.option(pairs.map((entries) => Object.fromEntries(entries)))
    const checked = fc.constantFrom("ec2:instance", "iam:role", "s3:bucket")
    fc.assert(
      fc.property(policies, fc.array(tags, { minLength: 1, maxLength: 8 }), checked,
        (policy, list, type) => {
          const validator = compile(policy, { now })
          // Several resources under one validator, twice: what it remembers must not change what it says.
          for (const each of [...list, ...list]) {
            const verdict = validator.check(resource(each, type))
            assert.deepStrictEqual([outcomeOf(verdict), rules(verdict)], oracle(policy, each, type))
            assert.strictEqual(new Set(verdict.violations.map(identityOf)).size, verdict.violations.length)
          }
        }),
      { numRuns: 3000 }
    )
  })
})

const outcomeOf = (verdict: Verdict): string => {
  if (verdict._tag === "NotApplicable" || verdict._tag === "Unknown") return verdict._tag
  return isCompliant(verdict) ? "compliant" : "not"
}

interface ValueRule {
  readonly allowed_values?: ReadonlyArray<string> | null
  readonly validation_regex?: string | null
}

/** The rules as the documentation tells them, slowly: tags as pairs, built-in regexes, all looked at each time. */
const oracle = (
  policy: TagPolicy,
  tags: Readonly<Record<string, string>> | null,
  type: string
): readonly [string, ReadonlyArray<string>] => {
  const anyCase = type.startsWith("iam:") || policy.tag_naming_rules?.case_sensitivity === false
  const same = (a: string, b: string) => a === b || (anyCase && !isAws(a) && a.toLowerCase() === b.toLowerCase())
  const applicable = policy.required_tags.filter(({ applies_to }) =>
    !applies_to?.length || applies_to.some((each) => new RegExp(`^${each.replace("*", ".*")}$`, "u").test(type)))
  const scored = applicable.length > 0 || policy.required_tags.length === 0
  if (tags === null) return [scored ? "Unknown" : "NotApplicable", []]
  const pairs = Object.entries(tags).sort(([a], [b]) => a < b ? -1 : 1)
  const find = (names: ReadonlyArray<string>) => {
    for (const name of names) {
      const candidates = pairs.filter(([key]) => same(key, name))
      const hit = candidates.find(([key]) => key === name) ?? candidates[0]
      if (hit !== undefined) return hit
    }
    return undefined
  }
  const wrong = (rule: ValueRule, value: string) => {
    if (value.trim() === "") return "empty_value"
    const fold = (text: string) => policy.tag_naming_rules?.case_sensitivity === false ? text.toLowerCase() : text
    if (rule.allowed_values?.length && !rule.allowed_values.map(fold).includes(fold(value))) return "invalid_value"
    const [, flags, source] = /^(?:\(\?(i)\))?(.*)$/u.exec(rule.validation_regex ?? "(?i)[^]*") ?? []
    return new RegExp(`^(?:${source})$`, `u${flags ?? ""}`).test(value) ? undefined : "invalid_format"
  }
  const said: Array<string> = []
  const miscasedAlready = new Set<string>()
  for (const rule of applicable) {
    const hit = find([rule.name, ...rule.aliases ?? []])
    const inOtherCase = pairs.some(([key]) => !isAws(key) && key.toLowerCase() === rule.name.toLowerCase())
    if (hit === undefined && inOtherCase) miscasedAlready.add(rule.name)
    const problem = hit !== undefined ? wrong(rule, hit[1]) : inOtherCase ? "wrong_key_case" : "missing_required_tag"
    if (problem !== undefined) said.push(`${rule.name} ${problem} ${rule.severity ?? "error"}`)
  }
  for (const rule of policy.optional_tags ?? []) {
    const hit = find([rule.name])
    const problem = hit === undefined ? undefined : wrong(rule, hit[1])
    if (problem !== undefined) said.push(`${rule.name} ${problem} warning`)
  }
  const own = pairs.filter(([key]) => !isAws(key))
  for (const [key] of own) {
    const banned = policy.prohibited_tags?.some((pattern) =>
      new RegExp(`^${pattern.replace(/[!]/gu, "[$&]").replaceAll("*", "[^]*")}$`, anyCase ? "iu" : "u").test(key))
    if (banned) said.push(`${key} prohibited_tag error`)
  }
  const { allow_special_characters = true, max_key_length = 128, max_value_length = 256 } =
    policy.tag_naming_rules ?? {}
  const names = [...policy.required_tags, ...policy.optional_tags ?? []].map(({ name }) => name)
  const spelt = new Set([...names, ...policy.required_tags.flatMap(({ aliases }) => aliases ?? [])])
  const isSpecial = (char: string) => char.toLowerCase() === char.toUpperCase() && !"0123456789-_.:/".includes(char)
  for (const [key, value] of own) {
    const meant = names.filter((name) => name.toLowerCase() === key.toLowerCase())
    const bad = [...key].length > max_key_length || [...value].length > max_value_length ||
      (!allow_special_characters && [...key].some(isSpecial)) ||
      (!anyCase && !spelt.has(key) && meant.length > 0 && !miscasedAlready.has(meant[0]!))
    if (bad) said.push(`${key} naming_rule warning`)
  }
  const failed = said.some((text) => text.endsWith(" error"))
  return [!scored ? "NotApplicable" : failed ? "not" : "compliant", said]
}

const isAws = (key: string): boolean => /^aws:/iu.test(key)
