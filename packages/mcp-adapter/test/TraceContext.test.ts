import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as fc from "fast-check"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Tracing } from "../src/index.ts"
import * as TraceParent from "../src/TraceParent.ts"
import { callOf, initialize, json, send, serve } from "./HttpConnection.ts"

/** A collector that keeps the spans that it is sent. */
const collector = Effect.gen(function*() {
  const spans: Array<{ readonly name: string; readonly traceId: string; readonly parentSpanId?: string; readonly traceState?: string; readonly attributes: object }> = []
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => body += text)
    request.on("end", () => {
      for (const { scopeSpans } of JSON.parse(body).resourceSpans) for (const one of scopeSpans) spans.push(...one.spans)
      response.end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))),
    () => Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
  )
  return { spans, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})

const traceOf = (digit: string) => digit.repeat(32)
const spanOf = (digit: string) => digit.repeat(16)
const parentOf = (digit: string, flags = "01") => `00-${traceOf(digit)}-${spanOf(digit)}-${flags}`

/** A call that says in its `_meta`, in its headers, or both, to which trace it belongs. */
const traced = ({ header, headerState, meta, metaState }: {
  readonly header?: string
  readonly headerState?: string
  readonly meta?: unknown
  readonly metaState?: string
}) => {
  const { body, headers, ...rest } = callOf("get_tagging_policy")
  const message = JSON.parse(body)
  if (meta !== undefined) message.params._meta.traceparent = meta
  if (metaState !== undefined) message.params._meta.tracestate = metaState
  const sent = { ...(header === undefined ? {} : { traceparent: header }), ...(headerState === undefined ? {} : { tracestate: headerState }) }
  return { ...rest, headers: { ...headers, ...sent }, body: JSON.stringify(message) }
}

describe("a call that comes with a trace", () => {
  it.live("goes on with it, by _meta before the header, in every revision; what is no trace is passed over", () =>
    Effect.gen(function*() {
      const { spans, url } = yield* collector
      const scope = yield* Scope.make()
      yield* Scope.provide(Effect.gen(function*() {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_BSP_SCHEDULE_DELAY: "100", MAX_IDENTICAL_CALLS: "100" }
        const { mcp } = yield* serve({ env, simulator: { estate: { regions: ["us-east-1"], resources: 0 } } })
        const ask = (how: Parameters<typeof traced>[0]) => Effect.map(send(mcp, traced(how)), ({ body, status }) => assert.strictEqual(status, 200, body))
        yield* ask({ header: parentOf("1") })
        yield* ask({ meta: parentOf("2") })
        yield* ask({ meta: parentOf("3"), header: parentOf("4") })
        yield* ask({ meta: "no trace", header: parentOf("5") })
        yield* ask({ meta: parentOf("6", "00") })
        yield* ask({ meta: 7, header: "00-zz" })
        // The revisions before have sessions.
        const begun = yield* send(mcp, { method: "POST", headers: json, body: initialize })
        const headers = { ...json, "mcp-session-id": String(begun.headers["mcp-session-id"]) }
        const body = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "get_tagging_policy", _meta: { traceparent: parentOf("8") } } }
        assert.strictEqual((yield* send(mcp, { method: "POST", headers, body: JSON.stringify(body) })).status, 200)
      }), scope)
      yield* Scope.close(scope, Exit.void)
      const calls = spans.filter(({ name }) => name === "tools/call")
      const known = calls.filter(({ parentSpanId }) => parentSpanId)
      assert.sameDeepMembers(
        known.map(({ parentSpanId, traceId }) => [traceId, parentSpanId]),
        ["1", "2", "3", "5", "8"].map((digit) => [traceOf(digit), spanOf(digit)])
      )
      // One trace that its client does not keep, and one call that belongs to none.
      assert.lengthOf(calls, 6)
    }), 30_000)

  it.live("its tracestate is in each span, from where the trace was named, and nowhere else in it", () =>
    Effect.gen(function*() {
      const { spans, url } = yield* collector
      const scope = yield* Scope.make()
      yield* Scope.provide(Effect.gen(function*() {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", MAX_IDENTICAL_CALLS: "100" }
        const { mcp } = yield* serve({ env, simulator: { estate: { regions: ["us-east-1"], resources: 0 } } })
        const ask = (how: Parameters<typeof traced>[0]) => Effect.map(send(mcp, traced(how)), ({ body, status }) => assert.strictEqual(status, 200, body))
        yield* ask({ header: parentOf("1"), headerState: "congo=t61rcWkgMzE , rojo=00f067aa0ba902b7" })
        yield* ask({ meta: parentOf("2"), metaState: "vendor@one=of meta", headerState: "not=this" })
        yield* ask({ meta: parentOf("3"), headerState: "not=this" })
        yield* ask({ header: parentOf("4"), headerState: "a=1,a=2" })
        yield* ask({ headerState: "nobody=asked" })
      }), scope)
      yield* Scope.close(scope, Exit.void)
      const found = Map.groupBy(spans, ({ traceId }) => traceId)
      const statesOf = (digit: string) => [...new Set(found.get(traceOf(digit))?.map(({ traceState }) => traceState))]
      assert.deepStrictEqual(
        ["1", "2", "3", "4"].map(statesOf),
        [["congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"], ["vendor@one=of meta"], [undefined], [undefined]]
      )
      assert.lengthOf(spans.filter(({ name }) => name === "tools/call"), 5)
      assert.notInclude(JSON.stringify(spans.map(({ attributes }) => attributes)), "tracestate")
      assert.notInclude(JSON.stringify(spans), "nobody=asked")
    }), 30_000)

  it("a tracestate is taken whole or not at all", () => {
    const whole = (members: number) => Array.from({ length: members }, (_, index) => `k${index}=v`).join(",")
    for (const text of ["a=b", "a=b,,c=d", "0abc@x=1", "a/b*_-=~ !", whole(32)]) {
      assert.strictEqual(TraceParent.stateOf(text), text.split(",").filter((member) => member !== "").join(","))
    }
    for (const text of ["", "a", "A=b", "0=b", "a=", "a=b=c", "a=b,a=c", "a=\u0007", "a=é", "a=b, c", whole(33), `a=${"b".repeat(257)}`, `${"k".repeat(257)}=v`, null, 7]) {
      assert.isUndefined(TraceParent.stateOf(text), String(text))
    }
  })

  it("is known by its form alone", () => {
    assert.deepInclude(TraceParent.parse(parentOf("a")), { traceId: traceOf("a"), spanId: spanOf("a"), sampled: true })
    assert.strictEqual(TraceParent.parse(`cc-${traceOf("a")}-${spanOf("b")}-00-of-tomorrow`)?.sampled, false)
    const none = [
      `ff-${traceOf("a")}-${spanOf("a")}-01`,
      `00-${traceOf("a")}-${spanOf("a")}-01-more`,
      `00-${traceOf("0")}-${spanOf("a")}-01`,
      `00-${traceOf("a")}-${spanOf("0")}-01`,
      `00-${traceOf("A")}-${spanOf("a")}-01`,
      null,
      {}
    ]
    for (const text of none) assert.isUndefined(TraceParent.parse(text))
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdefg-"), maxLength: 60 }), (text) => {
      const read = TraceParent.parse(text)
      if (read !== undefined) assert.isTrue(text.includes(`${read.traceId}-${read.spanId}`))
    }))
  })
})

describe("OTEL_* variables that mean nothing", () => {
  it.effect.each([
    ["OTEL_BSP_SCHEDULE_DELAY", "soon", "\"soon\": write a whole number from 1 to 3600000, milliseconds"],
    ["OTEL_BSP_SCHEDULE_DELAY", "0", "\"0\": write a whole number from 1"],
    ["OTEL_BSP_EXPORT_TIMEOUT", "-1", "\"-1\": write a whole number from 1"],
    ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1.5", "\"1.5\": write a whole number from 1 to 100000 spans"],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "\"10s\": write a whole number"],
    ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1e9", "\"1e9\": write a whole number"],
    ["OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "\"zstd\": write gzip or none"],
    ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "\"grpc\": write http/protobuf or http/json"],
    ["OTEL_SDK_DISABLED", "maybe", "\"maybe\": write true or false"],
    ["OTEL_TRACES_EXPORTER", "jaeger", "\"jaeger\": write otlp or none"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "planted-secret", "no list: write names and values"],
    ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "key=planted-secret%zz", "no list: write names and values"],
    ["OTEL_RESOURCE_ATTRIBUTES", "=x", "no list: write names and values"]
  ] as const)("%s = %j ends the start, with its name and what to write", ([name, value, message]) =>
    Effect.gen(function*() {
      const config = ConfigProvider.layer(ConfigProvider.fromEnvRecord({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", [name]: value }))
      const error = yield* Effect.flip(Layer.build(Tracing.layer("0.0.0").pipe(Layer.provide(config))))
      assert.include(error.message, `${name} is ${message}`)
      assert.notInclude(error.message, "planted-secret")
    }))

  it.live("and those that are empty are not set", () =>
    Effect.gen(function*() {
      const { spans, url } = yield* collector
      const scope = yield* Scope.make()
      yield* Scope.provide(Effect.gen(function*() {
        const { mcp } = yield* serve({
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: url,
            OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
            OTEL_EXPORTER_OTLP_HEADERS: "",
            OTEL_EXPORTER_OTLP_TIMEOUT: " ",
            OTEL_SDK_DISABLED: "FALSE",
            OTEL_TRACES_EXPORTER: ""
          }
        })
        yield* send(mcp, callOf("get_tagging_policy"))
      }), scope)
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(spans.some(({ name }) => name === "tools/call"))
    }), 30_000)
})
