import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { cadastre, type RunOptions } from "./run.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const policy = (args: ReadonlyArray<string>, options: RunOptions = {}) => cadastre(["policy", ...args], options)

const parse = (text: string) => JSON.parse(text) as Record<string, unknown>

describe("cadastre policy", () => {
  it.effect("init writes a policy that validate takes; schema is what it says of itself", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      assert.strictEqual((yield* policy(["init", "--output", "tagging_policy.json"], { cwd })).code, 0)
      const text = yield* policy(["validate"], { cwd })
      assert.strictEqual(text.code, 0, text.stderr)
      assert.match(text.stdout, /^tagging_policy\.json is a tag policy\nHash: +[0-9a-f]{64}\nRequired tags: +Owner, Environment, CostCenter, Application\n/u)
      const schema = yield* policy(["schema"], { cwd })
      assert.strictEqual(parse(schema.stdout)["$schema"], "https://json-schema.org/draft/2020-12/schema")
    }))

  it.effect("mistakes are told with line and column, and end it with 2; an expired waiver is reported", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      writeFileSync(join(cwd, "wrong.yaml"), "required_tags:\n  - name: Owner\n    validation_regex: \"(\"\n    applies_to: [ec2:instanse]\n")
      const wrong = yield* policy(["validate", "wrong.yaml"], { cwd })
      assert.strictEqual(wrong.code, 2)
      assert.strictEqual(wrong.stdout, "")
      assert.match(wrong.stderr, /wrong\.yaml:3:23: .*\n.*wrong\.yaml:4:18: unknown resource type "ec2:instanse" — did you mean ec2:instance\?/u)
      writeFileSync(join(cwd, "old.yaml"), "required_tags: []\nexclusions: [{ pattern: 'arn:aws:s3:::a', reason: \"x\\e[1m\", expires: '2020-01-01' }]\n")
      const old = yield* policy(["validate", "old.yaml"], { cwd })
      assert.strictEqual(old.code, 0)
      assert.include(old.stdout, "Waivers:         1, 1 of them expired\n  expired 2020-01-01: arn:aws:s3:::a (x\\u{1b}[1m)\n")
      const json = parse((yield* policy(["validate", "old.yaml", "--format", "json"], { cwd })).stdout)
      assert.lengthOf(json["expiredWaivers"] as ReadonlyArray<unknown>, 1)
    }))

  it.effect("what is exported can be imported; what is lost goes to stderr", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      yield* policy(["init", "--output", "tagging_policy.json"], { cwd })
      for (const format of ["organizations", "rego"]) {
        const exported = yield* policy(["export", "--to", format, "--output", `out.${format}`], { cwd })
        assert.strictEqual(exported.code, 0, exported.stderr)
        assert.match(exported.stderr, /the result does not say \d+ things:\n/u)
        const imported = yield* policy(["import", `out.${format}`, "--from", format], { cwd })
        assert.strictEqual(imported.code, 0, imported.stderr)
        assert.isAtLeast((parse(imported.stdout)["required_tags"] as ReadonlyArray<unknown>).length, 4)
      }
      const json = parse((yield* policy(["export", "--to", "cloudformation", "--format", "json"], { cwd })).stdout)
      assert.property(JSON.parse(String(json["result"])), "Resources")
      assert.isAtLeast((json["dropped"] as ReadonlyArray<unknown>).length, 1)
      const wrong = yield* policy(["import", "out.rego", "--from", "custodian"], { cwd })
      assert.strictEqual(wrong.code, 2)
      assert.match(wrong.stderr, /out\.rego:\d+:\d+: /u)
    }), 90_000)

  it.effect("explain merges files and says which line decides", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      writeFileSync(join(cwd, "root.json"), "{\"tags\": {\"team\": {\"tag_value\": {\"@@assign\": [\"a\"], \"@@operators_allowed_for_child_policies\": [\"@@none\"]}}}}")
      writeFileSync(join(cwd, "unit.json"), "{\"tags\": {\"team\": {\"tag_value\": {\"@@assign\": [\"b\"]}}}}")
      const { code, stdout } = yield* policy(["explain", "Root=root.json", "Prod=unit.json"], { cwd })
      assert.strictEqual(code, 0)
      const [effective = "", lines = ""] = stdout.split("\n\n")
      assert.deepStrictEqual(parse(effective), { tags: { team: { tag_key: "team", tag_value: ["a"] } } })
      assert.strictEqual(lines, "team.tag_value: \"a\" by @@assign in root.json:1:34 on Root\n" +
        "team.tag_value: @@assign [\"b\"] in unit.json:1:34 on Prod is refused: root.json:1:53 on Root does not allow it further down\n")
      writeFileSync(join(cwd, "wrong.json"), "{\"tags\": {\"team\": {\"tag_key\": {\"@@assign\": \"tame\"}}}}")
      const wrong = yield* policy(["explain", "Root=wrong.json"], { cwd })
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "wrong.json:1:44: tag_key must be \"team\"")
    }))

  it.effect("findings of Infracost are told", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      writeFileSync(join(cwd, "infracost.json"), JSON.stringify([{ data: { evaluateTagPolicies: [{ name: "p", resources: [{ address: "aws_s3_bucket.a", path: "main.tf", line: 3, missingMandatoryTags: ["Owner"] }] }] } }]))
      const { code, stdout } = yield* policy(["import", "infracost.json", "--from", "infracost"], { cwd })
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "main.tf:3: aws_s3_bucket.a: missing_required_tag Owner\n1 findings\n")
    }))
})

const [management, shop] = ["111122223333", "222233334444"]
const estate = {
  accounts: [management, shop],
  resources: 0,
  organization: {
    units: [{ name: "Prod", accounts: [shop] }],
    tagPolicies: [
      { name: "base", targets: ["/"], content: { tags: { owner: { tag_key: { "@@assign": "Owner" }, report_required_tag_for: { "@@assign": ["s3:bucket"] } } } } },
      { name: "prod", targets: ["/Prod"], content: { tags: { owner: { enforced_for: { "@@assign": ["s3:bucket"] } } } } }
    ]
  }
} as const

layer(Simulator.layer({ estate }), { excludeTestServices: true })("cadastre policy, live", (it) => {
  const against = (simulator: Simulator["Service"], args: ReadonlyArray<string>, as?: string) => {
    const { accessKeyId, secretAccessKey } = simulator.credentials(as)
    return policy(args, { env: { AWS_ENDPOINT_URL: simulator.url, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } })
  }

  it.effect("imports and explains the effective policy of an account", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const imported = yield* against(simulator, ["import", "--account", shop])
      assert.strictEqual(imported.code, 0, imported.stderr)
      assert.deepStrictEqual(parse(imported.stdout), { version: "1.0", required_tags: [{ name: "Owner", applies_to: ["s3:bucket"] }] })
      assert.include(imported.stderr, "enforced_for of Owner: s3:bucket")
      const explained = yield* against(simulator, ["explain", "--account", shop, "--format", "json"])
      assert.strictEqual((parse(explained.stdout)["check"] as { readonly _tag: string })._tag, "Agrees")
      const member = yield* against(simulator, ["import"], shop)
      assert.strictEqual(member.code, 0, member.stderr)
      assert.include(member.stderr, "it was not compared with the attached ones")
    }))
})
