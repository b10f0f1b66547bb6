/**
 * The scans that are under way, and the results of those that have ended, as
 * long as they are kept.
 *
 * @since 0.1.0
 */
import type { ComplianceResult } from "@cadastre/compliance"
import { Setting } from "@cadastre/model"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ScanResult } from "./ScanResult.ts"
import { explain } from "./ToolFailure.ts"
import * as ViolationAnswer from "./ViolationAnswer.ts"

/** Of a scan that was ended: more than is ever shown of it. */
const mostViolations = 1000

/**
 * How much is kept.
 *
 * - `running`, `runningPerSession`: scans that go on although no call waits for them
 * - `results`, `bytes`: results of all sessions together, and what they take in memory
 * - `ttlMs`: how long a result is kept after its end
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanLimits {
  readonly running: number
  readonly runningPerSession: number
  readonly results: number
  readonly bytes: number
  readonly ttlMs: number
}

/**
 * The limits as the environment sets them: `MAX_RUNNING_SCANS` (8), `MAX_RUNNING_SCANS_PER_SESSION` (2),
 * `MAX_KEPT_SCANS` (100), `MAX_KEPT_SCAN_MB` (512), `KEPT_SCAN_TTL_SECONDS` (3600).
 *
 * @category settings
 * @since 0.1.0
 */
export const limits: Config.Config<ScanLimits> = Config.all({
  running: Setting.number("MAX_RUNNING_SCANS", 8, { minimum: 1, maximum: 1000 }),
  runningPerSession: Setting.number("MAX_RUNNING_SCANS_PER_SESSION", 2, { minimum: 1, maximum: 1000 }),
  results: Setting.number("MAX_KEPT_SCANS", 100, { minimum: 1, maximum: 10_000 }),
  bytes: Config.map(Setting.number("MAX_KEPT_SCAN_MB", 512, { minimum: 1, maximum: 1_000_000 }), (mb) => mb * 1_000_000),
  ttlMs: Config.map(Setting.number("KEPT_SCAN_TTL_SECONDS", 3600, { minimum: 1, maximum: 604_800 }), (s) => s * 1000)
})

/**
 * How far a scan is.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScanProgress {
  readonly cells: number
  readonly cellsEnded: number
  readonly resources: number
}

/** @since 0.1.0 */
export type ScanStatus = "running" | "finished" | "failed" | "cancelled"

/**
 * A scan as its owner may see it. It does not change: ask again.
 *
 * - `id`: the handle; whoever does not know it cannot guess it, and it opens nothing to others than its owner
 * - `tool`: which tool began it
 * - `startedAt`, `endedAt`, `expiresAt`: milliseconds since the epoch; it is forgotten when it expires
 * - `progress`: absent before the first cell has ended, and where another session's scan is waited for
 * - `result`: of one that has finished
 * - `soFar`: of one that runs or was cancelled: what its cells that have ended amount to; all others are `skipped`
 * - `problem`: why it failed, for people
 *
 * @category models
 * @since 0.1.0
 */
export interface KnownScan {
  readonly id: string
  readonly tool: string
  readonly status: ScanStatus
  readonly startedAt: number
  readonly endedAt?: number
  readonly expiresAt?: number
  readonly progress?: ScanProgress
  readonly result?: ScanResult
  readonly soFar?: () => ComplianceResult | undefined
  readonly problem?: string
}

/**
 * A scan as the server keeps it.
 *
 * - `waiting`: calls that wait for it
 * - `isHandedOut`: whether somebody has its handle: it goes on although no call waits
 *
 * @category models
 * @since 0.1.0
 */
export class Scan {
  readonly id: string
  readonly owner: string
  readonly tool: string
  readonly key: string
  readonly startedAt: number
  status: ScanStatus = "running"
  waiting = 0
  isHandedOut = false
  endedAt: number | undefined
  progress: ScanProgress | undefined
  result: ScanResult | undefined
  soFar: (() => ComplianceResult | undefined) | undefined
  problem: string | undefined
  stop: Effect.Effect<void> = Effect.void
  readonly #listeners = new Set<(at: ScanProgress) => void>()

  constructor(options: Pick<Scan, "id" | "owner" | "tool" | "key" | "startedAt">) {
    this.id = options.id
    this.owner = options.owner
    this.tool = options.tool
    this.key = options.key
    this.startedAt = options.startedAt
  }

  tell({ cells, cellsEnded, resources }: ScanProgress): void {
    this.progress = { cells, cellsEnded, resources }
    for (const listener of this.#listeners) listener(this.progress)
  }

  /** What is returned ends it. */
  listen(listener: (at: ScanProgress) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  known(ttlMs: number): KnownScan {
    const { endedAt, id, problem, progress, result, soFar, startedAt, status, tool } = this
    return {
      id,
      tool,
      status,
      startedAt,
      ...(endedAt === undefined ? {} : { endedAt, expiresAt: endedAt + ttlMs }),
      ...(progress === undefined ? {} : { progress }),
      ...(result === undefined ? {} : { result }),
      ...(soFar === undefined || result !== undefined ? {} : { soFar }),
      ...(problem === undefined ? {} : { problem })
    }
  }
}

/**
 * All scans, within the limits.
 *
 * @category models
 * @since 0.1.0
 */
export class KeptScans {
  readonly #limits: ScanLimits
  /** Who was added or has ended last comes last. */
  readonly #scans = new Map<string, Scan>()
  /** Of those that ended, which one kept the same of the same scan. */
  readonly #sameAs = new WeakMap<Scan, Scan>()

  constructor(limits: ScanLimits) {
    this.#limits = limits
  }

  add(scan: Scan): void {
    this.#scans.set(scan.id, scan)
  }

  get(id: string): Scan | undefined {
    return this.#scans.get(id)
  }

  all(): ReadonlyArray<Scan> {
    return [...this.#scans.values()]
  }

  /** Those of an owner that may be asked for, the latest first. */
  of(owner: string): ReadonlyArray<Scan> {
    return this.all().filter((scan) => scan.owner === owner).toReversed()
  }

  /** Forgets those of an owner who is gone, for good: also one that takes its time to end. */
  drop(owner: string): void {
    for (const scan of this.of(owner)) {
      scan.isHandedOut = false
      this.#scans.delete(scan.id)
    }
  }

  /** The one under whose handle a scan's result is kept. */
  nameOf(scan: Scan): Scan {
    return this.#sameAs.get(scan) ?? scan
  }

  /** Keeps what came of a scan; forgets it where nobody can ask for it. */
  end(scan: Scan, exit: Exit.Exit<ScanResult, unknown>, now: number): void {
    this.forget(now)
    scan.endedAt = now
    scan.stop = Effect.void
    this.#scans.delete(scan.id)
    const seen = scan.isHandedOut ? scan.soFar?.() : undefined
    // All that the scan was made of is let go.
    scan.soFar = undefined
    if (scan.status === "running" && Exit.isSuccess(exit)) {
      scan.status = "finished"
      scan.result = exit.value
      const same = scan.isHandedOut ? undefined : this.#sameResult(scan, exit.value)
      if (same === undefined) this.#scans.set(scan.id, scan)
      else {
        // An answer from the cache has the handle of the scan that it is of.
        same.result = exit.value
        same.endedAt = now
        this.#scans.delete(same.id)
        this.#scans.set(same.id, same)
        this.#sameAs.set(scan, same)
      }
    } else if (scan.isHandedOut) {
      const isCancelled = scan.status === "cancelled" || (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      scan.status = isCancelled ? "cancelled" : "failed"
      if (!isCancelled && Exit.isFailure(exit)) scan.problem = explain(exit.cause)
      if (seen !== undefined) {
        const few = { ...seen, resources: [], violations: ViolationAnswer.worstFirst(seen.violations).slice(0, mostViolations) }
        scan.soFar = () => few
      }
      this.#scans.set(scan.id, scan)
    }
    this.#makeRoom(scan)
  }

  /** Drops what has expired. */
  forget(now: number): void {
    for (const { endedAt, id } of this.#scans.values()) {
      if (endedAt !== undefined && endedAt + this.#limits.ttlMs <= now) this.#scans.delete(id)
    }
  }

  #sameResult(scan: Scan, result: ScanResult): Scan | undefined {
    return this.all().find((other) => other.key === scan.key && other.result?.version === result.version)
  }

  /** Of whoever has most, the oldest go first; what has ended just now stays. */
  #makeRoom(latest: Scan): void {
    for (;;) {
      const ended = this.all().filter(({ endedAt }) => endedAt !== undefined)
      const bytes = ended.reduce((sum, { result }) => sum + (result?.weight ?? 0), 0)
      if (ended.length <= this.#limits.results && bytes <= this.#limits.bytes) return
      const byOwner = Map.groupBy(ended.filter((scan) => scan !== this.nameOf(latest)), ({ owner }) => owner)
      const [oldest] = [...byOwner.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
      if (oldest === undefined) return
      this.#scans.delete(oldest.id)
    }
  }
}
