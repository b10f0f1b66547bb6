import { assert, it } from "@effect/vitest"
import { afterEach, beforeEach, vi } from "vitest"
import { type Reading, ReadGate } from "../src/ReadGate.ts"

const mebibyte = 2 ** 20

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setImmediate"] }))
afterEach(() => void vi.useRealTimers())

interface Connection extends Reading {
  isPaused: boolean
}

const connection = (): Connection => {
  const made: Connection = {
    bytes: 0,
    isPaused: false,
    pause: () => void (made.isPaused = true),
    resume: () => void (made.isPaused = false)
  }
  return made
}

const connections = (count: number): Array<Connection> => Array.from({ length: count }, connection)

/** Each of them sends so much, as far as it is let. */
const send = (gate: ReadGate, some: ReadonlyArray<Connection>, bytes: number): void => {
  for (const one of some) if (!one.isPaused) gate.received(one, bytes)
}

const open = (some: ReadonlyArray<Connection>): number => some.filter(({ isPaused }) => !isPaused).length

it("with more on its way than may be held only two go on, and the others in turn when those have ended", () => {
  const gate = new ReadGate()
  const all = connections(10)
  send(gate, all, mebibyte)
  send(gate, all, mebibyte)
  assert.strictEqual(open(all), 2)
  const ended = new Set<Connection>()
  while (ended.size < all.length) {
    const one = all.find((one) => !one.isPaused && !ended.has(one))
    assert.isDefined(one, "somebody always goes on")
    ended.add(one)
    gate.ended(one)
    vi.advanceTimersByTime(0)
    const left = all.filter((one) => !ended.has(one))
    assert.strictEqual(open(left), left.length * 2 * mebibyte > 8 * mebibyte ? 2 : left.length)
  }
})

it("two that hang keep nobody waiting, and count again when they come in after all", () => {
  const gate = new ReadGate()
  const [hanging, others] = [connections(2), connections(10)]
  send(gate, hanging, 1)
  send(gate, others, mebibyte)
  send(gate, others, mebibyte)
  assert.strictEqual(open(others), 0, "the two that hang are the two that are let through")
  vi.advanceTimersByTime(1000)
  assert.strictEqual(open(others), 0, "not at the first look, which may come at once")
  send(gate, hanging, 1)
  vi.advanceTimersByTime(1000)
  assert.strictEqual(open(others), 2)
  const going = others.filter(({ isPaused }) => !isPaused)
  send(gate, [...hanging, ...going], mebibyte)
  vi.advanceTimersByTime(1000)
  gate.ended(going[0]!)
  vi.advanceTimersByTime(0)
  assert.strictEqual(open(others), 2, "one that has ended and one that goes on: three others are open, nobody is let in for it")
})

it("nothing keeps a clock running once nobody is paused", () => {
  const gate = new ReadGate()
  const all = connections(12)
  send(gate, all, mebibyte)
  assert.isAbove(vi.getTimerCount(), 0)
  for (const one of all) gate.ended(one)
  vi.advanceTimersByTime(0)
  vi.advanceTimersByTime(2000)
  assert.strictEqual(vi.getTimerCount(), 0)
})
