/** Sources joined by ARN, in random estates: every resource once, no ghost, and exactly the disagreements there are. */
import { Estate, Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { Arn, type CellResult, combineSeenBy, type Resource, resourceTypeOf } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as fc from "fast-check"
import type { ScanRequest } from "../src/index.ts"
import type { Simulator as Running } from "./Estates.ts"
import { engine, global, scan, shown, topic, volume } from "./Survey.ts"

const account = "111122223333"
const regions = ["us-east-1", "eu-west-1"]
/** Tags that come with the list and tags from the tagging API; types with a Region, with one of their own, with none. */
const scanners = [topic, volume, ...global]

/** Types of which the tagging API says nothing. */
const untracked = new Set(["iam:role"])

const countsOf = (sizes: ReadonlyArray<number>) =>
  Object.fromEntries(scanners.map(({ type }, at) => [
    type,
    type === "iam:role" ? { global: sizes[at]! } : { "us-east-1": sizes[at]!, "eu-west-1": sizes[at + 4]! }
  ]))

const sizes = fc.array(fc.nat(7), { minLength: 8, maxLength: 8 })

const run = (request: ScanRequest, options: SimulatorOptions, before: (simulator: Running) => void = () => {}) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make(options)
    before(simulator)
    return { simulator, ...yield* Effect.provide(scan(request), engine(simulator, scanners)) }
  })

/** All that the tagging API lists. */
const tagged = (estate: Estate.Estate, places: ReadonlyArray<string> = regions) =>
  places.flatMap((region) =>
    estate.scanTagging(account, region, () => true, 0, 1_000_000, () => true).items.map(({ arn }) => arn)
  )

const others = (estate: Estate.Estate, places: ReadonlyArray<string> = [...regions, "global"]) =>
  places.flatMap((region) => estate.others(account, region))

const isTagged = ({ tags }: { readonly tags: Resource["tags"] }): boolean => Object.keys(tags ?? {}).length > 0
const isService = ({ sources }: Resource): boolean => sources.includes("service-api")
const isAlone = (one: Resource): boolean => !isService(one)

const counted = (cells: ReadonlyArray<CellResult>) => {
  const all = combineSeenBy(cells.flatMap(({ proof }) => proof?.seenBy ?? []))
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    of: (type: string) => all.find((one) => one.type === type),
    ghosts: sum(({ ghosts }) => ghosts),
    tagsDiffer: sum(({ tagsDiffer }) => tagsDiffer),
    unlisted: sum(({ unlisted }) => unlisted),
    unconfirmed: sum(({ unconfirmed }) => unconfirmed)
  }
}

describe("sources joined by ARN", () => {
  it("every resource exactly once, and exactly the disagreements that were planted", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          sizes,
          ghosts: fc.constantFrom(0, 0.3, 1),
          others: fc.nat(3),
          explorer: fc.boolean(),
          aggregator: fc.constantFrom<string | false>("us-east-1", "eu-west-1", false),
          changed: fc.nat(5),
          pageSize: fc.constantFrom(undefined, 1, 3)
        }),
        (drawn) =>
          Effect.gen(function*() {
            const { changed, explorer, pageSize, seed } = drawn
            const estate = Estate.make({
              seed,
              regions,
              counts: countsOf(drawn.sizes),
              ghosts: drawn.ghosts,
              others: drawn.others,
              explorer: { lag: 0, tagLag: 0, aggregator: drawn.aggregator },
              taggingLag: 3600,
              tags: { hostile: 0.4, untagged: 0.3 }
            })
            const differing = new Set<string>()
            const unheard = new Set<string>()
            const { cells, coverage, resources } = yield* run(
              { sources: explorer ? ["tagging-api", "resource-explorer"] : ["tagging-api"] },
              { estate, ...(pageSize === undefined ? {} : { pageSize }) },
              ({ estate }) => {
                const listed = new Set(tagged(estate))
                // Volumes tell their tags themselves; the tagging API does not know of the new ones yet.
                for (const { arn } of [...estate.resources({ type: "ec2:volume" })].slice(0, changed)) {
                  estate.tag(arn, { Owner: "changed-hands" })
                  ;(listed.has(arn) ? differing : unheard).add(arn)
                }
              }
            )
            assert.isTrue(coverage.complete, JSON.stringify(cells.find(({ outcome }) => outcome !== "scanned")))
            assert.strictEqual(new Set(resources.map(({ arn }) => arn)).size, resources.length)
            const services = resources.filter(isService)
            // What the tagging API does not know yet cannot be told of types whose tags come from it.
            assert.sameMembers(services.map(shown), [...estate.resources()].map(shown))

            const alone = others(estate).filter((one) => explorer || isTagged(one))
            assert.sameMembers(resources.filter(isAlone).map(shown), alone.map(shown))
            for (const one of resources.filter(isAlone)) {
              assert.deepStrictEqual([...one.sources], [
                ...(isTagged(one) ? ["tagging-api"] : []),
                ...(explorer ? ["resource-explorer"] : [])
              ])
            }
            const real = new Set([...estate.resources(), ...alone].map(({ arn }) => arn))
            const count = counted(cells)
            assert.deepStrictEqual(
              [count.ghosts, count.tagsDiffer, count.unlisted, count.unconfirmed],
              [tagged(estate).filter((arn) => !real.has(arn)).length, differing.size, unheard.size, alone.length]
            )
            const sampled = cells.flatMap(({ proof }) => proof?.disagreements ?? [])
            for (const { arn, kind } of sampled) {
              const planted = kind === "tags-differ" ? differing : kind === "unlisted" ? unheard : undefined
              assert.isTrue(planted === undefined ? !real.has(arn) : planted.has(arn), `${kind} ${arn}`)
            }
            for (const { type } of scanners) {
              const own = services.filter((one) => one.type === type)
              const listed = tagged(estate).filter((arn) => resourceTypeOf(Option.getOrThrow(Arn.parse(arn))) === type)
              const all = own.filter(({ arn }) => listed.includes(arn)).length
              const seen = count.of(type)
              assert.deepStrictEqual(
                [seen?.serviceApi, seen?.taggingApi, seen?.resourceExplorer, seen?.byAll],
                [own.length, listed.length, explorer ? own.length : undefined, all]
              )
              assert.strictEqual(
                seen?.byOneOnly,
                listed.length - all + (explorer ? 0 : own.length - all),
                type
              )
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ), 60_000)

  it("a tag filter gives what the truth filtered gives, also where the sweep of a Region is denied", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          sizes,
          tags: fc.array(
            fc.record({
              key: fc.constantFrom("Owner", "owner", "Environment", "CostCenter", "Nobody"),
              values: fc.subarray(["prod", "production", "Production", "development", "sre@example.com", "CC-1001", ""])
            }),
            { minLength: 1, maxLength: 2 }
          ),
          denied: fc.subarray(regions)
        }),
        ({ denied, seed, sizes, tags }) =>
          Effect.gen(function*() {
            const estate = Estate.make({ seed, regions, counts: countsOf(sizes), ghosts: 0.5, others: 2 })
            // Of one key one value or the other, of several keys all.
            const keys = [...new Set(tags.map(({ key }) => key))]
            const isWanted = (one: { readonly tags: Readonly<Record<string, string>> }) =>
              keys.every((key) =>
                Object.hasOwn(one.tags, key) && tags.some((filter) =>
                  filter.key === key && (filter.values.length === 0 || filter.values.includes(one.tags[key]!))
                )
              )
            const { cells, resources } = yield* run({ tags }, {
              estate,
              rules: denied.map((region) => ({ match: { service: "tagging", region }, fault: { type: "deny" as const } }))
            })
            assert.sameMembers(
              resources.filter(isService).map(shown),
              [...estate.resources()].filter(isWanted).map(shown)
            )
            const open = regions.filter((region) => !denied.includes(region))
            assert.sameMembers(
              resources.filter(isAlone).map(shown),
              others(estate, [...open, ...(denied.includes("us-east-1") ? [] : ["global"])]).filter(isWanted).map(shown)
            )
            for (const { calls, outcome, proof, region, type } of cells) {
              const isDenied = type === "tagging-api:resource" && denied.includes(region)
              assert.strictEqual(outcome, isDenied ? "denied" : "scanned", `${type} in ${region}`)
              if (proof?.by !== undefined) assert.deepStrictEqual([calls, untracked.has(type)], [0, false])
              // Nothing is proven by what could not be read.
              const reads = region !== "global" ? [region] : type === "s3:bucket" ? regions : ["us-east-1"]
              if (reads.some((one) => denied.includes(one))) assert.isUndefined(proof?.by)
            }
          }).pipe(Effect.scoped, Effect.runPromise)
      ),
      { numRuns: 100 }
    ), 60_000)
})

describe("what a source alone tells", () => {
  const estate = (options: Estate.EstateOptions = {}) =>
    Estate.make({ seed: 7, regions, counts: countsOf([4, 4, 4, 4, 4, 4, 4, 4]), others: 3, ghosts: 0.5, ...options })

  it.live("stays where a service may not be asked: unconfirmed, with its tags, in a cell that was not seen", () =>
    Effect.gen(function*() {
      const { cells, coverage, resources, simulator } = yield* run({ sources: ["tagging-api"] }, {
        estate: estate(),
        rules: [
          { match: { service: "ec2", operation: "DescribeVolumes", region: "eu-west-1" }, fault: { type: "deny" } },
          { match: { service: "s3", operation: "ListBuckets" }, fault: { type: "deny" } }
        ]
      })
      assert.isFalse(coverage.complete)
      const listed = regions.flatMap((region) =>
        simulator.estate.scanTagging(account, region, () => true, 0, 1000, () => true).items
          .map(({ arn, tags }) => ({ arn, region, tags: Object.fromEntries(tags) }))
      )
      for (const [type, head, where] of [
        ["ec2:volume", "arn:aws:ec2:eu-west-1:111122223333:volume/", "eu-west-1"],
        ["s3:bucket", "arn:aws:s3:::", "global"]
      ] as const) {
        const expected = listed.filter(({ arn }) => arn.startsWith(head))
        const found = resources.filter((one) => one.type === type && (where === "global" || one.region === where))
        assert.sameMembers(found.map(shown), expected.map(shown))
        assert.isTrue(found.every(({ marks, sources }) => marks?.[0] === "unconfirmed" && sources[0] === "tagging-api"))
        const cell = cells.find((one) => one.type === type && one.region === where)
        assert.deepStrictEqual(
          [cell?.outcome, cell?.resources, cell?.proof?.seenBy[0]?.unconfirmed, cell?.proof?.seenBy[0]?.serviceApi],
          ["denied", expected.length, expected.length, undefined]
        )
      }
    }).pipe(Effect.scoped))

  it.live("is left out where only some types are asked for, and a narrowed scan keeps to its Regions", () =>
    Effect.gen(function*() {
      const { cells, resources, simulator } = yield* run(
        { types: ["ec2:volume", "iam:role"], regions: ["eu-west-1"], sources: ["tagging-api"] },
        { estate: estate() }
      )
      assert.isTrue(resources.every(isService))
      assert.deepStrictEqual(
        cells.map(({ region, type }) => `${region} ${type}`).toSorted(),
        [
          "eu-west-1 ec2:volume",
          "eu-west-1 tagging-api:types-in-scope",
          "global iam:role",
          "global tagging-api:types-in-scope"
        ]
      )
      const all = yield* run({ regions: ["eu-west-1"], sources: ["tagging-api"] }, { estate: estate() })
      assert.sameMembers(
        all.resources.filter(isAlone).map(shown),
        others(simulator.estate, ["eu-west-1", "global"]).filter(isTagged).map(shown)
      )
    }).pipe(Effect.scoped))

  const explorerOnly: ScanRequest = { sources: ["resource-explorer"] }

  it.live("Resource Explorer tells how old its index is, and lists more than a search can", () =>
    Effect.gen(function*() {
      const { cells, resources, simulator } = yield* run(explorerOnly, {
        estate: Estate.make({ regions: ["us-east-1"], counts: { "sns:topic": 10 }, others: 400, explorer: {} })
      })
      const sweep = cells.find(({ type }) => type === "resource-explorer:resource")
      assert.strictEqual(sweep?.outcome, "scanned")
      assert.sameMembers(resources.filter(isAlone).map(shown), others(simulator.estate, ["us-east-1", "global"]).map(shown))
      assert.isAbove(resources.filter(isAlone).length, 2000)
      const [index, ...more] = sweep?.proof?.indexes ?? []
      assert.deepStrictEqual([index?.region, index?.type, index?.resources, more.length], ["us-east-1", "AGGREGATOR", 2410, 0])
      assert.strictEqual(index?.updatedAt, "2024-01-01T00:00:00.000Z")
      assert.isString(index?.newestReport)
      assert.deepStrictEqual(simulator.calls().filter(({ operation }) => operation === "Search"), [])
    }).pipe(Effect.scoped))

  it.live.each(
    [
      ["no index at all", {}, /no index in account 111122223333/u, "none"],
      ["a Region without an index", { explorer: { indexes: ["us-east-1"] } }, /no index of eu-west-1/u, "some"],
      ["a view that shows only part", { explorer: { filter: "service:appsync" } }, /shows only part/u, "some"]
    ] as const
  )("Resource Explorer fails where it does not see everything: %s", ([, options, message, found]) =>
    Effect.gen(function*() {
      const { cells, coverage, resources } = yield* run(explorerOnly, { estate: estate(options) })
      const sweep = cells.find(({ type }) => type === "resource-explorer:resource")
      assert.strictEqual(sweep?.outcome, "failed")
      assert.match(sweep?.reason?.message ?? "", message)
      assert.isFalse(coverage.complete)
      // What it did list is there all the same; what it would have listed is not known.
      assert.strictEqual(resources.some(isAlone), found === "some")
      assert.isTrue(cells.every(({ proof }) => proof?.seenBy.every(({ resourceExplorer }) => resourceExplorer === undefined) !== false))
    }).pipe(Effect.scoped))

  it.live("a view without tags leaves them unknown, and cannot be searched by tag", () =>
    Effect.gen(function*() {
      const options = { estate: estate({ explorer: { tags: false } }) }
      const { coverage, resources } = yield* run(explorerOnly, options)
      assert.isTrue(resources.filter(isAlone).every(({ tags }) => tags === null))
      assert.strictEqual(coverage.unknownTags, resources.filter(isAlone).length)
      const { cells } = yield* run({ ...explorerOnly, tags: [{ key: "Owner", values: [] }] }, options)
      const sweep = cells.find(({ type }) => type === "resource-explorer:resource")
      assert.deepStrictEqual([sweep?.outcome, sweep?.resources], ["failed", 0])
      assert.match(sweep?.reason?.message ?? "", /has no tags/u)
    }).pipe(Effect.scoped))

  it.live("a view that is named is the one that is read", () =>
    Effect.gen(function*() {
      const whole = yield* run(explorerOnly, { estate: estate({ explorer: { aggregator: "eu-west-1" } }) })
      const wrong = `arn:aws:resource-explorer-2:eu-west-1:${account}:view/other/6b6e0b5a-0000-4000-a000-000000000000`
      const other = yield* run({ ...explorerOnly, explorerView: wrong }, {
        estate: estate({ explorer: { aggregator: "eu-west-1" } })
      })
      const outcomeOf = ({ cells }: typeof whole) => cells.find(({ type }) => type === "resource-explorer:resource")?.outcome
      assert.deepStrictEqual([outcomeOf(whole), outcomeOf(other)], ["scanned", "denied"])
      const asked = new Set(other.simulator.calls().filter(({ service }) => service === "resource-explorer-2").map(({ operation, region }) => `${region} ${operation}`))
      assert.deepStrictEqual([...asked].toSorted(), ["eu-west-1 GetIndex", "eu-west-1 GetView"])
    }).pipe(Effect.scoped))
})
