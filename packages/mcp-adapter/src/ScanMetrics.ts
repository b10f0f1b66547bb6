/**
 * What the scans of a server came to, for `/metrics`.
 *
 * @since 0.1.0
 */
import type { CheckOptions, Compliance } from "@cadastre/compliance"
import type { ScanEvent } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"

/**
 * The services, with their scans counted: how many, what became of their cells,
 * what AWS was asked, and how often it refused for the rate; and how many results
 * needed no scan.
 *
 * @category layers
 * @since 0.1.0
 */
export const counted = <A, E, R>(services: Layer.Layer<A | Compliance, E, R>) =>
  Layer.unwrap(Effect.map(Effect.promise(() => import("@cadastre/compliance")), ({ Compliance }) =>
    Layer.effect(
      Compliance,
      Effect.map(Compliance, (compliance) =>
        Compliance.of({
          ...compliance,
          attributionGap: (request, options) => watch((watched) => compliance.attributionGap(request, watched), options),
          check: (request, options) => watch((watched) => compliance.check(request, watched), options),
          drift: (request, options) => watch((watched) => compliance.drift(request, watched), options),
          export: (request, how, options) => watch((watched) => compliance.export(request, how, watched), options),
          findUntagged: (request, options) => watch((watched) => compliance.findUntagged(request, watched), options),
          report: (request, how, options) => watch((watched) => compliance.report(request, how, watched), options),
          suggest: (request, options) => watch((watched) => compliance.suggest(request, watched), options),
          validateResources: (request, options) => watch((watched) => compliance.validateResources(request, watched), options)
        })
      )
    ).pipe(Layer.provideMerge(services))))

const watch = <A extends object, E, R>(
  use: (options: CheckOptions) => Effect.Effect<A, E, R>,
  options: CheckOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const told = { calls: 0, throttles: 0 }
    let isRunning = false
    const count = (event: ScanEvent): Effect.Effect<void> => {
      switch (event._tag) {
        case "ScanStarted":
          isRunning = true
          return Effect.andThen(Metric.update(scans, 1), Metric.modify(running, 1))
        case "CellEnded":
          return Metric.update(Metric.withAttributes(cells, { outcome: event.result.outcome }), 1)
        case "Progress": {
          const more = { calls: event.calls - told.calls, throttles: event.throttles - told.throttles }
          Object.assign(told, { calls: event.calls, throttles: event.throttles })
          return Effect.andThen(Metric.update(calls, Math.max(0, more.calls)), Metric.update(throttles, Math.max(0, more.throttles)))
        }
        case "ResourcesFound":
          return Metric.update(resources, event.resources.length)
      }
    }
    const { onEvent } = options
    return use({
      ...options,
      onEvent: (event) => onEvent === undefined ? count(event) : Effect.andThen(count(event), onEvent(event))
    }).pipe(
      Effect.tap((result) =>
        "fromCache" in result && typeof result.fromCache === "boolean"
          ? Metric.update(Metric.withAttributes(results, { from: result.fromCache ? "cache" : "scan" }), 1)
          : Effect.void
      ),
      Effect.ensuring(Effect.suspend(() => isRunning ? Metric.modify(running, -1) : Effect.void))
    )
  })

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const scans = counter("cadastre_scans_total", "Scans that were begun")
const running = Metric.gauge("cadastre_scans_running", { description: "Scans that are under way" })
const cells = counter("cadastre_cells_total", "Cells of scans, by how they ended")
const resources = counter("cadastre_resources_total", "Resources that scans found")
const calls = counter("cadastre_aws_calls_total", "Calls of AWS that scans made, retries included")
const throttles = counter("cadastre_aws_throttles_total", "Calls of scans that AWS refused for their rate")
const results = counter("cadastre_results_total", "Results of checks, by whether they needed a scan")
