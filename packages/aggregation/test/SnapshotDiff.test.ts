import { byArn, type ResourceState, SnapshotDiff } from "@cadastre/aggregation"
import { AccountId, type Cell, type CellResult, RegionId, ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"

const cell: Cell = {
  accountId: AccountId.make("111122223333"),
  region: RegionId.make("eu-west-1"),
  type: ResourceType.ResourceType.make("sqs:queue")
}
const scanned: CellResult = { ...cell, outcome: "scanned", resources: 0, unknownTags: 0, calls: 1, durationMs: 1 }

const state = (n: number, tags: ResourceState["tags"], verdict: ResourceState["verdict"] = "compliant"): ResourceState => ({
  arn: `arn:aws:sqs:eu-west-1:111122223333:${n}`,
  id: `${n}`,
  cell,
  region: cell.region,
  tags,
  verdict,
  violations: verdict === "violating" ? [{ tag: "Owner", rule: "missing_required_tag", severity: "error" }] : []
})

/** In pages of any size. */
const pages = (states: ReadonlyArray<ResourceState>, size: number) => Stream.rechunk(Stream.fromIterable(states.toSorted(byArn)), size)

const changes = (
  before: ReadonlyArray<ResourceState>,
  after: ReadonlyArray<ResourceState>,
  options: { readonly samePolicy?: boolean; readonly tagKeys?: ReadonlyArray<string>; readonly sizes?: readonly [number, number] } = {}
) =>
  Effect.runPromise(Stream.runCollect(SnapshotDiff.diff(
    { states: pages(before, options.sizes?.[0] ?? 3), cells: [scanned] },
    { states: pages(after, options.sizes?.[1] ?? 2), cells: [scanned] },
    options
  )))

describe("SnapshotDiff", () => {
  it("names each tag that was added, removed or changed, `__proto__` too", async () => {
    const hostile = Object.fromEntries([["__proto__", "x"], ["Owner", "a"], ["Old", "1"]])
    const [change, ...others] = await changes([state(1, hostile)], [state(1, { Owner: "b", New: "" })])
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual(change?._tag === "Changed" ? change.tags : [], [
      { key: "New", after: "" },
      { key: "Old", before: "1" },
      { key: "Owner", before: "a", after: "b" },
      { key: "__proto__", before: "x" }
    ])
    const counter = SnapshotDiff.counter()
    counter.add(change!)
    const one = { added: 0, removed: 0, changed: 0 }
    assert.deepStrictEqual(counter.totals(), {
      added: 0,
      removed: 0,
      changed: 1,
      notComparable: 0,
      byTag: Object.fromEntries([
        ["New", { ...one, added: 1 }],
        ["Old", { ...one, removed: 1 }],
        ["Owner", { ...one, changed: 1 }],
        ["__proto__", { ...one, removed: 1 }]
      ])
    })
  })

  it("compares verdicts where the policy is the same, and only the tags that are asked for", async () => {
    const [before, after] = [[state(1, { A: "1" })], [state(1, { A: "1" }, "violating")]]
    assert.deepStrictEqual((await changes(before, after)).map(({ _tag }) => _tag), ["Changed"])
    assert.deepStrictEqual(await changes(before, after, { samePolicy: false }), [])
    assert.deepStrictEqual(await changes([state(1, { A: "1", B: "1" })], [state(1, { A: "2", B: "1" })], { tagKeys: ["B"] }), [])
  })

  it("is what two maps differ in, whatever the pages, and backwards it is its opposite", () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.nat(40).map(String), fc.constantFrom("a", "b")),
        fc.dictionary(fc.nat(40).map(String), fc.constantFrom("a", "b")),
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        async (old, now, sizes) => {
          const statesOf = (owners: Readonly<Record<string, string>>) =>
            Object.entries(owners).map(([n, owner]) => state(Number(n), { Owner: owner }))
          const names = (found: Awaited<ReturnType<typeof changes>>) =>
            found.map((change) => `${change._tag} ${change._tag === "Changed" ? change.after.id : change.state.id}`).toSorted()
          const expected = [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((n) =>
            !(n in old) ? [`Added ${n}`] : !(n in now) ? [`Removed ${n}`] : old[n] === now[n] ? [] : [`Changed ${n}`])
          assert.deepStrictEqual(names(await changes(statesOf(old), statesOf(now), { sizes })), expected.toSorted())
          const opposite = (name: string) => name.replace(/^(Added|Removed)/u, (word) => word === "Added" ? "Removed" : "Added")
          assert.deepStrictEqual(names(await changes(statesOf(now), statesOf(old), { sizes })), expected.map(opposite).toSorted())
        }
      ),
      { numRuns: 200 }
    ))
})
