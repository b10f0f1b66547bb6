/**
 * Whether resources that are named by their ARNs follow the policy.
 *
 * Each is looked for by its own service, in the one cell where it would be.
 * What is not found there is not found, whatever the tagging API says, which
 * goes on listing what was deleted.
 *
 * @since 0.1.0
 */
import { type Cell, cellKey, type CellResult, type Resource, type ScanEvent, sweptSourceOf, type Tags } from "@cadastre/model"
import { isCompliant, type Validator } from "@cadastre/policy"
import { type Scan, type ScannerRegistry, Sweeps } from "@cadastre/scanner-core"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ArnTarget from "./ArnTarget.ts"
import * as CellsPlan from "./CellsPlan.ts"
import * as CompiledPolicy from "./CompiledPolicy.ts"
import * as ScoreScope from "./ScoreScope.ts"
import {
  ArnCountError,
  countsOf,
  mostArns,
  type ValidatedResource,
  type ValidateRequest,
  type ValidationResult
} from "./Validation.ts"
import * as Whereabouts from "./Whereabouts.ts"

/** As those of a check. */
interface Options {
  readonly onEvent?: (event: ScanEvent) => Effect.Effect<void>
  readonly stop?: Effect.Effect<void>
}

/**
 * Fails with {@link ArnCountError}, and where no scan can be planned.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function*(
  { registry, scan }: { readonly scan: Scan["Service"]; readonly registry: ScannerRegistry["Service"] },
  request: ValidateRequest,
  options: Options = {}
) {
  const { arns, include = [], policy } = request
  if (arns.length < 1 || arns.length > mostArns) return yield* new ArnCountError({ count: arns.length })
  const asked = [...new Set(arns.map((arn) => arn.trim()))].map((text) => ({ text, read: ArnTarget.read(text) }))
  const entries = yield* registry.entries
  const now = yield* Clock.currentTimeMillis
  const validator = ScoreScope.validator(CompiledPolicy.at(policy, now), {
    freeTypes: entries.flatMap(({ free, type }) => free ? [type] : []),
    include
  })

  const targets = asked.flatMap(({ read }) => read._tag === "Invalid" ? [] : [read.target])
  const estate = targets.length === 0 ? undefined : yield* Whereabouts.plan(scan, request, entries, targets)
  const aims = asked.map(({ read, text }): Aim => ({
    text,
    place: read._tag === "Invalid"
      ? { _tag: "Settled", outcome: "invalid-arn", message: read.message }
      : Whereabouts.placeOf(estate!, read.target, read._tag === "Part" ? read.message : undefined),
    target: read._tag === "Invalid" ? undefined : read.target,
    found: undefined,
    candidates: []
  }))
  const seen = estate === undefined ? nothingSeen : yield* look(scan, estate, aims, options)
  const resources = aims.map((aim) => answerOf(aim, seen, validator))
  return {
    ...countsOf(resources),
    resources,
    accountIds: estate?.accountIds ?? [],
    scanTimestamp: DateTime.formatIso(DateTime.makeUnsafe(now)),
    policyHash: CompiledPolicy.hashOf(policy)
  } satisfies ValidationResult
})

/** One of the ARNs that are asked for. */
interface Aim {
  readonly text: string
  readonly target: ArnTarget.ArnTarget | undefined
  readonly place: Whereabouts.Place
  found: Resource | undefined
  /** Those that may be meant by it. */
  readonly candidates: Array<Resource>
}

/** How the cells ended, and what the tagging API says of what there is no scanner for. */
interface Seen {
  readonly cells: ReadonlyMap<string, CellResult>
  readonly tags: ReadonlyMap<string, Tags.Tags>
}

const nothingSeen: Seen = { cells: new Map(), tags: new Map() }

/** Lists the cells where the resources would be, until all of them were found. */
const look = Effect.fnUntraced(function*(
  scan: Scan["Service"],
  estate: Whereabouts.Estate,
  aims: ReadonlyArray<Aim>,
  { onEvent, stop }: Options
): Effect.fn.Return<Seen> {
  const cells = new Map<string, CellResult>()
  const tags = new Map<string, Tags.Tags>()
  const sought = aims.filter(({ place }) => place._tag === "Cells")
  const asides = Map.groupBy(
    aims.flatMap(({ place, text }) => place._tag === "Settled" && place.aside !== undefined ? [{ place: place.aside, text }] : []),
    ({ place: { accountId, region } }) => `${accountId}/${region}`
  )
  const plan = CellsPlan.only(
    estate.plan,
    sought.flatMap(({ place }) => place._tag === "Cells" ? place.cells : []),
    [...asides.values()].map((its) => ({ place: its[0]!.place, entry: Sweeps.named(its.map(({ text }) => text)) }))
  )
  if (plan.cells.length === 0) return nothingSeen
  const byKey = Map.groupBy(sought, ({ target }) => target!.key)
  let missing = sought.length
  let unread = asides.size
  const enough = yield* Deferred.make<void>()

  const meet = (cell: Cell, resource: Resource): void => {
    const { keys, short } = ArnTarget.keysOf(resource)
    for (const aim of keys.flatMap((key) => byKey.get(key) ?? [])) {
      if (aim.found !== undefined || !isIn(aim, cell)) continue
      aim.found = resource
      missing--
    }
    if (short === undefined) return
    for (const aim of byKey.get(short) ?? []) if (isIn(aim, cell)) aim.candidates.push(resource)
  }

  yield* Stream.runForEach(
    scan.run(plan, { stop: Effect.raceFirst(stop ?? Effect.never, Deferred.await(enough)) }),
    Effect.fnUntraced(function*(event) {
      if (event._tag === "ResourcesFound") {
        const isAside = sweptSourceOf(event.cell.type) !== undefined
        for (const resource of event.resources) {
          if (!isAside) meet(event.cell, resource)
          else if (resource.tags !== null) tags.set(ArnTarget.keyOf(resource.arn), resource.tags)
        }
      }
      if (event._tag === "CellEnded") {
        cells.set(cellKey(event.result), event.result)
        if (sweptSourceOf(event.result.type) !== undefined) unread--
      }
      if (missing === 0 && unread === 0) yield* Deferred.succeed(enough, undefined)
      if (onEvent !== undefined) yield* onEvent(event)
    })
  )
  return { cells, tags }
})

const isIn = ({ place }: Aim, cell: Cell): boolean =>
  place._tag === "Cells" && place.cells.some((one) => cellKey(one) === cellKey(cell))

const answerOf = (aim: Aim, seen: Seen, validator: Pick<Validator, "check">): ValidatedResource => {
  const { found, place, target, text } = aim
  const said = { arn: text, ...target === undefined ? {} : { type: target.type }, violations: [] }
  if (place._tag === "Settled") {
    const tags = place.aside === undefined ? undefined : seen.tags.get(target!.key)
    return { ...said, outcome: place.outcome, ...tags === undefined ? {} : { tags }, message: place.message }
  }
  if (found !== undefined) return judged(text, found, validator)
  const unseen = place.cells.map((cell) => seen.cells.get(cellKey(cell)) ?? { ...cell, ...neverRun })
    .find(({ outcome }) => outcome !== "scanned" && outcome !== "unsupported")
  if (unseen !== undefined) {
    const { accountId, outcome, reason, region, type } = unseen
    return {
      ...said,
      outcome: "unknown",
      cell: { accountId, region, type, outcome, ...reason === undefined ? {} : { reason } },
      message: `it would be among ${type} of account ${accountId}, ${region}, which could not be seen: ${outcome}` +
        (reason === undefined ? "" : `: ${reason.message}`)
    }
  }
  const meant = [...new Map(aim.candidates.map((resource) => [resource.arn, resource])).values()]
  if (meant.length === 1) return judged(text, meant[0]!, validator)
  if (meant.length > 1) {
    const names = meant.map(({ arn }) => arn).toSorted()
    return { ...said, outcome: "unknown", message: `${names.length} resources have this ARN in its old form: ${names.join(", ")}` }
  }
  return place.doubt === undefined
    ? { ...said, outcome: "not-found", message: place.message }
    : { ...said, outcome: "unknown", message: place.doubt }
}

const neverRun = { outcome: "skipped" as const, resources: 0, unknownTags: 0, calls: 0, durationMs: 0 }

const judged = (text: string, resource: Resource, validator: Pick<Validator, "check">): ValidatedResource => {
  const verdict = validator.check(resource)
  const { accountId, arn, name, region, tags, type } = resource
  return {
    arn: text,
    outcome: verdict._tag === "Unknown"
      ? "unknown-tags"
      : verdict._tag === "NotApplicable"
      ? "not-applicable"
      : isCompliant(verdict)
      ? "compliant"
      : "violating",
    resourceArn: arn,
    type,
    accountId,
    region,
    ...name === undefined ? {} : { name },
    tags,
    violations: verdict.violations,
    ...verdict._tag === "NotApplicable" ? { notApplicable: verdict.reason } : {}
  }
}
