/**
 * Traces of calls, for whoever runs the server: OpenTelemetry over OTLP.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** An empty variable is one that is not set. */
const given = (name: string) =>
  Config.map(Config.option(Config.String(name)), (text) => Option.filter(Option.map(text, (text) => text.trim()), (text) => text !== ""))

const endpoint = (name: string) =>
  Config.option(Config.schema(
    Schema.String.check(Schema.makeFilter((text: string) =>
      text.trim() === "" || (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)) ||
      // Not what it is: there may be a password in it.
      `${name} is no address: write one such as http://127.0.0.1:4318`
    )),
    name
  )).pipe(Config.map(Option.filter((text) => text.trim() !== "")))

const Protocol = Schema.String.check(Schema.makeFilter((text: string) =>
  ["", "http/protobuf", "http/json"].includes(text.trim()) ||
  `OTEL_EXPORTER_OTLP_PROTOCOL is "${text}": write http/protobuf or http/json`
))

const protocol = (name: string) => Config.option(Config.schema(Protocol, name)).pipe(Config.map(Option.filter((text) => text.trim() !== "")))

const settings = Config.all({
  endpoints: Config.all([endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), endpoint("OTEL_EXPORTER_OTLP_ENDPOINT")]),
  protocols: Config.all([protocol("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), protocol("OTEL_EXPORTER_OTLP_PROTOCOL")]),
  serviceName: given("OTEL_SERVICE_NAME"),
  resource: given("OTEL_RESOURCE_ATTRIBUTES")
})

/**
 * Spans of what runs under it go to the collector of
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or of `OTEL_EXPORTER_OTLP_ENDPOINT` at
 * `/v1/traces`; without either there are none, and nothing is loaded for them. The other
 * `OTEL_*` variables mean what OpenTelemetry says: `OTEL_SDK_DISABLED`,
 * `OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_PROTOCOL` (`http/protobuf`, `http/json`),
 * `…_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION`, `OTEL_BSP_*`, `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`. What is left at the end has 0.3 seconds to get there, unless a timeout is set.
 *
 * What leaves the process is what a span is called, when it was, and attributes
 * that we know; of a failure its name. No text of a tag, an argument or an error
 * is among them.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 * @category layers
 * @since 0.1.0
 */
export const layer = (version: string): Layer.Layer<never, Config.ConfigError> =>
  Layer.unwrap(Effect.map(settings, ({ endpoints, protocols, resource, serviceName }) => {
    if (Option.isNone(Option.firstSomeOf(endpoints))) return Layer.empty
    const isNamed = Option.isSome(serviceName) || Option.exists(resource, (text) => /(?:^|,)\s*service\.name=/u.test(text))
    const isJson = Option.getOrElse(Option.firstSomeOf(protocols), () => "http/protobuf").trim() === "http/json"
    return Layer.unwrap(Effect.map(Effect.promise(() => import("./TraceExport.ts")), ({ layer }) =>
      layer({ isJson, version, ...(isNamed ? {} : { name: "cadastre" }) })))
  }))
