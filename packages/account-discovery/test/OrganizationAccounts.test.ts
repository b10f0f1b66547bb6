import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Estate, type Source } from "../src/index.ts"
import { accountsOf, count, discovering, ids, summary } from "./Discovery.ts"

type Wanted = Omit<Extract<Source, { _tag: "Organization" }>, "_tag">

const all = ids(45)
const [management = "", delegated = "", suspended = "", closed = "", ...members] = all

const estate = {
  accounts: all,
  resources: 0,
  organization: {
    delegatedAdministrators: [delegated],
    units: [
      {
        name: "Prod",
        accounts: members.slice(0, 3),
        units: [
          { name: "Web", accounts: members.slice(3, 25), units: [{ name: "Blue", accounts: members.slice(25, 27) }] },
          { name: "Data", accounts: [...members.slice(27, 30), suspended] }
        ]
      },
      { name: "Sandbox", accounts: members.slice(30, 33), units: [{ name: "Web", accounts: members.slice(33, 35) }] },
      { name: "Empty" }
    ],
    accounts: {
      [suspended]: { state: "SUSPENDED" },
      [closed]: { state: "PENDING_CLOSURE", name: "Old" },
      [members[0]!]: { name: "Shop", tags: { stage: "prod", team: "blue" } },
      [members[1]!]: { tags: { stage: "test" } },
      [members[2]!]: { tags: { stage: "prod" } }
    }
  }
} as const satisfies SimulatorOptions["estate"]

const active = all.filter((id) => id !== suspended && id !== closed)

const organization = (wanted: Wanted = {}): Source => ({ _tag: "Organization", ...wanted })

/** The accounts found, whether entered or not. */
const found = (simulator: Simulator["Service"], wanted: Wanted = {}, as = management) =>
  Effect.map(accountsOf(), (accounts) => summary(accounts).map((line) => line.slice(0, 12)).toSorted()).pipe(
    Effect.provide(discovering(simulator, organization(wanted), { as, variables: { MAX_CONCURRENT_ACCOUNTS: "16" } }))
  )

describe("the accounts of an organization", () => {
  it.live.each(["full", "ragged"] as const)("are all active ones, from %s pages; the others are left out and mentioned", (pages) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, pages })
      yield* Effect.gen(function*() {
        const accounts = yield* accountsOf()
        assert.deepStrictEqual(summary(accounts), active.map((id) => `${id} reachable`))
        assert.strictEqual(accounts.find(({ name }) => name === "Shop")?._tag, "Reachable")
        const { leftOut } = yield* Estate.use((estate) => estate.notes)
        assert.deepStrictEqual(leftOut.map(({ accountId, why }) => [accountId as string, why]), [
          [suspended, "the account is suspended"],
          [closed, "the account is pending closure"]
        ])
        assert.isAtLeast(count(simulator, "ListAccounts"), 3)
        assert.strictEqual(count(simulator, "ListTagsForResource"), 0)
        assert.strictEqual(count(simulator, "ListOrganizationalUnitsForParent"), 0)
        // The management account is entered as it is.
        assert.strictEqual(count(simulator, "AssumeRole"), active.length - 1)
        // The organization is asked once, whatever is chosen of it.
        const pagesRead = count(simulator, "ListAccounts")
        assert.strictEqual((yield* accountsOf("Shop")).length, 1)
        assert.strictEqual(count(simulator, "ListAccounts"), pagesRead)
      }).pipe(Effect.provide(discovering(simulator, organization())))
    }))

  it.live("may have their state in the older field", () =>
    Effect.gen(function*() {
      const older = { ...estate, organization: { ...estate.organization, lifecycle: "Status" } } as const
      const simulator = yield* Simulator.make({ estate: older })
      assert.deepStrictEqual(yield* found(simulator), active)
    }))

  it.live("are those of the units that are named, with what is below, less those that are left out", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, pages: "ragged" })
      const units = [...simulator.estate.organization!.units.values()]
      const idOf = (name: string) => units.find((unit) => unit.name === name)!.id
      const root = simulator.estate.organization!.rootId
      const prod = members.slice(0, 30)
      const cases: ReadonlyArray<readonly [Wanted, ReadonlyArray<string>]> = [
        [{ include: ["/Prod"] }, prod],
        [{ include: ["Prod/Web/"] }, members.slice(3, 27)],
        [{ include: [idOf("Prod")], exclude: ["/Prod/Web"] }, [...members.slice(0, 3), ...members.slice(27, 30)]],
        [{ include: ["/Prod/Web", "/Sandbox/Web", idOf("Blue")] }, [...members.slice(3, 27), ...members.slice(33, 35)]],
        [{ exclude: [idOf("Prod")] }, active.filter((id) => !prod.includes(id))],
        [{ include: [root], exclude: ["/Sandbox", "/Prod/Data"] }, active.filter((id) =>
          !members.slice(27, 35).includes(id)
        )],
        // Left out with what it is in, although it is named itself.
        [{ include: ["/Prod/Web/Blue", "/Sandbox"], exclude: ["/Prod"] }, members.slice(30, 35)]
      ]
      for (const [wanted, expected] of cases) {
        assert.deepStrictEqual(yield* found(simulator, wanted), [...expected].toSorted(), JSON.stringify(wanted))
      }
    }))

  it.live("a unit that does not exist is told, with those that do, and so is one that is empty", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const cases: ReadonlyArray<readonly [Wanted, RegExp]> = [
        [{ include: ["/Prod/Wbe"] }, /"\/Prod\/Wbe" does not exist in this organization\. Valid units: \/Prod\/Web, \/Prod\/Data$/u],
        [{ include: ["/Prod"], exclude: ["/Sanbox"] }, /"\/Sanbox" does not exist.*\/Sandbox/u],
        [{ include: ["ou-aaaa-11111111"] }, /"ou-aaaa-11111111" does not exist/u],
        [{ include: ["/Empty"] }, /"\/Empty" leaves no account/u]
      ]
      for (const [wanted, says] of cases) {
        const error = yield* Effect.flip(found(simulator, wanted))
        assert.strictEqual(error._tag, "AccountFilterError")
        assert.match(error.message, says)
      }
      assert.strictEqual(count(simulator, "AssumeRole"), 0)
    }))

  it.live("are those with the tags that are asked for", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, pages: "ragged" })
      const include = ["/Prod"]
      const tagged = (tags: Wanted["tags"]) => found(simulator, { include, tags: tags! })
      assert.deepStrictEqual(yield* tagged([{ key: "stage", values: [] }]), members.slice(0, 3))
      assert.deepStrictEqual(yield* tagged([{ key: "stage", values: ["prod"] }]), [members[0], members[2]])
      assert.deepStrictEqual(
        yield* tagged([{ key: "stage", values: ["prod", "test"] }, { key: "team", values: ["blue"] }]),
        [members[0]]
      )
      assert.include((yield* Effect.flip(tagged([{ key: "Stage", values: [] }]))).message, "leaves no account")
    }))

  it.live("are told to a delegated administrator, who is warned of the management account", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { ...estate, roles: { [management]: [] } } })
      yield* Effect.gen(function*() {
        const accounts = yield* accountsOf()
        assert.deepStrictEqual(
          summary(accounts).filter((line) => !line.endsWith("reachable")),
          [`${management} AccessDenied`]
        )
        assert.strictEqual(accounts.length, active.length)
        const { warnings } = yield* Estate.use((estate) => estate.notes)
        assert.strictEqual(warnings.length, 1)
        assert.include(warnings[0], management)
      }).pipe(Effect.provide(discovering(simulator, organization(), { as: delegated })))
    }))

  it.live("are not known to others: one clear error, no empty list", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const member = yield* Effect.flip(found(simulator, {}, members[0]))
      assert.strictEqual(member._tag === "AwsError" ? member.reason._tag : "", "AccessDenied")
      assert.include(member.message, `arn:aws:iam::${members[0]}:user/simulated may not ask about the organization`)
      assert.include(member.message, "management account or a delegated administrator")

      simulator.rule({ match: { operation: "ListAccountsForParent", nth: 2 }, fault: { type: "deny" } })
      const half = yield* Effect.flip(found(simulator, { include: ["/Prod"] }))
      assert.strictEqual(half._tag === "AwsError" ? half.operation : "", "organizations:ListAccountsForParent")
      simulator.clearRules()
      simulator.rule({ match: { operation: "ListTagsForResource", nth: 20 }, fault: { type: "deny" } })
      const tags = yield* Effect.flip(found(simulator, { tags: [{ key: "stage", values: [] }] }))
      assert.strictEqual(tags._tag, "AwsError")

      const alone = yield* Simulator.make({ estate: { accounts: [management], organization: "none", resources: 0 } })
      const none = yield* Effect.flip(found(alone))
      assert.include(none.message, `account ${management} is in no organization`)
    }))

  it.live("Property: the units chosen are those of a naive reading of the tree (120 runs)", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          // Each unit is in one of those before it, or in the root (0).
          fc.array(fc.nat(), { minLength: 1, maxLength: 7 }),
          fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
          fc.array(fc.nat(), { maxLength: 3 }),
          fc.array(fc.nat(), { maxLength: 2 }),
          fc.boolean(),
          (parentDraws, accountDraws, includeDraws, excludeDraws, byPath) =>
            Effect.gen(function*() {
              const parents = [-1, ...parentDraws.map((draw, at) => draw % (at + 1))]
              const accountsIn = ids(accountDraws.length + 1).slice(1)
              const unitOf = new Map(accountsIn.map((id, at) => [id, accountDraws[at]! % parents.length]))
              const build = (parent: number): ReadonlyArray<Unit> =>
                parents.flatMap((above, at) =>
                  above === parent && at > 0
                    ? [{ name: `u${at}`, accounts: accountsIn.filter((id) => unitOf.get(id) === at), units: build(at) }]
                    : []
                )
              const simulator = yield* Simulator.make({
                estate: { accounts: ids(accountDraws.length + 1), resources: 0, organization: { units: build(0) } },
                pageSize: 1
              })
              const { rootId, units } = simulator.estate.organization!
              const chain = (at: number): ReadonlyArray<number> => at < 0 ? [] : [at, ...chain(parents[at]!)]
              const named = (at: number): string =>
                byPath
                  ? `/${chain(at).toReversed().slice(1).map((one) => `u${one}`).join("/")}`
                  : at === 0 ? rootId : [...units.values()].find(({ name }) => name === `u${at}`)!.id
              const include = includeDraws.map((draw) => draw % parents.length)
              const exclude = excludeDraws.map((draw) => draw % parents.length)
              const expected = ids(accountDraws.length + 1).filter((id) => {
                const above = chain(unitOf.get(id) ?? 0)
                return (include.length === 0 || include.some((one) => above.includes(one))) &&
                  !exclude.some((one) => above.includes(one))
              })
              const result = yield* Effect.result(
                found(simulator, { include: include.map(named), exclude: exclude.map(named) }, ids(1)[0])
              )
              if (expected.length === 0) {
                assert.strictEqual(result._tag === "Failure" ? result.failure._tag : "found some", "AccountFilterError")
              } else assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, expected)
            }).pipe(Effect.scoped, Effect.runPromise)
        ),
        { numRuns: 120 }
      )
    ))
})

interface Unit {
  readonly name: string
  readonly accounts: ReadonlyArray<string>
  readonly units: ReadonlyArray<Unit>
}
