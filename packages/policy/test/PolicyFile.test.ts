import { PolicyError, PolicyFile, TagPolicy } from "@cadastre/policy"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"

const load = (text: string) => PolicyFile.load(text, { source: "p" })

/** Takes out each `«` and says where it stood. */
const marked = (text: string): { readonly text: string; readonly places: ReadonlyArray<string> } => {
  const places: Array<string> = []
  const lines = text.split("\n").map((line, index) => {
    let rest = line
    for (let at = rest.indexOf("«"); at >= 0; at = rest.indexOf("«")) {
      places.push(`${index + 1}:${at + 1}`)
      rest = rest.slice(0, at) + rest.slice(at + 1)
    }
    return rest
  })
  return { text: lines.join("\n"), places }
}

const yaml: ReadonlyArray<readonly [what: string, text: string, message: RegExp]> = [
  ["syntax", "required_tags:\n  - name: \"Owner«", /syntax error: Missing closing "quote/],
  ["tab", "required_tags:\n«\t- name: Owner", /syntax error: Tabs are not allowed/],
  ["empty file", "«", /the file is empty/],
  ["second document", "required_tags: []\n«---\nrequired_tags: []", /second YAML document/],
  ["not an object", "«just text", /the policy must be object/],
  ["wrong type", "version: «1.0\nrequired_tags: []", /version must be string, not 1 — write it in quotes/],
  ["missing list", "«version: \"1\"", /required_tags is missing/],
  [
    "null list",
    "required_tags:\n  - name: A\nprohibited_tags: «null",
    /prohibited_tags must be array, not null/
  ],
  [
    "unknown top-level key",
    "required_tags: []\n«prohibitd_tags: [x]",
    /has no key "prohibitd_tags" — did you mean prohibited_tags\?/
  ],
  [
    "unknown rule key",
    "required_tags:\n  - name: A\n    «alowed_values: [x]",
    /required_tags\[0\] has no key.*did you mean allowed_values/
  ],
  [
    "unknown exclusion key",
    "required_tags: []\nexclusions: [{ pattern: 'arn:*', reason: r, «expiry: x }]",
    /did you mean expires/
  ],
  ["duplicate key", "required_tags: []\n«required_tags: []", /the key "required_tags" is there twice/],
  [
    "regex",
    "required_tags:\n  - name: A\n    validation_regex: «(a",
    /validation_regex does not compile: missing closing \)/
  ],
  ["look-ahead", "required_tags:\n  - name: A\n    validation_regex: «(?=a)", /look-around.*linear-time/],
  [
    "look-behind",
    "required_tags:\n  - name: A\n    validation_regex: «'(?<!a)b'",
    /look-around.*linear-time/
  ],
  [
    "back-reference",
    "optional_tags:\n  - name: A\n    validation_regex: «(a)\\1\nrequired_tags: []",
    /back-references.*linear-time/
  ],
  [
    "exploding regex",
    "required_tags:\n  - name: A\n    validation_regex: «(a{90}){11}(b{90}){11}(c{90}){11}(d{90}){11}(e{90}){11}",
    /grows too large/
  ],
  [
    "unknown type",
    "required_tags:\n  - name: A\n    applies_to: [s3:bucket, «ec2:instnace]",
    /unknown resource type "ec2:instnace" — did you mean ec2:instance\?/
  ],
  [
    "unknown service",
    "required_tags:\n  - name: A\n    applies_to: [«quux:*]",
    /unknown resource type "quux:\*"/
  ],
  [
    "duplicate tag",
    "required_tags:\n  - name: A\n  - name: «A",
    /the tag "A" is there twice — required_tags\[0\]/
  ],
  [
    "duplicate tag across lists",
    "required_tags:\n  - name: A\noptional_tags:\n  - name: «A",
    /the tag "A" is there twice/
  ],
  [
    "duplicate tag but for case",
    "tag_naming_rules: { case_sensitivity: false }\nrequired_tags:\n  - name: a\n  - name: «A",
    /the tag "A" is there twice/
  ],
  [
    "alias of another tag",
    "required_tags:\n  - { name: A, aliases: [x, «B] }\n  - name: B",
    /the alias "B" is also the key of another tag/
  ],
  [
    "alias twice",
    "required_tags:\n  - { name: A, aliases: [x] }\n  - { name: B, aliases: [«x] }",
    /the alias "x" is also/
  ],
  [
    "allowed value against regex",
    "required_tags:\n  - name: A\n    allowed_values: [ab, «abc]\n    validation_regex: a.",
    /"abc" is rejected by validation_regex/
  ],
  [
    "empty allowed value",
    "required_tags:\n  - name: A\n    allowed_values: [«'']",
    /allowed_values\[0\] must not be empty/
  ],
  [
    "required and prohibited",
    "required_tags:\n  - name: Temp1\nprohibited_tags: [x, «Temp*]",
    /"Temp\*" prohibits the required tag "Temp1"/
  ],
  [
    "key limit",
    "required_tags: []\ntag_naming_rules:\n  max_key_length: «129",
    /max_key_length must be a value between 1 and 128, not 129/
  ],
  ["key limit 0", "required_tags: []\ntag_naming_rules:\n  max_key_length: «0", /between 1 and 128/],
  ["value limit", "required_tags: []\ntag_naming_rules:\n  max_value_length: «257", /between 0 and 256/],
  ["value limit -1", "required_tags: []\ntag_naming_rules:\n  max_value_length: «-1", /between 0 and 256/],
  [
    "no reason",
    "required_tags: []\nexclusions:\n  - «pattern: arn:aws:*",
    /exclusions\[0\].reason is missing/
  ],
  [
    "blank reason",
    "required_tags: []\nexclusions: [{ pattern: 'arn:*', reason: «' ' }]",
    /reason must not be empty/
  ],
  [
    "no date",
    "required_tags: []\nexclusions: [{ pattern: 'arn:*', reason: r, expires: «soon }]",
    /is not a date/
  ],
  [
    "30 February",
    "required_tags: []\nexclusions: [{ pattern: 'arn:*', reason: r, expires: «2027-02-30 }]",
    /is not a date/
  ],
  ["no ARN", "required_tags: []\nexclusions: [{ pattern: «i-123, reason: r }]", /matches no ARN/],
  ["empty name", "required_tags:\n  - name: «''", /name must not be empty/],
  ["no name", "required_tags:\n  - «applies_to: []", /required_tags\[0\].name is missing/],
  [
    "severity",
    "required_tags:\n  - name: A\n    severity: «fatal",
    /severity must be "error" \| "warning", not "fatal"/
  ],
  ["binary", "required_tags:\n  - name: !!binary «QQ==", /YAML tag .* is not plain data/],
  ["custom tag", "required_tags:\n  - name: !js «QQ", /YAML tag .* is not plain data/],
  ["unknown alias", "required_tags: «*nowhere", /the alias \*nowhere has no anchor/],
  ["alias to itself", "required_tags: &a [«*a]", /contains itself/]
]

const json: ReadonlyArray<readonly [what: string, text: string, message: RegExp]> = [
  [
    "missing comma",
    "{\n  \"version\": \"1\"\n  «\"required_tags\": []\n}",
    /expected a comma or }, found "\\"required_ta"|expected a comma or }/
  ],
  ["trailing garbage", "{ \"required_tags\": [] } «}", /expected the end of the file/],
  [
    "unclosed",
    "{ \"required_tags\": [«",
    /syntax error: expected a value, found the file ends here|syntax error/
  ],
  ["bad escape", "{ \"required_tags\": [{ \"name\": «\"a\\q\" }] }", /syntax error/],
  ["missing colon", "{ \"required_tags\" «[] }", /expected a colon/],
  ["wrong type", "{\n\t\"required_tags\": [],\n\t\"version\": «1\n}", /version must be string, not 1/],
  [
    "wrong type in a list",
    "{\n  \"required_tags\": [{ \"name\": \"A\", \"allowed_values\": [\"x\", «true] }] }",
    /allowed_values\[1\] must be string, not true/
  ],
  [
    "unknown key",
    "{ \"required_tags\": [\n { \"name\": \"A\", «\"validation_regexp\": \"x\" } ] }",
    /did you mean validation_regex\?/
  ],
  ["duplicate key", "{ \"required_tags\": [],\n «\"required_tags\": [] }", /there twice/],
  ["regex", "{ \"required_tags\": [{ \"name\": \"A\",\n\"validation_regex\": «\"(?!a)\" }] }", /look-around/],
  [
    "type",
    "{ \"required_tags\": [{ \"name\": \"A\", \"applies_to\": [«\"s3:buket\"] }] }",
    /did you mean s3:bucket\?/
  ],
  ["duplicate tag", "{ \"required_tags\": [{ \"name\": \"A\" }, { \"name\": «\"A\" }] }", /there twice/],
  [
    "alias",
    "{ \"required_tags\": [{ \"name\": \"A\", \"aliases\": [«\"B\"] }, { \"name\": \"B\" }] }",
    /alias "B"/
  ],
  [
    "allowed value",
    "{ \"required_tags\": [{ \"name\": \"A\", \"allowed_values\": [«\"b\"], \"validation_regex\": \"a\" }] }",
    /rejected by/
  ],
  [
    "prohibited",
    "{ \"required_tags\": [{ \"name\": \"A\" }], \"prohibited_tags\": [«\"A\"] }",
    /prohibits the required tag/
  ],
  [
    "limit",
    "{ \"required_tags\": [], \"tag_naming_rules\": { \"max_key_length\": «1.5 } }",
    /must be an integer, not 1.5/
  ],
  ["reason", "{ \"required_tags\": [], \"exclusions\": [«{ \"pattern\": \"arn:*\" }] }", /reason is missing/],
  [
    "date",
    "{ \"required_tags\": [], \"exclusions\": [{ \"pattern\": \"*\", \"reason\": \"r\", \"expires\": " +
      "«\"1/2/27\" }] }",
    /is not a date/
  ],
  ["empty name", "{ \"required_tags\": [{ \"name\": «\"\" }] }", /must not be empty/],
  [
    "__proto__",
    "{ \"required_tags\": [],\n  «\"__proto__\": { \"version\": \"2\" } }",
    /has no key "__proto__"/
  ]
]

describe("PolicyFile", () => {
  for (const [kind, cases] of [["YAML", yaml], ["JSON", json]] as const) {
    it.effect.each(cases)(`${kind}: %s has its line and column`, ([, source, message]) =>
      Effect.gen(function*() {
        const { places, text } = marked(source)
        const error = yield* Effect.flip(load(text))
        assert.instanceOf(error, PolicyError)
        assert.deepStrictEqual(error.issues.map(({ column, line }) => `${line}:${column}`), places, error.message)
        assert.match(error.message, message)
        assert.isTrue(error.message.startsWith(`p:${places[0]}: `))
      }))
  }

  it.effect("all problems are reported at once, in the order of the file", () =>
    Effect.gen(function*() {
      const { places, text } = marked([
        "required_tags:",
        "  - name: Owner",
        "    «regex: x",
        "    validation_regex: «(",
        "  - name: «Owner",
        "    applies_to: [«s3:buckt]",
        "exclusions: [«{ pattern: 'arn:*' }]",
        "«colour: red"
      ].join("\n"))
      const error = yield* Effect.flip(load(text))
      assert.deepStrictEqual(error.issues.map(({ column, line }) => `${line}:${column}`), places, error.message)
      assert.strictEqual(error.message.split("\n").length, places.length)
    }))

  it.effect("types are normalised; wildcards and types of the caller are known", () =>
    Effect.gen(function*() {
      const policy = yield* PolicyFile.load(
        "required_tags: [{ name: A, applies_to: [RDS:DB-Instance, rds:db, 'vpc:subnet', 'elbv2:*', 's3:*', '*', " +
          "'acme:rocket', 'acme:*'] }]",
        { source: "p", knownTypes: ["acme:rocket"] }
      )
      assert.deepStrictEqual(policy.required_tags[0]?.applies_to, [
        "rds:db", "ec2:subnet", "elasticloadbalancing:*", "s3:*", "*", "acme:rocket", "acme:*"
      ])
    }))

  it.effect("annotations are allowed, YAML anchors too, and __proto__ in them is harmless", () =>
    Effect.gen(function*() {
      const policy = yield* load(
        "$schema: x\ndescription: d\nmetadata: { a: [1, { __proto__: { polluted: true } }] }\nrequired_tags:\n" +
          "  - { name: A, applies_to: &t ['ec2:*'] }\n" +
          "  - { name: B, applies_to: *t, allowed_values: null, validation_regex: null }"
      )
      assert.deepStrictEqual(policy.required_tags[1]?.applies_to, ["ec2:*"])
      assert.isUndefined(Reflect.get({}, "polluted"))
    }))

  it.effect("JSON and YAML samples are the same policy, but for what null says", () =>
    Effect.gen(function*() {
      const read = (name: string) => readFileSync(new URL(`../samples/${name}`, import.meta.url), "utf8")
      const fromJson = yield* load(read("tagging_policy.json"))
      const fromYaml = yield* load(read("policy.yaml"))
      // The reference's file comes back as it is.
      assert.deepStrictEqual(fromJson, JSON.parse(read("tagging_policy.json")))
      const withoutNulls = JSON.parse(JSON.stringify(fromJson), (_, value: unknown) =>
        value === null ? undefined : value)
      assert.deepStrictEqual(fromYaml, withoutNulls)
    }))

  it.effect("a byte order mark and tabs in JSON do no harm", () =>
    Effect.gen(function*() {
      const policy = yield* load(
        "\uFEFF{\r\n\t\"required_tags\": [\r\n\t\t{ \"name\": \"\\ud83d\\ude00\" }\r\n\t]\r\n}\r\n"
      )
      assert.strictEqual(policy.required_tags[0]?.name, "😀")
    }))

  it.effect("alias bombs, deep nesting and large files fail at once", () =>
    Effect.gen(function*() {
      const bomb = ["a0: &a0 [x, x]", ...Array.from({ length: 30 }, (_, i) =>
        `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)].join("\n")
      for (const text of [bomb, "[".repeat(100_000), "- ".repeat(20_000), "{a: ".repeat(50_000), "]".repeat(500_000),
        "x".repeat(1_048_577), "\"".repeat(20_000), Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join("\n")]) {
        const error = yield* Effect.flip(load(text))
        assert.isAtMost(error.issues.length, 1000)
      }
    }))

  it.effect("load never throws, whatever the text", () =>
    Effect.gen(function*() {
      const bits = fc.constantFrom("required_tags:", "\n", "  ", "- ", "name: ", "A", "[", "]", "{", "}", ",", ": ",
        "&a ", "*a",
        "!!map ", "!x ", "\"", "'", "|", ">", "#", "---", "...", "?", "validation_regex: ", "(a+)+", "(?=",
        "\\", "%YAML 1.1\n",
        "<<: ", "__proto__", "\t", "\u0000", "\uFEFF", "null", "1e999", ".nan", "exclusions:",
        "allowed_values:", "\ud800")
      const text = fc.oneof(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.array(bits, { maxLength: 40 }).map((parts) => parts.join("")),
        fc.json({ maxDepth: 6 }),
        fc.anything().map((value) => JSON.stringify({ required_tags: value }) ?? "")
      )
      for (const sample of fc.sample(text, { numRuns: 3000, seed: 7 })) {
        const exit = yield* Effect.exit(load(sample))
        if (Exit.isFailure(exit)) {
          const error = yield* Effect.flip(load(sample))
          assert.isAbove(error.issues.length, 0)
          assert.strictEqual(error.message.split(/\r?\n/u).length, error.issues.length, error.message)
        } else assert.isTrue(Schema.is(TagPolicy)(exit.value))
      }
    }), 60_000)

  it.effect("regex evaluation is linear", () =>
    Effect.gen(function*() {
      const long = "a".repeat(100_000) + "!"
      const error = yield* Effect.flip(
        load(JSON.stringify({ required_tags: [{ name: "A", validation_regex: "(a+)+$", allowed_values: [long] }] }))
      )
      assert.match(error.message, /rejected by validation_regex/u)
    }))
})
