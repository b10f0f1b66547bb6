import { Setting } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import * as fc from "fast-check"

const range = { minimum: 1, maximum: 64 }
const read = (setting: ReturnType<typeof Setting.number>, env: Record<string, string>) =>
  Effect.gen(function*() {
    return yield* setting
  }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))))

describe("Setting.number", () => {
  it.effect("is the default when it is not set", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* read(Setting.number("SIZE", 5, range), {}), 5)
      assert.strictEqual(yield* read(Setting.number("SIZE", 5, range), { OTHER: "7" }), 5)
      // How shells and container files unset a variable.
      assert.strictEqual(yield* read(Setting.number("SIZE", 5, range), { SIZE: "" }), 5)
    })
  )

  it.effect("takes both ends of the range", () =>
    Effect.gen(function*() {
      for (const SIZE of ["1", "64", " 12 "]) {
        assert.strictEqual(yield* read(Setting.number("SIZE", 5, range), { SIZE }), Number(SIZE))
      }
      const share = Setting.number("SHARE", 0.5, { minimum: 0.05, maximum: 1, integer: false })
      assert.strictEqual(yield* read(share, { SHARE: "0.25" }), 0.25)
    })
  )

  it.effect.each(["0", "65", "-1", "1.5", "many", " ", "1e9", "NaN", "Infinity", "12abc", "0x4G"])(
    "%j: the error names the variable, the value and the range",
    (SIZE) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(read(Setting.number("SIZE", 5, range), { SIZE }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, "SIZE")
        assert.include(error.message, JSON.stringify(SIZE))
        assert.include(error.message, "from 1 to 64")
      })
  )

  it.effect("a range without an upper end says so", () =>
    Effect.gen(function*() {
      const setting = Setting.number("TTL", 3600, { minimum: 60, maximum: Number.MAX_SAFE_INTEGER })
      const error = yield* Effect.flip(read(setting, { TTL: "59" }))
      assert.include(error.message, "at least 60")
      assert.strictEqual(yield* read(setting, { TTL: "600000" }), 600_000)
    })
  )

  it.effect("any text is a number in the range, or an error: never anything else", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), async (SIZE) => {
          const exit = await Effect.runPromiseExit(read(Setting.number("SIZE", 5, range), { SIZE }))
          if (exit._tag === "Success")
            assert.isTrue(Number.isInteger(exit.value) && exit.value >= 1 && exit.value <= 64, SIZE)
        }),
        { numRuns: 200 }
      )
    )
  )
})
