/**
 * What of a trace leaves the process.
 *
 * @since 0.1.0
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as TraceParent from "./TraceParent.ts"

/**
 * Sends spans where the `OTEL_*` variables say; see `Tracing`.
 *
 * - `variables`: those that are set, checked
 * - `name`: the service's, where none of them says it
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = ({ isJson, name, variables, version }: {
  readonly isJson: boolean
  readonly name?: string
  readonly variables: Readonly<Record<string, string>>
  readonly version: string
}): Layer.Layer<never> =>
  OtlpTracer.layerFromConfig({
    resource: { serviceVersion: version, ...(name === undefined ? {} : { serviceName: name }) }
  }).pipe(
    Layer.provide(sparing),
    Layer.provide([isJson ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf, FetchHttpClient.layer]),
    // The first is OpenTelemetry's default; the second keeps a collector that hangs from holding up the server's end.
    Layer.provide(ConfigProvider.layer(
      ConfigProvider.fromEnvRecord({ OTEL_TRACES_EXPORTER: "otlp", OTEL_BSP_EXPORT_TIMEOUT: "300", ...variables })
    ))
  )

/** Writes what is known to be harmless, and nothing else. */
const sparing = Layer.effect(
  OtlpSerialization.OtlpSerialization,
  Effect.map(OtlpSerialization.OtlpSerialization, (all) => ({ ...all, traces: (data) => all.traces(spared(data)) }))
)

const known = new Set([
  "aws.account",
  "aws.attempts",
  "aws.operation",
  "aws.region",
  "aws.service",
  "cadastre.correlation_id",
  "cadastre.outcome",
  "effect.fiber.interrupted",
  "exception.type",
  "mcp.tool"
])

const spared = ({ resourceSpans }: OtlpTracer.TraceData): OtlpTracer.TraceData => ({
  resourceSpans: resourceSpans.map((ofResource) => ({
    ...ofResource,
    scopeSpans: ofResource.scopeSpans.map((ofScope) => ({
      ...ofScope,
      spans: ofScope.spans.map((span) => ({
        ...span,
        ...stateOf(span.attributes),
        attributes: keep(span.attributes),
        links: span.links.map((link) => ({ ...link, attributes: keep(link.attributes) })),
        // The lines of the log are events too, by their texts.
        events: span.events.filter(({ name }) => name === "exception")
          .map((event) => ({ ...event, attributes: keep(event.attributes) })),
        status: { code: span.status.code }
      }))
    }))
  }))
})

/** It has a place of its own, which Effect's exporter writes and does not fill. */
const stateOf = (attributes: OtlpTracer.TraceData["resourceSpans"][number]["scopeSpans"][number]["spans"][number]["attributes"]) => {
  const value = attributes.find(({ key }) => key === TraceParent.stateAttribute)?.value.stringValue
  return typeof value === "string" ? { traceState: value } : {}
}

const keep = <A extends { readonly key: string }>(attributes: ReadonlyArray<A>): Array<A> =>
  attributes.filter(({ key }) => known.has(key))
