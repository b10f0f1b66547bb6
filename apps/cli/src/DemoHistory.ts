/**
 * The days before the demonstration: what the product itself would have said of the estate then.
 *
 * The estate is scanned once. For each of some earlier days it is altered as the
 * weeks would have: some resources were not there yet, and some had not the tags that
 * they have now. Each is judged and stored by the same check as any other scan.
 */
import { createHash } from "node:crypto"
import { Compliance, ResultCache, type ScoreScope } from "@cadastre/compliance"
import type { Resource, ScanEvent } from "@cadastre/model"
import type { TagPolicy } from "@cadastre/policy"
import { Scan, type ScanRequest } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** Days ago, the oldest first. */
const days = [28, 21, 14, 7, 3, 1]

/** Fills the store with the snapshots of earlier days, of the scope and the policy that are asked about. */
export const fill = Effect.fnUntraced(function*(
  request: ScanRequest,
  policy: TagPolicy,
  include: ReadonlyArray<ScoreScope.Includable>
) {
  const scan = yield* Scan
  const plan = yield* scan.plan(request)
  const events = yield* Stream.runCollect(scan.run(plan))
  const now = yield* Clock.currentTimeMillis
  for (const age of days) {
    const at = DateTime.formatIso(DateTime.makeUnsafe(now - age * dayMs))
    const earlier = Layer.succeed(Scan, Scan.of({
      ...scan,
      plan: () => Effect.succeed(plan),
      run: () => Stream.fromIterable(altered(events, age, at))
    }))
    yield* Effect.flatMap(Compliance, (compliance) =>
      compliance.check({ ...request, policy, include, storeSnapshot: true, forceRefresh: true })
    ).pipe(Effect.provide(Layer.fresh(Compliance.layerNoDeps).pipe(Layer.provide([earlier, ResultCache.layerMemory]))))
  }
})

const dayMs = 86_400_000

const altered = (events: ReadonlyArray<ScanEvent>, age: number, at: string): ReadonlyArray<ScanEvent> => {
  const found = new Map<string, number>()
  const pages = events.map((event): ScanEvent => {
    if (event._tag !== "ResourcesFound") return event
    const resources = event.resources.filter(({ arn }) => !isYounger(arn, age)).map((resource) => asOf(resource, age, at))
    const cell = JSON.stringify(Object.values(event.cell))
    found.set(cell, (found.get(cell) ?? 0) + resources.length)
    return { ...event, resources }
  })
  return pages.map((event): ScanEvent => {
    if (event._tag === "ScanStarted") return { ...event, startedAt: at }
    if (event._tag !== "CellEnded") return event
    const { accountId, region, type } = event.result
    const resources = found.get(JSON.stringify([accountId, region, type])) ?? 0
    return { ...event, result: { ...event.result, resources } }
  })
}

/** One in twelve came in the last four weeks. */
const isYounger = (arn: string, age: number): boolean => chanceOf(arn, "created") * 28 * 12 < age

/** One in five got one of its tags in the last four weeks. */
const asOf = (resource: Resource, age: number, observedAt: string): Resource => {
  if (resource.tags === null || chanceOf(resource.arn, "tagged") * 28 * 5 >= age) return { ...resource, observedAt }
  const keys = Object.keys(resource.tags).filter((key) => !key.startsWith("aws:")).toSorted()
  const lost = keys[Math.floor(chanceOf(resource.arn, "tag") * keys.length)]
  const tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => key !== lost))
  return { ...resource, tags, observedAt }
}

/** From 0 to 1, the same for the same text. */
const chanceOf = (...texts: ReadonlyArray<string>): number =>
  createHash("sha256").update(JSON.stringify(texts)).digest().readUInt32BE(0) / 2 ** 32
