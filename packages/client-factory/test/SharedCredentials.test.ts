import { assert, describe, it } from "@effect/vitest"
import * as SharedCredentials from "../src/SharedCredentials.ts"

/** Credentials that are numbered, fetched when the test says so. */
const setup = (lifetime?: number) => {
  let now = 1_000_000
  let fetched = 0
  const forced: Array<boolean> = []
  const waiting: Array<(failure?: Error) => void> = []
  const provider = SharedCredentials.make({
    now: () => now,
    fetch: (isForced) => {
      const number = ++fetched
      forced.push(isForced)
      return new Promise((resolve, reject) =>
        waiting.push((failure) =>
          failure === undefined
            ? resolve({ accessKeyId: `key-${number}`, secretAccessKey: "secret" })
            : reject(failure)
        )
      )
    },
    ...(lifetime === undefined ? {} : { expiresAt: (_: unknown, askedAt: number) => askedAt + lifetime })
  })
  const answer = async (failure?: Error) => {
    waiting.shift()!(failure)
    // Whatever waits for it goes on first.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    provider,
    answer,
    forced,
    fetched: () => fetched,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    key: () => provider.peek()?.accessKeyId
  }
}

const hour = 3_600_000

describe("shared credentials", () => {
  it("are fetched once for all who ask at the same time, and for all who ask later", async () => {
    const { answer, fetched, provider } = setup()
    const asked = [provider(), provider(), provider({ forceRefresh: true })]
    await answer()
    assert.deepStrictEqual((await Promise.all(asked)).map(({ accessKeyId }) => accessKeyId), ["key-1", "key-1", "key-1"])
    await provider()
    assert.strictEqual(fetched(), 1)
  })

  it.each([
    ["an hour", hour, 55 * 60_000],
    ["fifteen minutes", 900_000, 675_000]
  ])("of %s are renewed behind the backs of those who use them", async (_, lifetime, quiet) => {
    const { answer, fetched, key, pass, provider } = setup(lifetime)
    void provider()
    await answer()
    pass(quiet - 1)
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(fetched(), 1)
    pass(1)
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(fetched(), 2)
    await answer()
    assert.strictEqual(key(), "key-2")
  })

  it("that are over are waited for", async () => {
    const { answer, fetched, key, pass, provider } = setup(hour)
    void provider()
    await answer()
    pass(hour - 5000)
    // Five seconds are no time to make a call in.
    assert.isUndefined(key())
    const next = provider()
    assert.strictEqual(fetched(), 2)
    await answer()
    assert.strictEqual((await next).accessKeyId, "key-2")
  })

  it("whose renewal fails are used to their end; it is tried again every half minute", async () => {
    const { answer, fetched, key, pass, provider } = setup(hour)
    void provider()
    await answer()
    pass(55 * 60_000)
    assert.strictEqual(key(), "key-1")
    await answer(new Error("no"))
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(fetched(), 2)
    pass(30_000)
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(fetched(), 3)
  })

  it("that cannot be had fail all who wait, and are asked for again after a second", async () => {
    const { answer, fetched, pass, provider } = setup()
    const asked = [provider(), provider()].map((one) => one.catch((error: Error) => error.message))
    await answer(new Error("no"))
    assert.deepStrictEqual(await Promise.all(asked), ["no", "no"])
    assert.strictEqual(await provider().catch((error: Error) => error.message), "no")
    assert.strictEqual(fetched(), 1)
    pass(1000)
    const again = provider()
    await answer()
    assert.strictEqual((await again).accessKeyId, "key-2")
  })

  it("that were refused are not used again; those that replaced them are not refused with them", async () => {
    const { answer, fetched, forced, key, provider } = setup(hour)
    void provider()
    await answer()
    const first = provider({ forceRefresh: true, refused: "key-1" })
    const second = provider({ forceRefresh: true, refused: "key-1" })
    assert.isUndefined(key())
    assert.strictEqual(provider.last()?.accessKeyId, "key-1")
    await answer()
    const late = provider({ forceRefresh: true, refused: "key-1" })
    for (const one of [first, second, late]) assert.strictEqual((await one).accessKeyId, "key-2")
    assert.strictEqual(fetched(), 2)
    assert.deepStrictEqual(forced, [false, true])
    void provider({ forceRefresh: true })
    assert.strictEqual(fetched(), 3)
  })

  it("are used for a minute at least, whatever date they bear", async () => {
    const { answer, fetched, key, pass, provider } = setup(-hour)
    void provider()
    await answer()
    pass(40_000)
    assert.strictEqual(key(), "key-1")
    assert.strictEqual(fetched(), 1)
  })
})
