/**
 * What the last scan of this server could see.
 *
 * @since 0.1.0
 */
import type { CheckOptions, Compliance } from "@cadastre/compliance"
import type { Coverage } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ResourceChanges } from "./ResourceChanges.ts"

/**
 * - `scannedAt`: when the scan began, ISO 8601
 *
 * @category models
 * @since 0.1.0
 */
export interface SeenLast {
  readonly scannedAt: string
  readonly accountIds: ReadonlyArray<string>
  readonly policyHash: string
  readonly coverage: Coverage.Coverage
}

/**
 * Where the coverage of the last scan is as a resource.
 *
 * @category constants
 * @since 0.1.0
 */
export const lastCoverageUri = "cadastre://coverage/last"

/**
 * - `get`: none before the first scan. It is the server's: whoever may call its tools may see what it saw
 *
 * @category services
 * @since 0.1.0
 */
export class LastScan extends Context.Service<LastScan, {
  readonly get: Effect.Effect<SeenLast | undefined>
  readonly record: (seen: SeenLast) => Effect.Effect<void>
}>()("@cadastre/mcp-adapter/LastScan") {
  static readonly layer: Layer.Layer<LastScan> = Layer.effect(
    LastScan,
    Effect.gen(function*() {
      const changes = yield* ResourceChanges
      let last: SeenLast | undefined
      return LastScan.of({
        get: Effect.sync(() => last),
        record: ({ accountIds, coverage, policyHash, scannedAt }) =>
          Effect.sync(() => {
            // A result of the cache may be of an earlier scan than the last.
            if (last !== undefined && last.scannedAt >= scannedAt) return
            last = { accountIds, coverage, policyHash, scannedAt }
            changes.publish({ uri: lastCoverageUri })
          })
      })
    })
  )

  /** The services, with what their scans saw recorded: also of scans that saw nothing. */
  static readonly watching = <A, E, R>(services: Layer.Layer<A | Compliance, E, R>) =>
    Layer.unwrap(Effect.map(Effect.promise(() => import("@cadastre/compliance")), ({ Compliance, MultiRegionScanError }) =>
      Layer.effect(
        Compliance,
        Effect.gen(function*() {
          const compliance = yield* Compliance
          const { record } = yield* LastScan
          const seen = (result: Omit<SeenLast, "scannedAt"> & { readonly scanTimestamp: string }) =>
            record({ ...result, scannedAt: result.scanTimestamp })
          const failed = (error: unknown) =>
            error instanceof MultiRegionScanError ? seen(error.partialResult) : Effect.void
          const watch = <A extends Parameters<typeof seen>[0], E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
            Effect.tap(effect, seen).pipe(Effect.tapError(failed))
          /** Of what answers without its coverage: where it scanned, the scan says it at its end. */
          const watchScan = <A, E, R>(
            use: (options: CheckOptions) => Effect.Effect<A, E, R>,
            options: CheckOptions = {}
          ): Effect.Effect<A, E, R> =>
            Effect.suspend(() => {
              let soFar: Parameters<NonNullable<CheckOptions["onBegin"]>>[0] | undefined
              const onBegin: CheckOptions["onBegin"] = (given) => {
                soFar = given
                options.onBegin?.(given)
              }
              return Effect.tap(use({ ...options, onBegin }), () => {
                const result = soFar?.()
                return result === undefined ? Effect.void : seen(result)
              }).pipe(Effect.tapError(failed))
            })
          return Compliance.of({
            ...compliance,
            attributionGap: (request, options) => watch(compliance.attributionGap(request, options)),
            check: (request, options) => watch(compliance.check(request, options)),
            drift: (request, options) => watchScan((watched) => compliance.drift(request, watched), options),
            export: (request, how, options) => watchScan((watched) => compliance.export(request, how, watched), options),
            findUntagged: (request, options) => watch(compliance.findUntagged(request, options)),
            report: (request, how, options) => watchScan((watched) => compliance.report(request, how, watched), options),
            suggest: (request, options) => watch(compliance.suggest(request, options))
          })
        })
      ).pipe(Layer.provideMerge(services))))
}
