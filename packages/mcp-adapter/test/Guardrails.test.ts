import type { AuditRow } from "@cadastre/store"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import { AuditTrail } from "../src/AuditTrail.ts"
import { CallBudget } from "../src/CallBudget.ts"
import { bounds, Session } from "../src/Guardrails.ts"
import { inputLimits, tooLarge } from "../src/InputLimits.ts"
import { LoopDetection } from "../src/LoopDetection.ts"
import { make } from "../src/Tool.ts"
import { answer } from "../src/ToolCalls.ts"
import { explain } from "../src/ToolFailure.ts"
import { call, connect } from "./Connection.ts"
import * as OverHttp from "./HttpConnection.ts"

const transports = [
  ["stdio's connection", "previous", (bounds: object) => connect({ bounds })],
  ["an HTTP session", "previous", (_: object) => overHttp("previous")],
  ["HTTP without sessions", "current", (_: object) => overHttp("current")]
] as const

const overHttp = (revision: "current" | "previous") =>
  Effect.gen(function*() {
    const { mcp, rows, simulator } = yield* OverHttp.serve()
    return { ...(yield* OverHttp.connect(mcp, { revision })), rows, simulator }
  })

describe("guardrails on every transport", () => {
  it.live.each(transports)("%s: the 101st call is refused", ([, , begin]) =>
    Effect.gen(function*() {
      const { client, rows } = yield* begin({})
      // A tool without parameters takes any: each of these is another call.
      yield* Effect.forEach(Array.from({ length: 100 }), (_, at) => call(client, "get_tagging_policy", { [`k${at}`]: at }))
      const refused = yield* call(client, "get_tagging_policy")
      assert.isTrue(refused.isError)
      assert.match(refused.text, /has made its 100 calls .*again in \d+ seconds/u)
      assert.strictEqual(rows.length, 101)
      assert.isTrue(rows.slice(0, 100).every(({ outcome }) => outcome === "success"))
      assert.deepStrictEqual([rows[100]?.outcome, rows[100]?.error], ["refused", "CallBudget"])
    }))

  it.live.each(transports)("%s: the 4th identical call is refused, another is not", ([, , begin]) =>
    Effect.gen(function*() {
      const { client, rows } = yield* begin({})
      for (let at = 0; at < 3; at++) assert.isFalse((yield* call(client, "get_tagging_policy")).isError)
      const refused = yield* call(client, "get_tagging_policy")
      assert.isTrue(refused.isError)
      assert.match(refused.text, /3 times with the same arguments within 300 seconds: refused/u)
      const other = yield* call(client, "check_tag_compliance", { resource_types: "sns:topic" })
      assert.isFalse(other.isError)
      assert.deepStrictEqual(
        rows.map(({ action, error, outcome }) => [action, outcome, error]),
        [
          ...Array.from({ length: 3 }, () => ["get_tagging_policy", "success", undefined]),
          ["get_tagging_policy", "refused", "LoopDetection"],
          ["check_tag_compliance", "success", undefined]
        ]
      )
    }))

  it.live.each(transports)("%s: the 6th unknown tool is refused", ([, , begin]) =>
    Effect.gen(function*() {
      const { client, rows } = yield* begin({})
      for (let at = 1; at <= 6; at++) {
        const outcome = yield* Effect.promise(() =>
          client.callTool({ name: `guess_${at}`, arguments: {} }).then(
            ({ content, isError }) => ({ isError, text: JSON.stringify(content) }),
            (error: unknown) => ({ isError: true, text: String(error) })
          )
        )
        assert.strictEqual(outcome.isError, true)
        assert.match(outcome.text, at < 6 ? /not found. Tools: check_tag_compliance, / : /Do not guess names/u)
      }
      assert.deepStrictEqual(rows.map(({ action, error, outcome }) => [action, outcome, error]), [
        ...Array.from({ length: 5 }, (_, at) => [`guess_${at + 1}`, "failure", "UnknownTool"]),
        ["guess_6", "refused", "UnknownToolLimit"]
      ])
      assert.isFalse((yield* call(client, "get_tagging_policy")).isError)
    }))

  it.live("each call has an id of its own, in its answer and in its row", () =>
    Effect.gen(function*() {
      const { client, rows } = yield* connect()
      const meta = { "cadastre/correlation-id": "mine" }
      const one = yield* Effect.promise(() => client.callTool({ name: "get_tagging_policy", arguments: {}, _meta: meta }))
      const two = yield* Effect.promise(() => client.callTool({ name: "get_tagging_policy", arguments: { x: 1 } }))
      const ids = [one, two].map(({ _meta }) => _meta?.["cadastre/correlation-id"])
      assert.deepStrictEqual(ids, rows.map(({ correlationId }) => correlationId))
      assert.strictEqual(new Set([...ids, "mine"]).size, 3)
    }))
})

/** Answers what it is given; hangs when it is told to. */
const echo = make({
  name: "echo",
  title: "Echo",
  description: "Answers what it is given",
  input: { text: Schema.optionalKey(Schema.String), hang: Schema.optionalKey(Schema.Boolean) },
  output: Schema.Struct({ text: Schema.String }),
  repeats: ({ text }) => text === "status",
  call: ({ hang, text = "" }) => hang === true ? Effect.never : Effect.succeed({ structured: { text }, text })
})

const session = Effect.map(bounds, (bounds) => new Session({ id: "s", principal: "token:ci", bounds }))

const ask = (session: Session, args: object) =>
  Effect.map(
    answer(session, { tools: [echo], name: "echo", args, progress: () => Effect.void }),
    ({ exit }) => Exit.isSuccess(exit) ? exit.value.text : explain(exit.cause)
  )

describe("time", () => {
  it.effect("a new window has a new budget", () =>
    Effect.gen(function*() {
      const begun = yield* session
      const asked = (at: number) => ask(begun, { text: `${at}` })
      for (let at = 0; at < 100; at++) assert.strictEqual(yield* asked(at), `${at}`)
      assert.match(yield* asked(100), /again in 3600 seconds/u)
      yield* TestClock.adjust("3599 seconds")
      assert.match(yield* asked(101), /again in 1 seconds/u)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* asked(102), "102")
    }).pipe(Effect.provide(AuditTrail.layerMemory([]))))

  it.effect("the same call is allowed again when the first of them is 300 seconds ago", () =>
    Effect.gen(function*() {
      const begun = yield* session
      yield* ask(begun, { text: "a" })
      yield* TestClock.adjust("100 seconds")
      yield* ask(begun, { text: "a" })
      yield* ask(begun, { text: "a" })
      assert.match(yield* ask(begun, { text: "a" }), /again in 200 seconds/u)
      yield* TestClock.adjust("200 seconds")
      assert.strictEqual(yield* ask(begun, { text: "a" }), "a")
      assert.match(yield* ask(begun, { text: "a" }), /refused/u)
    }).pipe(Effect.provide(AuditTrail.layerMemory([]))))

  it.effect("a call that asks how far something is may be repeated", () =>
    Effect.gen(function*() {
      const begun = yield* session
      for (let at = 0; at < 10; at++) assert.strictEqual(yield* ask(begun, { text: "status" }), "status")
    }).pipe(Effect.provide(AuditTrail.layerMemory([]))))

  it.effect("a call that takes too long is ended, and says what to do", () => {
    const rows: Array<AuditRow> = []
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(ask(yield* session, { hang: true }))
      yield* TestClock.adjust("45 seconds")
      assert.match(yield* Fiber.join(fiber), /ended after 45 seconds .*fewer/u)
      const [row] = rows
      assert.deepStrictEqual(row, {
        at: 0,
        correlationId: row!.correlationId,
        session: "s",
        principal: "token:ci",
        action: "echo",
        parameters: { hang: true },
        outcome: "failure",
        error: "CallTimedOut",
        durationMs: 45_000
      })
    }).pipe(Effect.provide(AuditTrail.layerMemory(rows)))
  })

  it.effect("a call that is interrupted is written down", () => {
    const rows: Array<AuditRow> = []
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(ask(yield* session, { hang: true }), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(rows.map(({ error, outcome }) => [outcome, error]), [["failure", "Interrupted"]])
    }).pipe(Effect.provide(AuditTrail.layerMemory(rows)))
  })
})

describe("the bounds against what they mean", () => {
  it("no window has more calls than its budget", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 100 }),
      (limit, windowMs, pauses) => {
        const budget = new CallBudget(limit, windowMs)
        let now = 0
        let window = { begins: Number.NEGATIVE_INFINITY, used: 0 }
        for (const pause of pauses) {
          now += pause
          if (now - window.begins >= windowMs) window = { begins: now, used: 0 }
          const wait = budget.take(now)
          assert.strictEqual(wait === undefined, window.used < limit)
          if (wait === undefined) window.used++
          else assert.strictEqual(now + wait, window.begins + windowMs)
        }
      }
    ))
  })

  it("no call is allowed more often than it may be within any window, whatever the order of its keys", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom("a", "b"), fc.boolean()), { maxLength: 100 }),
      (limit, windowMs, calls) => {
        const loops = new LoopDetection(limit, windowMs)
        const allowed: Array<readonly [at: number, which: string]> = []
        let now = 0
        for (const [pause, which, turned] of calls) {
          now += pause
          const args = turned ? { x: [1, { p: 1, q: 2 }], which } : { which, x: [1, { q: 2, p: 1 }] }
          const recent = allowed.filter(([at, other]) => other === which && now - at < windowMs).length
          const wait = loops.take("tool", args, now)
          assert.strictEqual(wait === undefined, recent < limit)
          if (wait === undefined) allowed.push([now, which])
        }
      }
    ))
  })
})

describe("input limits", () => {
  const nested = (depth: number): unknown => depth === 0 ? "x" : { a: nested(depth - 1) }
  it.each([
    ["string", (n: number) => ({ q: "x".repeat(n) }), inputLimits.string],
    ["array", (n: number) => ({ q: Array.from({ length: n }, () => 1) }), inputLimits.array],
    ["depth", (n: number) => nested(n), inputLimits.depth],
    ["keys", (n: number) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`k${at}`, 1])), inputLimits.keys],
    ["a key", (n: number) => ({ ["k".repeat(n)]: 1 }), inputLimits.string],
    ["arns", (n: number) => ({ resource_arns: Array.from({ length: n }, () => "a") }), inputLimits.arns],
    ["regions", (n: number) => ({ filters: { regions: Array.from({ length: n }, () => "a") } }), inputLimits.regions],
    ["Regions as text", (n: number) => ({ region: Array.from({ length: n }, () => "a").join(",") }), inputLimits.regions],
    ["days", (n: number) => ({
      time_period: { start: "2026-01-01", end: new Date(Date.UTC(2026, 0, 1 + n)).toISOString() }
    }), inputLimits.days]
  ])("%s: as many as allowed and not one more", (_, args, limit) => {
    assert.isUndefined(tooLarge(args(limit)))
    assert.isString(tooLarge(args(limit + 1)))
  })

  it("all values together", () => {
    const args = { a: Array.from({ length: 1000 }, () => 1), b: Array.from({ length: 996 }, () => 1) }
    assert.isUndefined(tooLarge(args))
    assert.isString(tooLarge({ ...args, c: [1, 2] }))
  })

  it.live("what is too large is refused before anything is done, and not written down", () =>
    Effect.gen(function*() {
      const { client, rows, simulator } = yield* connect()
      const refused = yield* call(client, "check_tag_compliance", { resource_types: ["x".repeat(1025)] })
      assert.match(refused.text, /arguments\.resource_types\[0\] has 1025 characters; at most 1024 are allowed/u)
      assert.deepStrictEqual(simulator.calls(), [])
      assert.deepStrictEqual(rows.map(({ error, parameters }) => [error, parameters]), [["InputLimits", null]])
    }))
})
