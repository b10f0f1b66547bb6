import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { AwsTagPolicy } from "../src/index.ts"

type Json = Readonly<Record<string, unknown>>

/** One `tags` object of each policy, by level: root, unit, account. */
type Tree = ReadonlyArray<ReadonlyArray<Json>>

const targets = ["root", "OU1", "OU1/Web", "111111111111"]

const control = (...operators: ReadonlyArray<string>) => ({ "@@operators_allowed_for_child_policies": operators })
const assign = (value: unknown) => ({ "@@assign": value })
const append = (...values: ReadonlyArray<string>) => ({ "@@append": values })
const remove = (...values: ReadonlyArray<string>) => ({ "@@remove": values })
const values = (setting: Json) => ({ color: { tag_value: setting } })

const mergeTree = Effect.fnUntraced(function*(tree: Tree) {
  const levels = yield* Effect.forEach(tree, (policies, level) =>
    Effect.map(
      Effect.forEach(policies, (tags, index) =>
        AwsTagPolicy.parse(JSON.stringify({ tags }), { source: `${"RUWA"[level]}${index + 1}` })),
      (documents): AwsTagPolicy.Level => ({ target: targets[level]!, policies: documents })
    ))
  return AwsTagPolicy.merge(levels)
})

/** By what: `setting value < policy`; in vain: `kind setting operator values < policy > policy that decides`. */
const told = ({ decisions, remarks }: AwsTagPolicy.Merged): ReadonlyArray<string> => [
  ...decisions.map(({ by, setting, value }) => `${setting} ${value} < ${by.policy}`),
  ...remarks.map(({ because, by, kind, operator, setting, values }) =>
    `${kind} ${setting} ${operator} ${values.join("+")} < ${by.policy}${because === undefined ? "" : ` > ${because.policy}`}`)
]

const A = { costcenter: { tag_key: assign("CostCenter"), tag_value: assign(["Development", "Support"]) } }
const B = { costcenter: { tag_key: assign("CostCenter"), tag_value: assign(["Sandbox"]), enforced_for: assign(["redshift:*", "dynamodb:table"]) } }
const C = { costcenter: { tag_key: assign("CostCenter"), tag_value: append("Marketing"), enforced_for: append("redshift:*", "dynamodb:table") } }
const D = { costcenter: { tag_value: remove("Development", "Marketing"), enforced_for: remove("redshift:*", "dynamodb:table") } }
const E = {
  project: {
    tag_key: { ...control("@@none"), ...assign("Project") },
    tag_value: { ...control("@@append"), ...assign(["Maintenance", "Escalations"]) }
  }
}
const F = { project: { tag_key: assign("PROJECT"), tag_value: append("Escalations - research") } }
const G = { project: { tag_value: { ...control("@@append"), ...assign(["Maintenance"]) } } }
const H = { project: { tag_value: control("@@append", "@@remove") } }
const J = { project: { tag_key: assign("PROJECT"), tag_value: append("Maintenance") } }
const K = { project: { tag_key: assign("project") } }

interface Case {
  readonly name: string
  readonly tree: Tree
  readonly tags: Json
  readonly told: ReadonlyArray<string>
}

const color = (...tag_value: ReadonlyArray<string>) => ({ color: { tag_key: "color", ...(tag_value.length > 0 ? { tag_value } : {}) } })

/** The examples of AWS's guide first, then each rule by itself. Written out by hand. */
const cases: ReadonlyArray<Case> = [
  {
    name: "example 1: a unit overwrites values and enforces",
    tree: [[A], [B]],
    tags: { costcenter: { tag_key: "CostCenter", tag_value: ["Sandbox"], enforced_for: ["redshift:*", "dynamodb:table"] } },
    told: ["tag_key CostCenter < U1", "tag_value Sandbox < U1", "enforced_for redshift:* < U1", "enforced_for dynamodb:table < U1"]
  },
  {
    name: "example 2: a unit appends",
    tree: [[A], [C]],
    tags: {
      costcenter: { tag_key: "CostCenter", tag_value: ["Development", "Support", "Marketing"], enforced_for: ["redshift:*", "dynamodb:table"] }
    },
    told: [
      "tag_key CostCenter < U1", "tag_value Development < R1", "tag_value Support < R1", "tag_value Marketing < U1",
      "enforced_for redshift:* < U1", "enforced_for dynamodb:table < U1"
    ]
  },
  {
    name: "example 3: an account removes, and nothing is enforced any more",
    tree: [[A], [C], [], [D]],
    tags: { costcenter: { tag_key: "CostCenter", tag_value: ["Support"] } },
    told: ["tag_key CostCenter < U1", "tag_value Support < R1"]
  },
  {
    name: "example 4: a locked key keeps its case, values may only be appended",
    tree: [[E], [F]],
    tags: { project: { tag_key: "Project", tag_value: ["Maintenance", "Escalations", "Escalations - research"] } },
    told: [
      "tag_key Project < R1", "tag_value Maintenance < R1", "tag_value Escalations < R1", "tag_value Escalations - research < U1",
      "refused tag_key @@assign PROJECT < U1 > R1"
    ]
  },
  {
    name: "example 5: controls of one level are intersected: append is allowed",
    tree: [[G, H], [{ project: { tag_value: append("Research") } }]],
    tags: { project: { tag_key: "project", tag_value: ["Maintenance", "Research"] } },
    told: ["tag_value Maintenance < R1", "tag_value Research < U1"]
  },
  {
    name: "example 5: controls of one level are intersected: remove is not",
    tree: [[G, H], [{ project: { tag_value: remove("Maintenance") } }]],
    tags: { project: { tag_key: "project", tag_value: ["Maintenance"] } },
    told: ["tag_value Maintenance < R1", "refused tag_value @@remove Maintenance < U1 > R1"]
  },
  {
    name: "example 6: of two keys at one level, the one attached first counts",
    tree: [[J, K]],
    tags: { project: { tag_key: "PROJECT", tag_value: ["Maintenance"] } },
    told: ["tag_key PROJECT < R1", "tag_value Maintenance < R1", "outranked tag_key @@assign project < R2 > R1"]
  },
  {
    name: "example 6, attached the other way round",
    tree: [[K, J]],
    tags: { project: { tag_key: "project", tag_value: ["Maintenance"] } },
    told: ["tag_key project < R1", "tag_value Maintenance < R2", "outranked tag_key @@assign PROJECT < R2 > R1"]
  },
  { name: "no policy at all", tree: [[], [], [], []], tags: {}, told: [] },
  { name: "an empty policy", tree: [[{}]], tags: {}, told: [] },
  { name: "one policy is itself", tree: [[values(assign(["red", "blue"]))]], tags: color("red", "blue"), told: ["tag_value red < R1", "tag_value blue < R1"] },
  { name: "a key without a case is in lower case", tree: [[{ CostCenter: {} }]], tags: { costcenter: { tag_key: "costcenter" } }, told: [] },
  {
    name: "policy keys are merged whatever their case",
    tree: [[{ CostCenter: { tag_value: assign(["a"]) } }], [{ COSTCENTER: { tag_value: append("b") } }]],
    tags: { costcenter: { tag_key: "costcenter", tag_value: ["a", "b"] } },
    told: ["tag_value a < R1", "tag_value b < U1"]
  },
  { name: "a child replaces", tree: [[values(assign(["red", "blue"]))], [values(assign(["green"]))]], tags: color("green"), told: ["tag_value green < U1"] },
  {
    name: "appending what is there changes nothing",
    tree: [[values(assign(["red", "blue"]))], [values(append("blue", "green"))]],
    tags: color("red", "blue", "green"),
    told: ["tag_value red < R1", "tag_value blue < R1", "tag_value green < U1", "no-effect tag_value @@append blue < U1"]
  },
  {
    name: "removing what is not there changes nothing",
    tree: [[values(assign(["red", "blue"]))], [values(remove("red", "missing"))]],
    tags: color("blue"),
    told: ["tag_value blue < R1", "no-effect tag_value @@remove missing < U1"]
  },
  { name: "appending to nothing adds", tree: [[], [values(append("red"))]], tags: color("red"), told: ["tag_value red < U1"] },
  { name: "removing from nothing", tree: [[values(remove("red"))]], tags: color(), told: ["no-effect tag_value @@remove red < R1"] },
  { name: "removing all leaves any value", tree: [[values(assign(["red"]))], [values(remove("red"))]], tags: color(), told: [] },
  { name: "assigning nothing leaves any value", tree: [[values(assign(["red"]))], [values(assign([]))]], tags: color(), told: [] },
  {
    name: "a lock refuses assign",
    tree: [[values({ ...assign(["red"]), ...control("@@none") })], [values(assign(["green"]))]],
    tags: color("red"),
    told: ["tag_value red < R1", "refused tag_value @@assign green < U1 > R1"]
  },
  {
    name: "a lock refuses append",
    tree: [[values({ ...assign(["red"]), ...control("@@none") })], [values(append("green"))]],
    tags: color("red"),
    told: ["tag_value red < R1", "refused tag_value @@append green < U1 > R1"]
  },
  {
    name: "a lock refuses remove",
    tree: [[values({ ...assign(["red"]), ...control("@@none") })], [values(remove("red"))]],
    tags: color("red"),
    told: ["tag_value red < R1", "refused tag_value @@remove red < U1 > R1"]
  },
  {
    name: "a lock holds over levels that say nothing",
    tree: [[values({ ...assign(["red"]), ...control("@@none") })], [], [], [values(assign(["green"]))]],
    tags: color("red"),
    told: ["tag_value red < R1", "refused tag_value @@assign green < A1 > R1"]
  },
  {
    name: "a lock does not bind the policy that it is in",
    tree: [[values({ ...assign(["red"]), ...append("blue"), ...control("@@none") })]],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < R1"]
  },
  {
    name: "a lock does not bind policies of its level, before it or after",
    tree: [[values(append("red")), values(control("@@none")), values(append("blue"))]],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < R3"]
  },
  {
    name: "a lock without a value keeps it empty",
    tree: [[values(control("@@none"))], [values(assign(["red"]))]],
    tags: color(),
    told: ["refused tag_value @@assign red < U1 > R1"]
  },
  {
    name: "a child cannot allow again what is forbidden",
    tree: [
      [values({ ...assign(["red"]), ...control("@@append") })],
      [values(control("@@all"))],
      [values({ ...assign(["green"]), ...append("blue") })]
    ],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < W1", "refused tag_value @@assign green < W1 > R1"]
  },
  {
    name: "a child may forbid more",
    tree: [
      [values({ ...assign(["red"]), ...control("@@append", "@@remove") })],
      [values({ ...append("blue"), ...control("@@append") })],
      [values({ ...remove("red"), ...append("green") })]
    ],
    tags: color("red", "blue", "green"),
    told: ["tag_value red < R1", "tag_value blue < U1", "tag_value green < W1", "refused tag_value @@remove red < W1 > U1"]
  },
  {
    name: "controls of one level without a common operator are a lock",
    tree: [[values({ ...assign(["red"]), ...control("@@append") }), values(control("@@remove"))], [values(append("green"))]],
    tags: color("red"),
    told: ["tag_value red < R1", "refused tag_value @@append green < U1 > R2"]
  },
  {
    name: "@@all is what holds without a control",
    tree: [[values({ ...assign(["red"]), ...control("@@all") })], [values(assign(["green"]))]],
    tags: color("green"),
    told: ["tag_value green < U1"]
  },
  {
    name: "only assign allowed",
    tree: [[values({ ...assign(["red"]), ...control("@@assign") })], [values(append("blue"))], [values(assign(["green"]))]],
    tags: color("green"),
    told: ["tag_value green < W1", "refused tag_value @@append blue < U1 > R1"]
  },
  {
    name: "a lock of one setting leaves the others free",
    tree: [
      [{ color: { tag_key: { ...assign("Color"), ...control("@@none") }, tag_value: assign(["red"]) } }],
      [{ color: { tag_key: assign("COLOR"), tag_value: assign(["green"]), report_required_tag_for: assign(["ec2:instance"]) } }]
    ],
    tags: { color: { tag_key: "Color", tag_value: ["green"], report_required_tag_for: ["ec2:instance"] } },
    told: [
      "tag_key Color < R1", "tag_value green < U1", "report_required_tag_for ec2:instance < U1",
      "refused tag_key @@assign COLOR < U1 > R1"
    ]
  },
  {
    name: "at one level the first list assigned counts, whole",
    tree: [[values(assign(["red", "blue"])), values(assign(["blue", "green"]))]],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < R1", "outranked tag_value @@assign blue+green < R2 > R1"]
  },
  {
    name: "at one level, what one assigns another removes",
    tree: [[values(assign(["red", "blue"])), values(remove("red"))]],
    tags: color("blue"),
    told: ["tag_value blue < R1"]
  },
  { name: "at one level, removing comes after appending", tree: [[values(append("red")), values(remove("red"))]], tags: color(), told: [] },
  { name: "whatever was attached first", tree: [[values(remove("red")), values(append("red"))]], tags: color(), told: [] },
  {
    name: "at one level, all append",
    tree: [[values(append("red")), values(append("blue"))]],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < R2"]
  },
  {
    name: "at one level, appending comes after assigning, whatever was attached first",
    tree: [[values(append("red")), values(assign(["blue"]))]],
    tags: color("blue", "red"),
    told: ["tag_value blue < R2", "tag_value red < R1"]
  },
  {
    name: "one policy may use all operators at once",
    tree: [[values({ ...assign(["red"]), ...append("blue"), ...remove("red") })]],
    tags: color("blue"),
    told: ["tag_value blue < R1"]
  },
  {
    name: "a child with all operators",
    tree: [[values(assign(["red", "blue"]))], [values({ ...assign(["green"]), ...append("yellow"), ...remove("green") })]],
    tags: color("yellow"),
    told: ["tag_value yellow < U1"]
  },
  {
    name: "a lock on all tags: none can be added, those that are there can be changed",
    tree: [[{ ...control("@@none"), ...values(assign(["red"])) }], [{ ...values(append("blue")), size: { tag_value: assign(["L"]) } }]],
    tags: color("red", "blue"),
    told: ["tag_value red < R1", "tag_value blue < U1", "refused tag_value @@assign L < U1 > R1"]
  },
  {
    name: "a lock on a tag: no setting can be added, those that are there can be changed",
    tree: [
      [{ color: { ...control("@@none"), tag_value: assign(["red"]) } }],
      [{ color: { tag_value: assign(["blue"]), enforced_for: assign(["ec2:instance"]) } }]
    ],
    tags: color("blue"),
    told: ["tag_value blue < U1", "refused enforced_for @@assign ec2:instance < U1 > R1"]
  },
  {
    name: "other tags do not matter",
    tree: [[{ ...values({ ...assign(["red"]), ...control("@@none") }), size: { tag_value: assign(["L"]) } }], [{ size: { tag_value: append("XL") } }]],
    tags: { ...color("red"), size: { tag_key: "size", tag_value: ["L", "XL"] } },
    told: ["tag_value red < R1", "tag_value L < R1", "tag_value XL < U1"]
  },
  {
    name: "four levels, each adding",
    tree: [[values(assign(["a"]))], [values(append("b"))], [values(append("c"))], [values({ ...append("d"), ...remove("b") })]],
    tags: color("a", "c", "d"),
    told: ["tag_value a < R1", "tag_value c < W1", "tag_value d < A1"]
  },
  {
    name: "the account has the last word where nothing is locked",
    tree: [[values(assign(["a"]))], [values(assign(["b"]))], [values(assign(["c"]))], [values(assign(["d"]))]],
    tags: color("d"),
    told: ["tag_value d < A1"]
  },
  {
    name: "numbers and booleans are texts, as AWS reads them",
    tree: [[{ color: { tag_value: assign([12, true]) } }], [values(append("12", "13"))]],
    tags: color("12", "true", "13"),
    told: ["tag_value 12 < R1", "tag_value true < R1", "tag_value 13 < U1", "no-effect tag_value @@append 12 < U1"]
  },
  {
    name: "a value assigned twice is there once",
    tree: [[values(assign(["red", "red"]))]],
    tags: color("red"),
    told: ["tag_value red < R1"]
  },
  {
    name: "required types are inherited like values",
    tree: [
      [{ color: { report_required_tag_for: { ...assign(["ec2:instance", "s3:bucket"]), ...control("@@append") } } }],
      [{ color: { report_required_tag_for: { ...append("rds:db"), ...remove("s3:bucket") } } }]
    ],
    tags: { color: { tag_key: "color", report_required_tag_for: ["ec2:instance", "s3:bucket", "rds:db"] } },
    told: [
      "report_required_tag_for ec2:instance < R1", "report_required_tag_for s3:bucket < R1", "report_required_tag_for rds:db < U1",
      "refused report_required_tag_for @@remove s3:bucket < U1 > R1"
    ]
  }
]

describe("the merge of tag policies", () => {
  it("is tried in forty cases at least", () => assert.isAtLeast(cases.length, 40))

  it.effect.each(cases)("$name", ({ tags, told: expected, tree }) =>
    Effect.gen(function*() {
      const merged = yield* mergeTree(tree)
      assert.deepStrictEqual(merged.effective, { tags })
      assert.deepStrictEqual(told(merged), expected)
      // Nothing is told twice, and every value has its line.
      assert.strictEqual(AwsTagPolicy.explain(merged).length, expected.length)
    }))

  it.effect("explains with line and column", () =>
    Effect.gen(function*() {
      const root = yield* AwsTagPolicy.parse(`{
  "tags": {
    "color": {
      "tag_value": {
        "@@operators_allowed_for_child_policies": ["@@append"],
        "@@assign": ["red"]
      }
    }
  }
}`, { source: "p-root" })
      const unit = yield* AwsTagPolicy.parse(`{ "tags": { "color": { "tag_value": { "@@assign": ["green"] } } } }`, { source: "p-unit" })
      const merged = AwsTagPolicy.merge([{ target: "Root (r-ab12)", policies: [root] }, { target: "Prod (ou-ab12-12345678)", policies: [unit] }])
      assert.deepStrictEqual(AwsTagPolicy.explain(merged), [
        "color.tag_value: \"red\" by @@assign in p-root:6:9 on Root (r-ab12)",
        "color.tag_value: @@assign [\"green\"] in p-unit:1:39 on Prod (ou-ab12-12345678) is refused: " +
        "p-root:5:9 on Root (r-ab12) does not allow it further down"
      ])
    }))

  const operators = ["@@assign", "@@append", "@@remove"]
  const texts = fc.uniqueArray(fc.constantFrom("red", "green", "blue", "violet"), { maxLength: 3 })
  const allowedOperators = fc.oneof(fc.constant(["@@all"]), fc.constant(["@@none"]), fc.subarray(operators, { minLength: 1 }))
  const setting = fc.record({
    "@@assign": texts,
    "@@append": texts,
    "@@remove": texts,
    "@@operators_allowed_for_child_policies": allowedOperators
  }, { requiredKeys: [] })
  const policy = fc.dictionary(
    fc.constantFrom("color", "size"),
    fc.record({ tag_value: setting, enforced_for: setting.map((one) => JSON.parse(JSON.stringify(one).replace(/"(red|green|blue|violet)"/gu, "\"ec2:$1\"")) as Json) }, { requiredKeys: [] })
  )
  const trees = fc.array(fc.array(policy, { maxLength: 3 }), { maxLength: 4 })

  it.effect("laws: empty policies and empty levels change nothing", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(trees, fc.nat({ max: 4 }), fc.nat({ max: 3 }), async (tree, at, within) => {
        const before = await Effect.runPromise(mergeTree(tree))
        const widened = await Effect.runPromise(mergeTree(tree.map((policies, level) => level === at ? policies.toSpliced(within, 0, {}) : policies)))
        assert.deepStrictEqual(widened.effective, before.effective)
      }), { numRuns: 200 })))

  it.effect("laws: what is locked never changes further down", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(fc.array(policy, { minLength: 1, maxLength: 2 }), fc.array(fc.array(policy, { maxLength: 2 }), { maxLength: 3 }), async (top, below) => {
        const lock = { "@@operators_allowed_for_child_policies": ["@@none"] }
        const locked = [...top, {
          ...lock,
          color: { ...lock, tag_key: lock, tag_value: lock, enforced_for: lock },
          size: { ...lock, tag_key: lock, tag_value: lock, enforced_for: lock }
        }]
        const alone = await Effect.runPromise(mergeTree([locked]))
        const inherited = await Effect.runPromise(mergeTree([locked, ...below]))
        assert.deepStrictEqual(inherited.effective, alone.effective)
        assert.isTrue(inherited.remarks.every(({ by, kind }) => by.target === "root" || kind === "refused"))
      }), { numRuns: 200 })))

  it.effect("laws: levels of a single policy each are what their operators say, one after another", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...operators), texts), { maxLength: 4 }), async (steps) => {
        const merged = await Effect.runPromise(mergeTree(steps.map(([operator, given]) => [values({ [operator]: given })])))
        const expected = steps.reduce<ReadonlyArray<string>>((inherited, [operator, given]) =>
          operator === "@@assign"
            ? given
            : operator === "@@append"
            ? [...new Set(inherited.concat(given))]
            : inherited.filter((value) => !given.some((one) => one === value)), [])
        assert.deepStrictEqual(merged.effective.tags["color"]?.tag_value ?? [], expected)
        assert.deepStrictEqual(merged.decisions.map(({ value }) => value), expected)
      }), { numRuns: 200 })))

  it("compares effective policies by what they mean", () => {
    const ours = { tags: { a: { tag_key: "A", tag_value: ["1", "2"] }, b: { tag_key: "b" } } }
    assert.deepStrictEqual(AwsTagPolicy.differences(ours, { tags: { a: { tag_key: "A", tag_value: ["2", "1"] }, b: { tag_key: "b", tag_value: ["*"] } } }), [])
    assert.deepStrictEqual(AwsTagPolicy.differences(ours, { tags: { a: { tag_key: "a", tag_value: ["1"] }, c: { tag_key: "c" } } }), [
      "a.tag_key is \"A\" in ours, \"a\" in theirs",
      "a.tag_value is [\"1\",\"2\"] in ours, [\"1\"] in theirs",
      "b is only in ours",
      "c is only in theirs"
    ])
  })
})
