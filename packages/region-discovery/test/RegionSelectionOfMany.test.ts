/** The Regions of many accounts, chosen from lists at hand: no call is made. */
import type { Account } from "@cadastre/client-factory"
import { AccountId, type Discovery, RegionId, type RegionStanding } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { type RegionList, RegionSelection } from "../src/index.ts"
import { discovering } from "./Discovery.ts"

type States = Readonly<Record<string, RegionStanding.RegionState>>

const fromAws: Discovery = { status: "complete", source: "ec2:DescribeRegions", exhaustive: true }
const guess: Discovery = { status: "fallback", source: "default Region", exhaustive: false, reason: "denied" }

const listOf = (states: States, discovery = fromAws): RegionList => ({
  regions: Object.entries(states).map(([id, state]) => ({ id: RegionId.make(id), state })),
  discovery
})

const account = (
  at: number,
  list: RegionList | undefined,
  partition: Account["partition"] = "aws"
): RegionSelection.AccountRegions => ({
  accountId: AccountId.make(String(at).repeat(12)),
  partition,
  list
})

// Nothing is called: there is nobody at that address.
const selectAll = (
  accounts: ReadonlyArray<RegionSelection.AccountRegions>,
  patterns: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>> = {}
) =>
  Effect.flatMap(RegionSelection.bounds, (bounds) => RegionSelection.selectAll(accounts, patterns, bounds)).pipe(
    Effect.map((selections) =>
      accounts.map(({ accountId }) => {
        const selection = selections.get(accountId)
        return selection === undefined ? assert.fail(`no answer for ${accountId}`) : selection
      })
    ),
    Effect.provide(discovering("http://127.0.0.1:9", variables))
  )

const on = "enabled"
const off = "not-opted-in"
const first = account(1, listOf({ "us-east-1": on, "eu-west-1": on, "eu-south-1": on, "ap-east-1": off }))
const second = account(
  2,
  listOf({ "us-east-1": on, "eu-west-1": on, "eu-south-1": "disabling", "ap-east-1": "enabling" })
)
const unknown = account(3, undefined)
const guessed = account(4, listOf({ "us-east-1": on }, guess))
const chinese = account(5, listOf({ "cn-north-1": on, "cn-northwest-1": on }), "aws-cn")
const unknownChinese = account(6, undefined, "aws-cn")

const regionsOf = (selections: ReadonlyArray<RegionSelection.RegionSelection>) =>
  selections.map(({ regions }): ReadonlyArray<string> => regions)

describe("RegionSelection.selectAll", () => {
  it.effect("a Region that some accounts have not enabled is left out there", () =>
    Effect.gen(function*() {
      const [one, two] = yield* selectAll([first, second], ["eu-south-1", "us-east-1"])
      assert.deepStrictEqual(regionsOf([one!, two!]), [["eu-south-1", "us-east-1"], ["us-east-1"]])
      assert.sameMembers(two!.skipped.map(String), ["eu-west-1", "eu-south-1", "ap-east-1"])
      assert.isTrue(one!.narrowed)
      const alone = yield* selectAll([first, second], ["eu-south-1"])
      assert.deepStrictEqual(regionsOf(alone), [["eu-south-1"], []])
    }))

  it.effect.each([
    { pattern: "ap-east-1", problem: "not-enabled", message: "is not enabled in any account" },
    { pattern: "eu-wset-1", problem: "unknown", message: "is no Region" },
    { pattern: "ap-*", problem: "matches-nothing", message: "matches no enabled Region" },
    { pattern: "cn-north-1", problem: "unknown", message: "is no Region" }
  ])("$pattern in no account is an error: $problem", ({ message, pattern, problem }) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(selectAll([first, second], [pattern, "us-east-1"]))
      assert.strictEqual(error._tag, "RegionFilterError")
      if (error._tag !== "RegionFilterError") return
      assert.strictEqual(error.problem, problem)
      assert.deepStrictEqual(error.valid, ["eu-south-1", "eu-west-1", "us-east-1"])
      assert.include(error.message, message)
    }))

  it.effect("an unknown list is what the other accounts have, and is not the whole", () =>
    Effect.gen(function*() {
      const [, , three] = yield* selectAll([first, second, unknown], [])
      assert.deepStrictEqual(regionsOf([three!]), [["eu-south-1", "eu-west-1", "us-east-1"]])
      assert.isFalse(three!.narrowed)
      const { reason, ...discovery } = three!.discovery
      assert.deepStrictEqual(discovery, { status: "fallback", source: "other accounts", exhaustive: false })
      assert.include(reason, "could not be asked")
      const wild = yield* selectAll([unknown, first], ["eu-*", "!eu-south-1"])
      assert.deepStrictEqual(regionsOf(wild), [["eu-west-1"], ["eu-west-1"]])
      assert.isFalse(wild[0]!.discovery.exhaustive)
      assert.isTrue(wild[0]!.narrowed)
    }))

  it.effect("a Region that is named is looked at where the list is unknown; a typing error is one all the same", () =>
    Effect.gen(function*() {
      const selections = yield* selectAll([first, unknown, guessed], ["eu-south-1", "ap-east-1"])
      assert.deepStrictEqual(regionsOf(selections), [["eu-south-1"], ["ap-east-1", "eu-south-1"], [
        "ap-east-1",
        "eu-south-1"
      ]])
      assert.deepStrictEqual(selections.map(({ discovery }) => [discovery.source, discovery.exhaustive]), [
        ["ec2:DescribeRegions", true],
        ["request", true],
        ["default Region", true]
      ])
      const error = yield* Effect.flip(selectAll([first, unknown, guessed], ["eu-wset-1"]))
      assert.strictEqual(error._tag === "RegionFilterError" && error.problem, "unknown")
      // Nobody can tell.
      assert.deepStrictEqual(regionsOf(yield* selectAll([unknown], ["eu-wset-1"])), [["eu-wset-1"]])
    }))

  it.effect("where nothing is known at all, the default Region is left", () =>
    Effect.gen(function*() {
      const selections = yield* selectAll([unknown, unknownChinese], [])
      assert.deepStrictEqual(regionsOf(selections), [["us-east-1"], ["cn-northwest-1"]])
      assert.isTrue(selections.every(({ discovery }) => discovery.source === "default Region" && !discovery.exhaustive))
      assert.strictEqual((yield* Effect.flip(selectAll([unknown], ["eu-*"])))._tag, "RegionFilterError")
    }))

  it.effect("a filter that the one known Region passes still leaves out others", () =>
    Effect.gen(function*() {
      const [selection] = yield* selectAll([guessed], ["us-*"])
      assert.deepStrictEqual(regionsOf([selection!]), [["us-east-1"]])
      assert.isTrue(selection!.narrowed)
      assert.isFalse(selection!.discovery.exhaustive)
    }))

  it.effect("partitions do not mix", () =>
    Effect.gen(function*() {
      const all = yield* selectAll([first, chinese, unknown, unknownChinese], [])
      assert.deepStrictEqual(regionsOf(all).map((regions) => regions.length), [3, 2, 3, 2])
      assert.deepStrictEqual(regionsOf(yield* selectAll([first, chinese, unknown, unknownChinese], ["cn-north-1"])), [
        [],
        ["cn-north-1"],
        [],
        ["cn-north-1"]
      ])
    }))

  it.effect("multi-Region off: the default Region of each partition", () =>
    Effect.gen(function*() {
      const single = { MULTI_REGION_ENABLED: "false" }
      assert.deepStrictEqual(regionsOf(yield* selectAll([first, chinese, unknown], [], single)), [
        ["us-east-1"],
        ["cn-northwest-1"],
        ["us-east-1"]
      ])
      assert.deepStrictEqual(regionsOf(yield* selectAll([first, chinese], ["us-*"], single)), [["us-east-1"], []])
      const error = yield* Effect.flip(selectAll([first, chinese], ["eu-west-1"], single))
      assert.strictEqual(error._tag === "RegionFilterError" && error.problem, "multi-region-off")
    }))

  it.effect("no accounts, no Regions", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* selectAll([], ["eu-west-1"]), [])
    }))

  it("Property 11 for many accounts: each account's Regions are exactly what the words of the filter say", () => {
    const names = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "af-south-1"]
    const states = fc.tuple(...names.map(() => fc.constantFrom<RegionStanding.RegionState>(on, on, off, "enabling")))
      .map((all): States => Object.fromEntries(names.map((name, at) => [name, all[at]!])))
    const lists = fc.array(fc.option(states, { nil: undefined, freq: 4 }), { minLength: 1, maxLength: 4 })
      .filter((all) => all.some((one) => one !== undefined))
    const word = fc.tuple(
      fc.constantFrom("", "", "", "!"),
      fc.constantFrom(...names, "eu-*", "us-*", "*-west-*", "*-1", "a*", "mx-central-1")
    ).map((parts) => parts.join(""))
    const words = fc.array(word, { maxLength: 4 })
    const fits = (id: string) => (text: string) => new RegExp(`^${text.replaceAll("*", ".*")}$`, "u").test(id)
    const takes = (list: ReadonlyArray<string>, id: string) => {
      const wanted = list.filter((text) => !text.startsWith("!"))
      return (wanted.length === 0 || wanted.some(fits(id))) &&
        !list.some((text) => text.startsWith("!") && fits(id)(text.slice(1)))
    }
    return fc.assert(
      fc.asyncProperty(lists, words, words, (lists, wanted, allowed) =>
        Effect.gen(function*() {
          const accounts = lists.map((one, at) => account(at + 1, one === undefined ? undefined : listOf(one)))
          const outcome = yield* Effect.result(
            selectAll(accounts, wanted, allowed.length === 0 ? {} : { ALLOWED_REGIONS: allowed.join(",") })
          )
          const isOn = (id: string) => lists.some((one) => one?.[id] === on)
          const has = (one: States | undefined, id: string) =>
            one === undefined ? isOn(id) || wanted.includes(id) : one[id] === on
          const expected = lists.map((one) =>
            names.filter((id) => has(one, id) && takes(allowed, id) && takes(wanted, id)).toSorted()
          )
          const blind = lists.includes(undefined)
          const isMistaken = wanted.some((text) =>
            text.startsWith("!")
              ? text === "!mx-central-1"
              : !names.some((id) =>
                fits(id)(text) && takes(allowed, id) && (isOn(id) || (blind && text === id))
              )
          )
          if (isMistaken || expected.every((regions) => regions.length === 0)) {
            assert.strictEqual(outcome._tag, "Failure")
            return
          }
          if (outcome._tag === "Failure") return assert.fail(outcome.failure.message)
          assert.deepStrictEqual(regionsOf(outcome.success), expected)
          outcome.success.forEach(({ discovery, narrowed, regions, skipped }, at) => {
            assert.isEmpty(skipped.filter((id) => regions.includes(id)))
            if (lists[at] !== undefined) {
              assert.strictEqual(skipped.length + regions.length, names.length)
              assert.isTrue(discovery.exhaustive)
              const chosen = new Set(regions.map(String))
              assert.strictEqual(narrowed, names.some((id) => lists[at]?.[id] === on && !chosen.has(id)))
            } else assert.strictEqual(discovery.status, "fallback")
          })
        }).pipe(Effect.runPromise)),
      { numRuns: 300 }
    )
  })
})
