import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Tracing } from "../src/index.ts"
import { collector } from "./Collector.ts"
import { call } from "./Connection.ts"
import { connect, serve } from "./HttpConnection.ts"

const secret = "hunter2-planted-in-a-tag"

/** Some calls of all kinds, by a server that is gone afterwards. */
const work = (env: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Scope.provide(
      Effect.gen(function*() {
        const { mcp, simulator } = yield* serve({ env, simulator: { estate: { regions: ["us-east-1"], counts: { "sns:topic": 3, "sqs:queue": 2 } } } })
        for (const { arn } of simulator.estate.resources()) simulator.estate.tag(arn, { Owner: secret, [secret]: "x" })
        simulator.rule({ match: { service: "sqs" }, fault: { type: "deny" } })
        const { client } = yield* connect(mcp)
        yield* call(client, "check_tag_compliance", { resource_types: "sns:topic,sqs:queue" })
        yield* call(client, "check_tag_compliance", { resource_types: secret })
        yield* call(client, "validate_resource_tags", { resource_arns: [`arn:aws:sns:us-east-1:111122223333:${secret}`] })
        yield* Effect.promise(() => client.callTool({ name: secret, arguments: { password: secret } }).catch(() => undefined))
        yield* Effect.promise(() => client.readResource({ uri: `cadastre://scan/${secret}` }).catch(() => undefined))
      }),
      scope
    )
    yield* Scope.close(scope, Exit.void)
  })

describe("traces", () => {
  it.live("tell the collector of each call and what it called, and show no text of anybody's", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* collector
      yield* work({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=cadastre-tests",
        OTEL_SERVICE_NAME: "tags-of-ours"
      })
      assert.isAbove(requests.length, 0)
      assert.isTrue(requests.every(({ headers, path }) => path === "/v1/traces" && headers["x-tenant"] === "cadastre-tests"))
      const everything = requests.map(({ body }) => body).join("\n")
      assert.notInclude(everything, "hunter2")
      const resources = requests.flatMap(({ body }) => JSON.parse(body).resourceSpans as ReadonlyArray<any>)
      const named = ({ attributes }: any, key: string) => attributes.find((one: any) => one.key === key)?.value.stringValue
      assert.isTrue(resources.every(({ resource }) => named(resource, "service.name") === "tags-of-ours" && named(resource, "service.version") === "0.0.0"))
      const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one: any) => one.spans)) as ReadonlyArray<any>
      const calls = spans.filter(({ name }) => name === "tools/call")
      assert.deepStrictEqual(
        calls.map((span) => [named(span, "mcp.tool"), named(span, "cadastre.outcome")]),
        [
          ["check_tag_compliance", "success"],
          ["check_tag_compliance", "failure"],
          ["validate_resource_tags", "success"],
          ["unknown", "failure"]
        ]
      )
      assert.isTrue(spans.some(({ name }) => name === "resources/read"))
      // What the first of them asked AWS is under it.
      const [first] = calls
      const asked = spans.filter(({ name, traceId }) => name === "Aws.send" && traceId === first.traceId)
      assert.isTrue(asked.some((span) => named(span, "aws.service") === "SNSClient" && named(span, "aws.region") === "us-east-1"))
      const byId = new Map(spans.map((span) => [span.spanId, span]))
      for (const span of asked) {
        let at = span
        while (at.parentSpanId) at = byId.get(at.parentSpanId)
        assert.strictEqual(at.spanId, first.spanId)
      }
    }))

  it.live("are binary by default, go where their own endpoint is, and are off without one", () =>
    Effect.gen(function*() {
      const { requests, url } = yield* collector
      yield* work({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/here` })
      assert.isTrue(requests.length > 0 && requests.every(({ path }) => path === "/here"))
      assert.isTrue(requests.every(({ headers }) => headers["content-type"] === "application/x-protobuf"))
      const everything = requests.map(({ body }) => body).join("\n")
      assert.include(everything, "check_tag_compliance")
      assert.include(everything, "cadastre.outcome")
      assert.notInclude(everything, "hunter2")
      requests.length = 0
      yield* work({ OTEL_SERVICE_NAME: "x" })
      yield* work({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: "true" })
      yield* work({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: "none" })
      assert.deepStrictEqual(requests, [])
    }))

  it.live("a collector that does not answer holds nobody up", () =>
    Effect.gen(function*() {
      const { asked, url } = yield* Effect.acquireRelease(
        Effect.callback<{ readonly asked: () => number; readonly url: string; readonly close: () => void }>((resume) => {
          let count = 0
          const server = createServer(() => void count++)
          server.listen(0, "127.0.0.1", () =>
            resume(Effect.succeed({
              asked: () => count,
              url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })))
        }),
        ({ close }) => Effect.sync(close)
      )
      const ends: Array<number> = []
      // The machine may have much else to do.
      while (ends.length < 3 && Math.min(...ends) >= 1000) {
        const scope = yield* Scope.make()
        const { mcp } = yield* Scope.provide(serve({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } }), scope)
        const { client } = yield* connect(mcp)
        yield* call(client, "get_tagging_policy")
        const at = performance.now()
        yield* Scope.close(scope, Exit.void)
        ends.push(performance.now() - at)
      }
      assert.isAbove(asked(), 0)
      assert.isBelow(Math.min(...ends), 1000)
    }))

  it.effect.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", /OTEL_EXPORTER_OTLP_ENDPOINT is no address: write one such as http:/u],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": write http\/protobuf or http\/json/u]
  ] as const)("%s cannot be %s", ([name, value, message]) =>
    Effect.gen(function*() {
      const config = ConfigProvider.layer(ConfigProvider.fromEnvRecord({ [name]: value }))
      const error = yield* Effect.flip(Layer.build(Tracing.layer("0.0.0").pipe(Layer.provide(config))))
      assert.match(error.message, message)
    }))
})
