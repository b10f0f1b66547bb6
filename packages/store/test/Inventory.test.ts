import { type Cell, cellKey, type Outcome, RegionId, type Resource, ResourceType, Tags } from "@cadastre/model"
import { Inventory, InventoryRecorder, Store } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { backends } from "./Backends.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const global: Cell = { ...cells[0]!, region: "global", type: ResourceType.ResourceType.make("s3:bucket") }
const estateCells = [cells[0]!, cells[1]!, cells[3]!, global]
const regions = [RegionId.make("us-east-1"), RegionId.make("eu-west-1")]

/** The nth resource of a cell, seen now; buckets are in one Region or the other. */
const seen = Effect.fnUntraced(function*(cell: Cell, n: number): Effect.fn.Return<Resource> {
  const observedAt = DateTime.formatIso(yield* DateTime.now)
  return { ...resourceOf(cell, n), region: cell.region === "global" ? regions[n % 2]! : cell.region, observedAt }
})

const allOf = Effect.fnUntraced(function*(estate: string) {
  const { items, next } = yield* (yield* Inventory).search({ estate, limit: 1000 })
  assert.isUndefined(next)
  return items
})

type Step =
  | { readonly kind: "begin"; readonly scan: number; readonly narrowed: boolean }
  | { readonly kind: "found"; readonly scan: number; readonly cell: number; readonly n: number }
  | { readonly kind: "end"; readonly scan: number; readonly cell: number; readonly outcome: Outcome }

describe.each(backends())("the inventory in $name", ({ fresh }) => {
  it.effect("Property 19: stale deletion touches only what a scanned cell did not contain", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-20T00:00:00Z"))
      const context = yield* Layer.build(Store.layer(yield* fresh))
      let run = 0
      /** Two scans at a time, whose steps come in any order; a table in memory beside it. */
      const check = Effect.fnUntraced(function*(steps: ReadonlyArray<Step>) {
        const inventory = yield* Inventory
        const estate = `run ${run++}`
        interface Held {
          readonly cell: Cell
          readonly resource: Resource
          lastSeen: number
        }
        let held: Array<Held> = []
        const scans = new Map<number, {
          readonly id: string
          readonly beganAt: number
          readonly narrowed: boolean
          readonly found: Set<string>
          readonly recording: Inventory["Service"] extends { begin: (...args: never) => Effect.Effect<infer A> } ? A : never
        }>()
        let number = 0
        for (const step of steps) {
          yield* TestClock.adjust("1 second")
          const now = (yield* DateTime.now).epochMilliseconds
          const known = scans.get(step.scan)
          if (step.kind === "begin" || known === undefined) {
            const narrowed = step.kind === "begin" && step.narrowed
            const id = `scan ${number++}`
            const recording = yield* inventory.begin({ id, estate, ...(narrowed ? { regions: [regions[0]!] } : {}) })
            scans.set(step.scan, { id, beganAt: now, narrowed, found: new Set(), recording })
            continue
          }
          const cell = estateCells[step.cell]!
          if (step.kind === "found") {
            const resource = yield* seen(cell, step.n)
            // A narrowed scan does not find what is elsewhere.
            if (known.narrowed && resource.region !== regions[0]) continue
            yield* known.recording.add({ cell, resources: [resource] })
            known.found.add(`${cellKey(cell)} ${resource.arn}`)
            held = held.filter((item) => item.resource.arn !== resource.arn || item.cell !== cell)
            held.push({ cell, resource, lastSeen: now })
          } else {
            const removed = yield* known.recording.end(resultOf(cell, 1, step.outcome))
            const stale = step.outcome !== "scanned" ? [] : held.filter((item) =>
              item.cell === cell && !known.found.has(`${cellKey(cell)} ${item.resource.arn}`) && item.lastSeen < known.beganAt &&
              (!known.narrowed || cell !== global || item.resource.region === regions[0]))
            assert.strictEqual(removed, stale.length)
            held = held.filter((item) => !stale.includes(item))
          }
          const now2 = yield* allOf(estate)
          assert.sameMembers(
            now2.map(({ cell, resource }) => `${cellKey(cell)} ${resource.arn}`),
            held.map(({ cell, resource }) => `${cellKey(cell)} ${resource.arn}`)
          )
        }
        const items = yield* allOf(estate)
        const byName = new Map(held.map((item) => [`${cellKey(item.cell)} ${item.resource.arn}`, item]))
        for (const { cell, lastSeen, resource } of items) {
          const expected = byName.get(`${cellKey(cell)} ${resource.arn}`)!
          assert.deepStrictEqual(resource, expected.resource)
          assert.strictEqual(lastSeen, expected.lastSeen)
        }
      })
      const scan = fc.nat(1)
      const cell = fc.nat(estateCells.length - 1)
      const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
        fc.oneof(
          { weight: 1, arbitrary: fc.record({ kind: fc.constant("begin" as const), scan, narrowed: fc.boolean() }) },
          { weight: 3, arbitrary: fc.record({ kind: fc.constant("found" as const), scan, cell, n: fc.nat(3) }) },
          {
            weight: 2,
            arbitrary: fc.record({
              kind: fc.constant("end" as const),
              scan,
              cell,
              outcome: fc.constantFrom<Outcome>("scanned", "scanned", "scanned", "denied", "failed", "unsupported", "timed-out", "skipped")
            })
          }
        ),
        { maxLength: 24 }
      )
      const services = yield* Effect.context()
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(steps, (steps) =>
            Effect.runPromiseWith(services)(Effect.provide(check(steps), context))),
          { numRuns: process.env.CADASTRE_NIGHTLY === "1" ? 500 : 100 }
        )
      )
    }).pipe(Effect.scoped), 120_000)

  it.effect("what another scan saw since stays, and so does a cell that is read again from an earlier scan", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-11-20T00:00:00Z"))
      yield* Effect.gen(function*() {
        const inventory = yield* Inventory
        const [cell] = cells as [Cell]
        const old = yield* inventory.begin({ id: "old", estate: "aws" })
        yield* old.add({ cell, resources: [yield* seen(cell, 1), yield* seen(cell, 2)] })
        yield* TestClock.adjust("1 hour")
        const newer = yield* inventory.begin({ id: "newer", estate: "aws" })
        yield* newer.add({ cell, resources: [yield* seen(cell, 3)] })
        yield* TestClock.adjust("1 hour")
        // What it says of the cell is from before the other scan.
        const again = yield* inventory.begin({ id: "again", estate: "aws" })
        yield* again.add({ cell, resources: [{ ...yield* seen(cell, 1), observedAt: "2026-11-20T00:30:00.000Z", tags: { Owner: "old" } }] })
        const removed = yield* again.end({ ...resultOf(cell, 1), seenAt: "2026-11-20T00:30:00.000Z", durationMs: 60_000 })
        assert.strictEqual(removed, 1)
        assert.deepStrictEqual((yield* allOf("aws")).map(({ resource }) => resource.id), ["1", "3"])
        // An older observation does not overwrite a newer one.
        yield* newer.add({ cell, resources: [yield* seen(cell, 1)] })
        yield* again.add({ cell, resources: [{ ...yield* seen(cell, 1), observedAt: "2026-11-20T00:31:00.000Z", tags: { Owner: "older" } }] })
        const [item] = yield* inventory.find("aws", resourceOf(cell, 1).arn)
        assert.notStrictEqual(Tags.get(item!.resource.tags!, "Owner"), "older")
        assert.strictEqual(item!.firstSeen, Date.parse("2026-11-20T00:00:00Z"))
        assert.strictEqual(item!.lastSeen, Date.parse("2026-11-20T02:00:00Z"))
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))

  it.live("search finds what a list in memory would have, page by page", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const inventory = yield* Inventory
        const owners = ["Ana", "ana", "b%_c", "O'Neil", "ünï"]
        const all: Array<Resource> = []
        const recording = yield* inventory.begin({ id: "one", estate: "aws" })
        for (const cell of [...cells, global]) {
          const resources = yield* Effect.forEach(Array.from({ length: 40 }, (_, n) => n), (n) =>
            Effect.map(seen(cell, n), (resource): Resource => ({
              ...resource,
              name: `name-${n}`,
              tags: n % 7 === 0 ? null : { Owner: owners[n % owners.length]!, [`key${n % 3}`]: "", __proto__: { x: 1 } as never }
            })))
          all.push(...resources)
          yield* recording.add({ cell, resources })
        }
        const other = yield* inventory.begin({ id: "two", estate: "elsewhere" })
        yield* other.add({ cell: cells[0]!, resources: [yield* seen(cells[0]!, 1000)] })

        const queries: ReadonlyArray<readonly [Parameters<Inventory["Service"]["search"]>[0], (resource: Resource) => boolean]> = [
          [{ estate: "aws" }, () => true],
          [{ estate: "aws", types: ["sqs:queue", "s3:bucket"] }, ({ type }) => type === "sqs:queue" || type === "s3:bucket"],
          [{ estate: "aws", regions: ["eu-west-1"] }, ({ region }) => region === "eu-west-1"],
          [{ estate: "aws", accounts: ["000000000000"] }, () => false],
          [{ estate: "aws", types: [] }, () => false],
          [{ estate: "aws", text: "NAME-3" }, ({ name }) => name!.startsWith("name-3")],
          [{ estate: "aws", text: "ANA eu-west" }, ({ arn, tags }) => /^ana$/iu.test(tags?.Owner ?? "") && arn.includes("eu-west")],
          [{ estate: "aws", tags: { Owner: "Ana" } }, ({ tags }) => tags?.Owner === "Ana"],
          [{ estate: "aws", tags: { Owner: "b%_c" } }, ({ tags }) => tags?.Owner === "b%_c"],
          [{ estate: "aws", tags: { Owner: "O'Neil", key1: null } }, ({ tags }) => tags?.Owner === "O'Neil" && tags.key1 !== undefined],
          [{ estate: "aws", tags: { Owner: "ÜNÏ" } }, () => false],
          [{ estate: "aws", text: "ÜNÏ" }, ({ tags }) => tags?.Owner === "ünï"],
          [{ estate: "aws", text: "' OR 1=1 --" }, () => false]
        ]
        for (const [query, fits] of queries) {
          const found: Array<string> = []
          let after: string | undefined
          let pages = 0
          do {
            const page = yield* inventory.search({ ...query, limit: 13, ...(after === undefined ? {} : { after }) })
            found.push(...page.items.map(({ resource }) => resource.arn))
            after = page.next
            pages++
          } while (after !== undefined)
          const expected = all.filter(fits).map(({ arn }) => arn).toSorted()
          assert.deepStrictEqual(found, expected, JSON.stringify(query))
          assert.strictEqual(pages, Math.max(1, Math.ceil(expected.length / 13)))
        }
        const error = yield* Effect.flip(inventory.search({ estate: "aws", after: "nonsense" }))
        assert.match(error.message, /cursor/u)
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped), 60_000)

  it.live("knows which estates there are", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const inventory = yield* Inventory
        assert.deepStrictEqual(yield* inventory.estates, [])
        const estates = ["http://127.0.0.1:4566", "aws", "aws?tags=[]"]
        for (const estate of estates) {
          const recording = yield* inventory.begin({ id: "one", estate })
          yield* recording.add({ cell: cells[0]!, resources: [yield* seen(cells[0]!, 1), yield* seen(cells[0]!, 2)] })
        }
        assert.sameOrderedMembers([...yield* inventory.estates], ["aws", "aws?tags=[]", "http://127.0.0.1:4566"])
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))

  it.live("takes many events at once, and deletes what a cell had only when all of its pages are there", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const [cell] = cells as [Cell]
        const estate = "aws"
        const page = yield* Effect.forEach(Array.from({ length: 700 }, (_, n) => n), (n) => seen(cell, n))
        const run = (id: string, pages: ReadonlyArray<ReadonlyArray<Resource>>) =>
          Effect.scoped(Effect.gen(function*() {
            const record = yield* InventoryRecorder.make({ id, estate })
            for (const resources of pages) yield* record({ _tag: "ResourcesFound", cell, resources })
            // Not before the scan is over, or there is enough of it.
            const { items } = yield* (yield* Inventory).search({ estate, limit: 1000 })
            yield* record({ _tag: "CellEnded", result: resultOf(cell, pages.flat().length) })
            return items.length
          }))
        assert.strictEqual(yield* run("one", [page.slice(0, 500), page.slice(500)]), 0)
        assert.lengthOf(yield* allOf(estate), 700)
        // Seen after those, by the clock that all of them go by.
        const later = yield* Effect.forEach(page.slice(600), (_, n) => seen(cell, 600 + n))
        assert.strictEqual(yield* run("two", [later]), 700)
        assert.lengthOf(yield* allOf(estate), 100)
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))

  it.live("takes the events of a scan as they come", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const [cell, other] = cells as [Cell, Cell]
        const resource = yield* seen(cell, 1)
        yield* Effect.scoped(Effect.gen(function*() {
          const record = yield* InventoryRecorder.make({ id: "one", estate: "aws" })
          yield* record({ _tag: "ResourcesFound", cell, resources: [resource, resource] })
          yield* record({ _tag: "ResourcesFound", cell: other, resources: [resource] })
          yield* record({ _tag: "CellEnded", result: resultOf(cell, 2) })
        }))
        const items = yield* (yield* Inventory).find("aws", resource.arn)
        // The same ARN in two cells is two things that are kept up to date each by its own cell.
        assert.deepStrictEqual(items.map(({ cell }) => cellKey(cell)).toSorted(), [cellKey(cell), cellKey(other)].toSorted())
      }).pipe(Effect.provide(Store.layer(yield* fresh)))
    }).pipe(Effect.scoped))
})
