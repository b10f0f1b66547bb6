/** Sources joined by ARN, over the whole catalogue: nothing is lost, nothing is there twice, and no ghost is. */
import { Estate, resourceTypes } from "@cadastre/aws-simulator"
import { Arn, combineSeenBy, type Resource, resourceTypeOf, sweptSourceOf } from "@cadastre/model"
import { IamPolicy, type ScanRequest, Sweeps } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { catalog } from "../src/catalog.ts"
import { accounts, called, regions, shown, survey, truth } from "./Survey.ts"

const [account = ""] = accounts

/** So many of everything, everywhere. */
const countsOf = (count: number) =>
  Object.fromEntries(catalog.map(({ scope, type }) => [
    type,
    scope === "global" && type !== "s3:bucket"
      ? { global: count }
      : Object.fromEntries(regions.map((region) => [region, count]))
  ]))

/** Everything that the services list. */
const wholeTruth = (simulator: { readonly estate: Estate.Estate }) =>
  catalog.flatMap(({ type }) => truth(simulator, type))

/** The ARNs of all that the tagging API lists in the account. */
const tagged = (estate: Estate.Estate) =>
  new Set(regions.flatMap((region) =>
    estate.scanTagging(account, region, () => true, 0, 1_000_000, () => true).items.map(({ arn }) => arn)
  ))

/** What no service lists. */
const others = (estate: Estate.Estate) => [...regions, "global"].flatMap((region) => estate.others(account, region))

const isService = ({ sources }: Resource): boolean => sources.includes("service-api")
const isAlone = (one: Resource): boolean => !isService(one)

describe("an ARN", () => {
  it("says the catalogue's own type for every resource of the catalogue", () => {
    const estate = Estate.make({ accounts, regions, counts: countsOf(4), ghosts: 0 })
    const seen = new Set<string>()
    for (const { arn, type } of estate.resources()) {
      seen.add(type)
      assert.strictEqual<string>(resourceTypeOf(Option.getOrThrow(Arn.parse(arn))), type, arn)
    }
    assert.sameMembers([...seen], [...resourceTypes])
  })
})

describe("all services", () => {
  it.live("never-tagged resources of every type are found, and no ghost of any", () =>
    Effect.gen(function*() {
      const estate = Estate.make({ accounts, regions, counts: countsOf(9), tags: { untagged: 0.7 }, ghosts: 0.7, others: 2 })
      const { cells, resources, simulator } = yield* survey({ sources: ["tagging-api"] }, { estate })
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
      const services = resources.filter(isService)
      assert.sameMembers(services.map(shown), wholeTruth(simulator).map(shown))
      assert.strictEqual(new Set(resources.map(({ arn }) => arn)).size, resources.length)

      const listed = tagged(estate)
      for (const { taggable, type } of catalog) {
        if (!taggable) continue
        const own = services.filter((one) => one.type === type)
        const never = own.filter(({ arn }) => !listed.has(arn))
        assert.isAbove(never.length, 0, `${type}: one that the tagging API has never heard of`)
        assert.isTrue(never.every(({ sources }) => sources.length === 1), type)
        assert.isTrue(own.filter(({ arn }) => listed.has(arn)).every(({ sources }) => sources.includes("tagging-api")), type)
      }

      const unscanned = others(estate).filter(({ tags }) => Object.keys(tags).length > 0)
      assert.sameMembers(resources.filter(isAlone).map(shown), unscanned.map(shown))
      for (const one of resources.filter(isAlone)) {
        assert.deepStrictEqual([one.sources, one.marks], [["tagging-api"], ["unconfirmed"]])
        assert.isFalse(catalog.some(({ type }) => type === one.type), one.type)
      }

      const real = new Set([...wholeTruth(simulator), ...unscanned].map(({ arn }) => arn))
      const ghosts = [...listed].filter((arn) => !real.has(arn))
      assert.isAbove(ghosts.length, 50)
      const seenBy = combineSeenBy(cells.flatMap(({ proof }) => proof?.seenBy ?? []))
      const sum = (of: (one: (typeof seenBy)[number]) => number) => seenBy.reduce((total, one) => total + of(one), 0)
      assert.deepStrictEqual(
        [sum((one) => one.ghosts), sum((one) => one.tagsDiffer), sum((one) => one.unlisted), sum((one) => one.unconfirmed)],
        [ghosts.length, 0, 0, unscanned.length]
      )
      for (const { arn, kind } of cells.flatMap(({ proof }) => proof?.disagreements ?? [])) {
        assert.strictEqual(kind, "ghost")
        assert.include(ghosts, arn)
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("a tag filter finds of every type what has the tag, and calls no service without a hit", () =>
    Effect.gen(function*() {
      const estate = Estate.make({ accounts, regions, counts: countsOf(3), ghosts: 0.7, others: 4 })
      const filter = [{ key: "Environment", values: ["production"] }, { key: "Owner", values: [] }]
      const { cells, resources, simulator } = yield* survey({ tags: filter }, { estate })
      const isWanted = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) =>
        tags.Environment === "production" && "Owner" in tags
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
      assert.isAbove(resources.length, 20)
      assert.sameMembers(
        resources.map(shown),
        [...wholeTruth(simulator).filter(isWanted), ...others(estate).filter(isWanted)].map(shown)
      )
      const proven = cells.filter(({ proof }) => proof?.by === "tagging-api")
      assert.isAbove(proven.length, 20)
      assert.isTrue(proven.every(({ calls, resources }) => calls === 0 && resources === 0))
      const hit = new Set(cells.filter(({ proof }) => proof?.by === undefined).map(({ type }): string => type))
      for (const action of called(simulator).keys()) {
        const users = catalog.filter(({ actions, fallbackActions }) => [...actions, ...fallbackActions].includes(action))
        assert.isTrue(action.startsWith("tag:") || users.some(({ type }) => hit.has(type)), action)
      }
    }).pipe(Effect.scoped), 60_000)
})

const actionsOf = (documents: ReadonlyArray<IamPolicy.PolicyDocument>) =>
  documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))

describe("the printed policy", () => {
  const types = ["sqs:queue", "ec2:volume", "iam:role"]
  const entries = catalog.filter(({ type }) => types.includes(type))
  const sweeps = [Sweeps.tagging({ isOpen: false }), Sweeps.explorer({ isOpen: false })]
  const counts = { "sqs:queue": 3, "ec2:volume": 3, "iam:role": { global: 3 } }
  const estate = Estate.make({ accounts, regions, counts, others: 2, explorer: {} })
  const request: ScanRequest = { types, sources: ["tagging-api", "resource-explorer"] }
  const scanWith = (allowed: ReadonlyArray<string>) => survey(request, { estate, allow: { [account]: allowed } })

  it.live("Property 22: sources need exactly it; without one action, exactly its cells are denied", () =>
    Effect.gen(function*() {
      const allowed = actionsOf(IamPolicy.of(entries, { features: ["all-services", "resource-explorer"] }))
      const whole = yield* scanWith(allowed)
      assert.isTrue(whole.cells.every(({ outcome }) => outcome === "scanned"))
      assert.sameMembers(["ec2:DescribeRegions", ...called(whole.simulator).keys()], allowed)
      for (const missing of allowed) {
        if (missing === "ec2:DescribeRegions") continue
        const { cells, resources } = yield* scanWith(allowed.filter((action) => action !== missing))
        assert.strictEqual(cells.length, whole.cells.length)
        for (const { outcome, type } of cells) {
          const needs = [...entries, ...sweeps].find((entry) => entry.type === type)!.actions.includes(missing)
          assert.strictEqual(outcome, needs ? "denied" : "scanned", `${type} without ${missing}`)
        }
        // What a service may not be asked for is there on the word of the sources, and nowhere else.
        const unseen = cells.filter(({ outcome, type }) => outcome !== "scanned" && sweptSourceOf(type) === undefined)
        for (const one of resources.filter(isAlone)) {
          const isUnseen = unseen.some(({ region, type }) => type === one.type && (region === one.region || region === "global"))
          assert.deepStrictEqual([one.marks, isUnseen], [["unconfirmed"], true], one.arn)
        }
      }
    }).pipe(Effect.scoped), 60_000)
})
