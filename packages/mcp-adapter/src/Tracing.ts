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

/** A variable as it was checked; nothing where it is not set, or empty, which OpenTelemetry takes for the same. */
const checked = (name: string, problem: (text: string) => string | undefined): Config.Config<Option.Option<string>> =>
  Config.option(Config.schema(
    Schema.String.check(Schema.makeFilter((text: string) => text.trim() === "" ? true : problem(text.trim()) ?? true)),
    name
  )).pipe(Config.map((text) => Option.filter(Option.map(text, (text) => text.trim()), (text) => text !== "")))

const text = (name: string) => checked(name, () => undefined)

const endpoint = (name: string) =>
  checked(name, (text) =>
    URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)
      ? undefined
      // Not what it is: there may be a password in it.
      : `${name} is no address: write one such as http://127.0.0.1:4318`)

const number = (name: string, maximum: number, unit: string) =>
  checked(name, (text) =>
    Number.isInteger(Number(text)) && Number(text) >= 1 && Number(text) <= maximum
      ? undefined
      : `${name} is "${text}": write a whole number from 1 to ${maximum}${unit}`)

const milliseconds = (name: string) => number(name, 3_600_000, ", milliseconds")

const oneOf = (name: string, words: ReadonlyArray<string>) =>
  checked(name, (text) => words.includes(text) ? undefined : `${name} is "${text}": write ${words.join(" or ")}`)

const switched = (name: string) =>
  checked(name, (text) => /^(?:true|false)$/iu.test(text) ? undefined : `${name} is "${text}": write true or false`).pipe(
    Config.map(Option.map((text) => text.toLowerCase()))
  )

const exporters = (name: string) =>
  checked(name, (text) =>
    text.split(",").every((one) => ["otlp", "none"].includes(one.trim().toLowerCase()))
      ? undefined
      : `${name} is "${text}": write otlp or none`)

/** Names and values with `%` for what is no letter; not shown, for there may be a key in them. */
const pairs = (name: string) =>
  checked(name, (text) =>
    text.split(",").every((one) => one.trim() === "" || (/^[^=\s][^=]*=/u.test(one.trim()) && isDecodable(one)))
      ? undefined
      : `${name} is no list: write names and values such as one=1,two=a%20b`)

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const compressions = ["gzip", "none"]
const protocols = ["http/protobuf", "http/json"]

/** All variables that are read here or in the exporter: what reaches that is right. */
const variables = Config.all({
  OTEL_SDK_DISABLED: switched("OTEL_SDK_DISABLED"),
  OTEL_TRACES_EXPORTER: exporters("OTEL_TRACES_EXPORTER"),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint("OTEL_EXPORTER_OTLP_ENDPOINT"),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocols),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", protocols),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs("OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
  OTEL_EXPORTER_OTLP_HEADERS: pairs("OTEL_EXPORTER_OTLP_HEADERS"),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: oneOf("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", compressions),
  OTEL_EXPORTER_OTLP_COMPRESSION: oneOf("OTEL_EXPORTER_OTLP_COMPRESSION", compressions),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT"),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds("OTEL_BSP_EXPORT_TIMEOUT"),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds("OTEL_BSP_SCHEDULE_DELAY"),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 100_000, " spans"),
  OTEL_SERVICE_NAME: text("OTEL_SERVICE_NAME"),
  OTEL_SERVICE_VERSION: text("OTEL_SERVICE_VERSION"),
  OTEL_RESOURCE_ATTRIBUTES: pairs("OTEL_RESOURCE_ATTRIBUTES")
})

/**
 * Spans of what runs under it go to the collector of
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or of `OTEL_EXPORTER_OTLP_ENDPOINT` at
 * `/v1/traces`; without either there are none, and nothing is loaded for them. The other
 * `OTEL_*` variables mean what OpenTelemetry says: `OTEL_SDK_DISABLED`,
 * `OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_PROTOCOL` (`http/protobuf`, `http/json`),
 * `…_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION`, `OTEL_BSP_*`, `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`. One that means nothing is a `ConfigError`. What is left at the end has 0.3 seconds to get
 * there, unless a timeout is set. A call that comes with a trace context goes on with that trace: see `TraceParent`.
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
  Layer.unwrap(Effect.map(variables, (all) => {
    const given = new Map(Object.entries(all).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value] as const] : []))
    const first = (...names: ReadonlyArray<keyof typeof all>) => names.map((name) => given.get(name)).find((value) => value !== undefined)
    if (first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") === undefined) return Layer.empty
    const isNamed = given.has("OTEL_SERVICE_NAME") || /(?:^|,)\s*service\.name=/u.test(first("OTEL_RESOURCE_ATTRIBUTES") ?? "")
    const isJson = first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") === "http/json"
    return Layer.unwrap(Effect.map(Effect.promise(() => import("./TraceExport.ts")), ({ layer }) =>
      layer({ isJson, version, variables: Object.fromEntries(given), ...(isNamed ? {} : { name: "cadastre" }) })))
  }))
