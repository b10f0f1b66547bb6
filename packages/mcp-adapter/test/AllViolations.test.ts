/** A client that reads all violations of a large estate, page by page, while the estate changes and is scanned anew. */
import type { Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { call, connect, policy } from "./Connection.ts"
import * as OverHttp from "./HttpConnection.ts"

const isNightly = process.env["CADASTRE_NIGHTLY"] === "1"

/** Nightly there are more than 100,000 violations. */
const volumes = isNightly ? 60_000 : 3000

const simulator = {
  estate: { regions: ["us-east-1", "eu-west-1"], resources: 0, counts: { "ec2:volume": volumes }, tags: { untagged: 0.4, partial: 0.9 } }
}

const env = { MAX_TOOL_CALLS_PER_SESSION: "100000", MAX_IDENTICAL_CALLS: "100000", MCP_REQUESTS_PER_MINUTE: "1000000", MAX_KEPT_SCANS: "4" }

const transports = [
  ["stdio's connection", connect({ simulator, bounds: { callsPerSession: 100_000, identicalCalls: 100_000 }, scans: { results: 4 } })],
  [
    "an HTTP session",
    Effect.gen(function*() {
      const { mcp, simulator: served } = yield* OverHttp.serve({ simulator, env })
      return { ...(yield* OverHttp.connect(mcp)), simulator: served }
    })
  ]
] as const

/** Each violation that there is, as a person reads the policy: a tag of a resource, and how bad. */
const violationsOf = ({ estate }: Simulator["Service"]): ReadonlyArray<string> => {
  const [, environment] = policy.required_tags
  const isRight: Readonly<Record<string, (value: string) => boolean>> = {
    Owner: (value) => value.trim() !== "",
    Environment: (value) => environment!.allowed_values!.includes(value),
    CostCenter: (value) => /^CC-\d{4}$/u.test(value)
  }
  return [...estate.resources()].filter(({ mark }) => mark === undefined).flatMap(({ arn, tags }) =>
    Object.entries(isRight)
      .filter(([key, isRight]) => !isRight(tags[key] ?? ""))
      .map(([key]) => `${arn} ${key} ${key === "CostCenter" ? "warning" : "error"}`)
  )
}

const args = { resource_types: "ec2:volume" }

const scanAnew = (client: Client) =>
  Effect.tap(call(client, "check_tag_compliance", { ...args, force_refresh: true }), ({ isError, text }) =>
    Effect.sync(() => assert.isFalse(isError, text)))

describe("all violations of a large estate", () => {
  it.live.each(transports)("over %s: each exactly once, whatever is scanned meanwhile", ([name, connected]) =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connected
      yield* Effect.promise(() => client.listTools())
      const truth = violationsOf(simulator)
      if (isNightly) assert.isAbove(truth.length, 100_000)
      const begun = performance.now()
      const first = yield* call(client, "check_tag_compliance", args)
      const scanned = performance.now() - begun
      assert.strictEqual(first.structured.violations_total, truth.length)

      // Meanwhile a quarter of the resources is mended, a quarter again, and each time somebody looks.
      const all = [...simulator.estate.resources()]
      const scans: Array<Effect.Success<ReturnType<typeof scanAnew>>> = []
      let anew: Fiber.Fiber<(typeof scans)[number]> | undefined
      const begin = (quarter: number) => {
        for (const { arn } of all.filter((_, at) => at % 4 === quarter)) {
          simulator.estate.tag(arn, { Owner: "new", Environment: "test", CostCenter: "CC-0001" })
        }
        return Effect.forkChild(scanAnew(client), { startImmediately: true })
      }

      const seen: Array<string> = []
      let [pages, largest, slowest] = [0, 0, 0]
      let answer = first
      for (;;) {
        const shown = answer.structured.result ?? answer.structured
        largest = Math.max(largest, answer.bytes)
        pages++
        assert.deepStrictEqual([shown.violations_total, shown.compliance_score], [truth.length, first.structured.compliance_score])
        for (const { resource_arn, severity, tag_name } of shown.violations) seen.push(`${resource_arn} ${tag_name} ${severity}`)
        const cursor: string | undefined = answer.structured.next_cursor
        if (cursor === undefined) break
        // Each scan begins, some pages are read, it has ended, and more pages are read.
        if (scans.length < 3 && anew === undefined && pages % 6 === 1) anew = yield* begin(scans.length)
        if (anew !== undefined && pages % 6 === 5) {
          scans.push(yield* Fiber.join(anew))
          anew = undefined
        }
        const at = performance.now()
        // By either tool that reads pages, in turn.
        answer = pages % 2 === 0
          ? yield* call(client, "check_tag_compliance", { cursor })
          : yield* call(client, "scan", { action: "result", cursor })
        slowest = Math.max(slowest, performance.now() - at)
        assert.isFalse(answer.isError, answer.text)
      }
      assert.strictEqual(seen.length, truth.length)
      assert.deepStrictEqual(seen.toSorted(), truth.toSorted())
      assert.isBelow(largest, 80_000)
      // Errors first, over all pages.
      const warning = seen.findIndex((one) => one.endsWith(" warning"))
      assert.isTrue(seen.slice(warning).every((one) => one.endsWith(" warning")))

      assert.strictEqual(new Set([first, ...scans].map(({ structured }) => structured.scan_id)).size, 4)
      const mended = violationsOf(simulator)
      assert.isBelow(mended.length, truth.length / 2)
      assert.strictEqual(scans.at(-1)!.structured.violations_total, mended.length)

      // The old result is there until there are more than are kept; then its cursor names nothing, and no other result.
      const old: string = first.structured.next_cursor
      assert.isFalse((yield* call(client, "scan", { action: "result", cursor: old })).isError)
      const newest = yield* scanAnew(client)
      for (const tool of ["check_tag_compliance", "scan"] as const) {
        const gone = yield* call(client, tool, { ...(tool === "scan" ? { action: "result" } : {}), cursor: old })
        assert.isTrue(gone.isError)
        assert.match(gone.text, /has no such scan: results are kept for a while/u)
        assert.include(gone.text, newest.structured.scan_id)
      }
      if (isNightly) {
        process.stderr.write(
          `${truth.length} violations over ${name}: scan ${(scanned / 1000).toFixed(1)} s, ${pages} pages, the largest ${largest} bytes, ` +
            `the slowest ${slowest.toFixed(0)} ms, all in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`
        )
      }
    }), isNightly ? 300_000 : 60_000)
})
