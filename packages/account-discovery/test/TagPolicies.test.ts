import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { AccountId } from "@cadastre/model"
import { assert, describe, it, layer } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import * as fc from "fast-check"
import { TagPolicies } from "../src/index.ts"
import { count, ids } from "./Discovery.ts"

const asking = (simulator: Simulator["Service"], as?: string) =>
  TagPolicies.layerNoDeps.pipe(
    Layer.provide(Accounts.layerNoDeps),
    Layer.provideMerge(Aws.Aws.layerNoDeps.pipe(Layer.provide([AwsClients.layer, Pacer.layerOff]))),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: simulator.url, credentials: () => Promise.resolve(simulator.credentials(as)) })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
  )

const [management, shop, bank, lab] = ids(4) as [string, string, string, string]

const assign = (value: unknown) => ({ "@@assign": value })
const none = { "@@operators_allowed_for_child_policies": ["@@none"] }

const estate = {
  accounts: [management, shop, bank, lab],
  resources: 0,
  organization: {
    units: [{ name: "Prod", accounts: [], units: [{ name: "Web", accounts: [shop, bank] }] }, { name: "Lab", accounts: [lab] }],
    tagPolicies: [
      { name: "base", targets: ["/"], content: { tags: { costcenter: { tag_key: { ...none, ...assign("CostCenter") }, tag_value: assign(["100", "200*"]) } } } },
      {
        name: "prod",
        targets: ["/Prod"],
        content: { tags: { CostCenter: { tag_key: assign("COSTCENTER"), report_required_tag_for: assign(["ec2:instance", "s3:ALL_SUPPORTED"]) } } }
      },
      // Attached in this order; Organizations lists them in another.
      ...["e", "d", "c", "b", "a"].map((name) => ({ name: `peer-${name}`, targets: ["/Prod/Web"], content: { tags: { team: { tag_value: assign([name]) } } } })),
      { name: "shop", targets: [shop], content: { tags: { costcenter: { enforced_for: assign(["ec2:instance"]) } } } },
      { name: "broken", targets: ["/Lab"], content: { tags: { team: { tag_key: assign("other") } } } },
      ...Array.from({ length: 30 }, (_, at) => ({ name: `spare-${at}`, content: { tags: {} } }))
    ]
  }
} as const satisfies SimulatorOptions["estate"]

layer(Simulator.layer({ estate }))("TagPolicies", (it) => {
  it.effect("lists all pages, and reads one", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.gen(function*() {
        const policies = yield* TagPolicies
        const all = yield* policies.list
        assert.strictEqual(all.length, 39)
        assert.isAtLeast(count(simulator, "ListPolicies"), 2)
        const { content } = yield* policies.read(all.find(({ name }) => name === "base")!.id)
        assert.deepStrictEqual(JSON.parse(content) as unknown, estate.organization.tagPolicies[0].content)
        const { reason } = yield* Effect.flip(policies.read("p-examplepolicyid111"))
        assert.include(reason.message, "can't find a policy")
      }).pipe(Effect.provide(asking(simulator)))
    }))

  it.effect("an effective policy is AWS's, converted, with the line that decides each value", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.gen(function*() {
        const policies = yield* TagPolicies
        const found = Option.getOrThrow(yield* policies.effective(AccountId.make(shop)))
        assert.deepStrictEqual(found.converted.result, {
          policy: {
            required_tags: [{ name: "CostCenter", validation_regex: "^(?:100|200.*)$", applies_to: ["ec2:instance", "s3:*"] }],
            optional_tags: [{ name: "team", allowed_values: ["e"] }]
          },
          enforcedFor: { CostCenter: ["ec2:instance"] }
        })
        assert.strictEqual(found.check._tag, "Agrees")
        const { explanation } = found.check as Extract<typeof found.check, { readonly _tag: "Agrees" }>
        assert.isTrue(explanation.some((line) => /^costcenter\.tag_key: "CostCenter" by @@assign in base \(p-[0-9a-z]+\):1:\d+ on root \(r-/u.test(line)))
        assert.isTrue(explanation.some((line) => /^costcenter\.tag_key: @@assign \["COSTCENTER"\] in prod .* is refused: base /u.test(line)))
        // The order that agrees with AWS, not the one that was listed.
        assert.strictEqual(explanation.filter((line) => /^team\.tag_value: @@assign .* is outranked: peer-e /u.test(line)).length, 4)
      }).pipe(Effect.provide(asking(simulator)))
    }))

  it.effect("a member may ask for its own, and cannot have it explained", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      yield* Effect.gen(function*() {
        const policies = yield* TagPolicies
        const { accountId, check } = Option.getOrThrow(yield* policies.effective())
        assert.strictEqual(accountId, bank)
        assert.strictEqual(check._tag, "Unchecked")
        assert.include((check as Extract<typeof check, { readonly _tag: "Unchecked" }>).why, "ListParents")
        assert.strictEqual((yield* Effect.flip(policies.list)).reason._tag, "AccessDenied")
        const other = yield* Effect.flip(policies.effective(AccountId.make(shop)))
        assert.strictEqual(other._tag === "AwsError" ? other.reason._tag : "", "AccessDenied")
      }).pipe(Effect.provide(asking(simulator, bank)))
    }))

  it.effect("a policy that cannot be read leaves AWS's answer unchecked, never empty", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const { check } = Option.getOrThrow(yield* TagPolicies.use((policies) => policies.effective(AccountId.make(lab))).pipe(Effect.provide(asking(simulator))))
      assert.strictEqual(check._tag, "Unchecked")
      assert.include((check as Extract<typeof check, { readonly _tag: "Unchecked" }>).why, "tag_key must be \"team\"")
    }))
})

describe("TagPolicies where there are none", () => {
  it.effect("is none, not an empty policy", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: [management], resources: 0 } })
      assert.isTrue(Option.isNone(yield* TagPolicies.use((policies) => policies.effective()).pipe(Effect.provide(asking(simulator)))))
    }).pipe(Effect.scoped))
})

describe("our merge and the simulator's, which was written for itself", () => {
  const operators = ["@@assign", "@@append", "@@remove"]
  const control = fc.oneof(fc.constant(["@@all"]), fc.constant(["@@none"]), fc.subarray(operators, { minLength: 1 }))
  const setting = (...texts: ReadonlyArray<string>) => {
    const list = fc.uniqueArray(fc.constantFrom(...texts), { maxLength: 3 })
    return fc.record({ "@@assign": list, "@@append": list, "@@remove": list, "@@operators_allowed_for_child_policies": control }, { requiredKeys: [] })
  }
  const rare = fc.option(control, { freq: 3, nil: undefined })
  const block = (key: string) =>
    fc.record({
      tag_key: fc.record({ "@@assign": fc.constantFrom(key, key.toUpperCase()), "@@operators_allowed_for_child_policies": control }, { requiredKeys: [] }),
      tag_value: setting("red", "green", "blue*"),
      enforced_for: setting("ec2:instance", "s3:bucket"),
      report_required_tag_for: setting("ec2:instance", "rds:ALL_SUPPORTED"),
      "@@operators_allowed_for_child_policies": rare
    }, { requiredKeys: [] }).map((one) => JSON.parse(JSON.stringify(one)) as object)
  const policy = fc.record({ color: block("color"), size: block("size"), "@@operators_allowed_for_child_policies": rare }, { requiredKeys: [] })
    .map((tags) => ({ tags: JSON.parse(JSON.stringify(tags)) as object }))
  const levels = fc.tuple(...Array.from({ length: 3 }, () => fc.array(policy, { maxLength: 2 })))

  it.effect("come to the same for each of 100 accounts", () =>
    Effect.gen(function*() {
      const accounts = ids(101).slice(1)
      const drawn = fc.sample(levels, { numRuns: accounts.length, seed: 23 })
      const simulator = yield* Simulator.make({
        estate: {
          accounts: [management, ...accounts],
          resources: 0,
          organization: {
            units: accounts.map((accountId, at) => ({ name: `U${at}`, units: [{ name: "Sub", accounts: [accountId] }] })),
            tagPolicies: drawn.flatMap((policies, at) =>
              [`/U${at}`, `/U${at}/Sub`, accounts[at]!].flatMap((target, level) =>
                (policies[level] ?? []).map((content, index) => ({ name: `${at}-${level}-${index}`, content, targets: [target] }))))
          }
        }
      })
      yield* Effect.gen(function*() {
        const policies = yield* TagPolicies
        const found = yield* Effect.forEach(accounts, (id) => policies.effective(AccountId.make(id)), { concurrency: 8 })
        for (const [at, effective] of found.entries()) {
          const expected = drawn[at]!.some((level) => level.length > 0)
          assert.strictEqual(Option.isSome(effective), expected)
          if (Option.isNone(effective)) continue
          assert.strictEqual(effective.value.check._tag, "Agrees", JSON.stringify([drawn[at], effective.value.content, effective.value.check]))
        }
        assert.isAtLeast(found.filter(Option.isSome).length, 80)
      }).pipe(Effect.provide(asking(simulator)))
    }).pipe(Effect.scoped))
})
