/**
 * The scans of all sessions: those that go on after their call was answered,
 * and for a while the results of those that have ended.
 *
 * @since 0.1.0
 */
import { randomUUID } from "node:crypto"
import type { CheckOptions, ComplianceResult } from "@cadastre/compliance"
import type { ScanEvent } from "@cadastre/model"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Session } from "./Guardrails.ts"
import { KeptScans, type KnownScan, limits, Scan, type ScanLimits, type ScanProgress } from "./KeptScans.ts"
import { ResourceChanges } from "./ResourceChanges.ts"
import type { Page, ScanResult } from "./ScanResult.ts"
import type { Call, ToolError } from "./Tool.ts"

/** @since 0.1.0 */
export type { KnownScan } from "./KeptScans.ts"

/**
 * There is no such scan, or it is somebody else's, or it was forgotten: which, is nobody's business.
 *
 * @category errors
 * @since 0.1.0
 */
export class ScanNotFound extends Schema.TaggedError<ScanNotFound>()("ScanNotFound", {
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return "This session has no such scan: results are kept for a while and belong to whose token it was that asked, " +
      "or, without tokens, to the session that asked, and end with it. " +
      (this.known.length === 0
        ? "It has none at present: begin one with the tool scan, action start."
        : `It has: ${this.known.join(", ")}`)
  }
}

/**
 * There are as many scans under way as there may be.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyScans extends Schema.TaggedError<TooManyScans>()("TooManyScans", {
  limit: Schema.Natural,
  running: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `${this.limit} scans are under way, and no more may be. ` +
      (this.running.length === 0
        ? "They are of other sessions: call again in a minute."
        : `Wait for one of this session's, or cancel it: ${this.running.join(", ")}`)
  }
}

/**
 * What a scan is made of.
 *
 * - `owner`: whose it is: see {@link ownerOf}
 * - `tool`, `args`: what was asked; while such a scan of the same owner runs, it is joined
 * - `work`: the scan itself; what it is given is to be handed on to `Compliance`
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanWork<O extends object, E, R> {
  readonly owner: string
  readonly tool: string
  readonly args: unknown
  readonly work: (options: Required<Pick<CheckOptions, "onEvent" | "onBegin">>) => Effect.Effect<ScanResult<O>, E, R>
}

/**
 * What a call that scans can be answered with: the result, or the handle of a scan that goes on.
 *
 * @category models
 * @since 0.1.0
 */
export type Waited<O extends object> =
  | { readonly _tag: "Ended"; readonly scan: KnownScan; readonly result: ScanResult<O> }
  | { readonly _tag: "Running"; readonly scan: KnownScan }

/**
 * Whose scans a session may see: those of the same token or user, in whatever
 * session; without tokens those of the session itself. A session is the
 * transport's: a connection, an MCP session, or, where the protocol has none, the caller.
 *
 * @category getters
 * @since 0.1.0
 */
export const ownerOf = ({ id, principal }: Pick<Session, "id" | "principal">): string =>
  JSON.stringify(principal === undefined ? { session: id } : { principal })

/**
 * Every method but `run` and `start` answers for the owner's scans only.
 *
 * - `run`: scans, and waits for it until the call must be answered. A client that cancels its call ends the scan,
 *   unless another call waits for it or it was handed out. The client hears of progress as long as the call waits
 * - `start`: begins a scan that no call waits for
 * - `get`: one scan; `list`: all, the latest first
 * - `page`: the page that a cursor names; `cursorOf` names one
 * - `cancel`: ends a scan; what it has seen stays until it expires. Nothing happens to one that has ended
 * - `leave`: a session is over. Nobody can ask for the scans of one without a token any more: they end, and are forgotten
 *
 * @category services
 * @since 0.1.0
 */
export class ScanHandles extends Context.Service<ScanHandles, {
  readonly run: <O extends object, E extends ToolError, R>(
    call: Pick<Call, "owner" | "progress" | "timeLimitMs">,
    scan: Omit<ScanWork<O, E, R>, "owner">
  ) => Effect.Effect<Waited<O>, E | TooManyScans, R>
  readonly start: <O extends object, E extends ToolError, R>(scan: ScanWork<O, E, R>) => Effect.Effect<KnownScan, TooManyScans, R>
  readonly get: (owner: string, id: string) => Effect.Effect<KnownScan, ScanNotFound>
  readonly list: (owner: string) => Effect.Effect<ReadonlyArray<KnownScan>>
  readonly page: (owner: string, cursor: string) => Effect.Effect<{ readonly scan: KnownScan; readonly page: Page }, ScanNotFound>
  readonly cancel: (owner: string, id: string) => Effect.Effect<KnownScan, ScanNotFound>
  readonly leave: (session: Pick<Session, "id" | "principal">) => Effect.Effect<void>
}>()("@cadastre/mcp-adapter/ScanHandles") {
  static readonly layerOf = (limits: ScanLimits): Layer.Layer<ScanHandles> =>
    Layer.effect(ScanHandles, Effect.flatMap(Effect.scope, (scope) => make(limits, scope)))

  static readonly layer: Layer.Layer<ScanHandles, Config.ConfigError> = Layer.unwrap(Effect.map(limits, ScanHandles.layerOf))
}

/**
 * The address of a scan as a resource.
 *
 * @category getters
 * @since 0.1.0
 */
export const uriOf = (id: string): string => `cadastre://scan/${id}`

/**
 * Names the page of a scan's result that begins with the item `from`.
 *
 * @category getters
 * @since 0.1.0
 */
export const cursorOf = (id: string, from: number): string => `${id}.${from}`

const cursorForm = /^(?<id>[0-9a-f]{32})\.(?<from>\d{1,9})$/u

const make = Effect.fnUntraced(function*(limits: ScanLimits, scope: Scope.Scope) {
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const kept = new KeptScans(limits)
  const changes = yield* ResourceChanges
  /** By what was asked, its tool and owner included: which says what comes of it. */
  const underWay = new Map<string, Running<object, ToolError>>()

  const begin = Effect.fnUntraced(function*<O extends object, E extends ToolError, R>(
    { owner, tool, work }: ScanWork<O, E, R>,
    key: string
  ): Effect.fn.Return<Running<O, E>, never, R> {
    const scan = new Scan({ id: randomUUID().replaceAll("-", ""), owner, tool, key, startedAt: now() })
    kept.add(scan)
    const options = {
      onBegin: (soFar: () => ComplianceResult | undefined) => void (scan.soFar = soFar),
      onEvent: (event: ScanEvent) => Effect.sync(() => void (event._tag === "Progress" && scan.tell(event)))
    }
    // What is known already is known at once.
    const fiber = yield* Effect.forkIn(Effect.interruptible(Effect.suspend(() => work(options))), scope, { startImmediately: true })
    const running: Running<O, E> = { scan, fiber }
    underWay.set(key, running)
    scan.stop = Effect.asVoid(Fiber.interrupt(fiber))
    const isKnown = fiber.pollUnsafe() !== undefined
    if (!isKnown) changes.publish({})
    fiber.addObserver((exit) => {
      if (underWay.get(key) === running) underWay.delete(key)
      kept.end(scan, exit, now())
      // What was known already, and has its name, changes nothing.
      if (isKnown && kept.nameOf(scan) !== scan) return
      changes.publish({ uri: uriOf(scan.id) })
      changes.publish({})
    })
    return running
  })

  const mayGoOn = (owner: string): Effect.Effect<void, TooManyScans> =>
    Effect.suspend(() => {
      const handedOut = kept.all().filter((scan) => scan.status === "running" && scan.isHandedOut)
      const own = handedOut.filter((scan) => scan.owner === owner).map(({ id }) => id)
      return own.length >= limits.runningPerSession
        ? Effect.fail(new TooManyScans({ limit: limits.runningPerSession, running: own }))
        : handedOut.length >= limits.running
        ? Effect.fail(new TooManyScans({ limit: limits.running, running: own }))
        : Effect.void
    })

  /** Nobody waits for it any more, and nobody has its handle. */
  const leave = (running: Running<object, ToolError>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const { scan } = running
      scan.waiting--
      if (scan.waiting > 0 || scan.isHandedOut || scan.status !== "running") return Effect.void
      // Who asks the same from now on gets a scan of their own.
      if (underWay.get(scan.key) === running) underWay.delete(scan.key)
      return scan.stop
    })

  const run = <O extends object, E extends ToolError, R>(
    call: Pick<Call, "owner" | "progress" | "timeLimitMs">,
    work: Omit<ScanWork<O, E, R>, "owner">
  ): Effect.Effect<Waited<O>, E | TooManyScans, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const key = keyOf(call.owner, work)
        const running = joined<O, E>(underWay.get(key)) ?? (yield* begin({ ...work, owner: call.owner }, key))
        const { fiber, scan } = running
        const ended = fiber.pollUnsafe()
        if (ended !== undefined) return { _tag: "Ended" as const, scan: kept.nameOf(scan).known(limits.ttlMs), result: yield* ended }
        scan.waiting++
        const progress = yield* Queue.unbounded<ScanProgress, Cause.Done>()
        const deafen = scan.listen((at) => void Queue.offerUnsafe(progress, at))
        // It may have begun to tell before anybody listened.
        if (scan.progress !== undefined) Queue.offerUnsafe(progress, scan.progress)
        const telling = yield* Effect.forkChild(restore(tell(call, progress)))
        const exit = yield* restore(Effect.raceFirst(
          Effect.asSome(Fiber.await(fiber)),
          Effect.as(Effect.sleep(handOutAfter(call.timeLimitMs)), Option.none())
        )).pipe(
          Effect.tap((exit) => Option.isSome(exit) || scan.isHandedOut ? Effect.void : handOut(scan)),
          // What is told of a call is told before its answer.
          Effect.tap(() => {
            deafen()
            return Effect.andThen(Queue.end(progress), Effect.ignore(Effect.timeout(Fiber.await(telling), "1 second")))
          }),
          Effect.ensuring(Effect.suspend(() => {
            deafen()
            return Effect.andThen(Fiber.interrupt(telling), leave(running))
          }))
        )
        if (Option.isNone(exit)) return { _tag: "Running" as const, scan: scan.known(limits.ttlMs) }
        const result = yield* exit.value
        return { _tag: "Ended" as const, scan: kept.nameOf(scan).known(limits.ttlMs), result }
      })
    )

  const handOut = (scan: Scan): Effect.Effect<void, TooManyScans> =>
    Effect.map(mayGoOn(scan.owner), () => void (scan.isHandedOut = true))

  const start = <O extends object, E extends ToolError, R>(work: ScanWork<O, E, R>): Effect.Effect<KnownScan, TooManyScans, R> =>
    Effect.uninterruptible(Effect.gen(function*() {
      const key = keyOf(work.owner, work)
      const running = underWay.get(key)
      if (running?.scan.isHandedOut === true) return running.scan.known(limits.ttlMs)
      yield* mayGoOn(work.owner)
      const { scan } = running ?? (yield* begin(work, key))
      scan.isHandedOut = true
      return scan.known(limits.ttlMs)
    }))

  const find = (owner: string, id: string): Effect.Effect<Scan, ScanNotFound> =>
    Effect.suspend(() => {
      kept.forget(now())
      const scan = kept.get(id)
      return scan?.owner === owner
        ? Effect.succeed(scan)
        : Effect.fail(new ScanNotFound({ known: kept.of(owner).map(({ id }) => id) }))
    })

  // Nobody may come to ask: what has expired takes no memory all the same.
  yield* Effect.sync(() => kept.forget(now())).pipe(Effect.delay("1 minute"), Effect.forever, Effect.forkIn(scope))

  return ScanHandles.of({
    run,
    start,
    get: (owner, id) => Effect.map(find(owner, id), (scan) => scan.known(limits.ttlMs)),
    list: (owner) =>
      Effect.sync(() => {
        kept.forget(now())
        return kept.of(owner).map((scan) => scan.known(limits.ttlMs))
      }),
    page: Effect.fnUntraced(function*(owner, cursor) {
      const { from = "", id = "" } = cursorForm.exec(cursor)?.groups ?? {}
      const scan = (yield* find(owner, id)).known(limits.ttlMs)
      const { result } = scan
      if (result === undefined || Number(from) >= Math.max(1, result.total)) {
        return yield* new ScanNotFound({ known: kept.of(owner).map(({ id }) => id) })
      }
      return { scan, page: result.page(Number(from)) }
    }),
    cancel: Effect.fnUntraced(function*(owner, id) {
      const scan = yield* find(owner, id)
      if (scan.status === "running") {
        scan.status = "cancelled"
        // What AWS has not answered yet is not waited for.
        yield* Effect.ignore(Effect.timeout(scan.stop, "1 second"))
      }
      return scan.known(limits.ttlMs)
    }),
    leave: Effect.fnUntraced(function*(session) {
      if (session.principal !== undefined) return
      const left = kept.of(ownerOf(session))
      for (const scan of left) if (scan.status === "running") scan.status = "cancelled"
      yield* Effect.ignore(Effect.timeout(Effect.forEach(left, ({ stop }) => stop, { concurrency: "unbounded" }), "1 second"))
      kept.drop(ownerOf(session))
    })
  })
})

interface Running<out O extends object, out E> {
  readonly scan: Scan
  readonly fiber: Fiber.Fiber<ScanResult<O>, E>
}

/** The same tool with the same arguments comes to the same kind of result. */
const joined = <O extends object, E>(running: Running<object, ToolError> | undefined): Running<O, E> | undefined =>
  running as Running<O, E> | undefined

const keyOf = (owner: string, { args, tool }: Pick<ScanWork<object, ToolError, unknown>, "args" | "tool">): string =>
  JSON.stringify([owner, tool, args])

/** Soon enough to answer before the call is ended. */
const handOutAfter = (timeLimitMs: number): number => Math.max(timeLimitMs * 0.8, timeLimitMs - 2000)

/** One notification for each percent, for a scan may have thousands of cells. */
const tell = Effect.fnUntraced(function*(call: Pick<Call, "progress">, progress: Queue.Dequeue<ScanProgress, Cause.Done>) {
  let told = -1
  for (;;) {
    const taken = yield* Effect.option(Queue.take(progress))
    if (Option.isNone(taken)) return
    const { cells, cellsEnded, resources } = taken.value
    const percent = cells === 0 ? 100 : Math.floor((cellsEnded / cells) * 100)
    if (percent <= told) continue
    told = percent
    const message = `${cellsEnded} of ${cells} cells, ${resources} resources`
    yield* call.progress({ done: cellsEnded, total: cells, message })
  }
})
