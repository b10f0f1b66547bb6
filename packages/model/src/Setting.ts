/**
 * Settings read from the environment, with a default and a range.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Schema from "effect/Schema"

/**
 * A number named `name`, `fallback` when it is not set. A value that is none,
 * or out of the range, is a `ConfigError` that names the variable, the value
 * and the range.
 *
 * @since 0.1.0
 */
export const number = (
  name: string,
  fallback: number,
  range: { readonly minimum: number; readonly maximum: number; readonly integer?: boolean }
): Config.Config<number> => {
  const { integer = true, maximum, minimum } = range
  const kind = integer ? "a whole number" : "a number"
  const expected = maximum === Number.MAX_SAFE_INTEGER
    ? `${kind} of at least ${minimum}`
    : `${kind} from ${minimum} to ${maximum}`
  const Value = Schema.String.check(
    Schema.makeFilter((text: string) => {
      const value = Number(text)
      const fits = text.trim() !== "" && value >= minimum && value <= maximum && (!integer || Number.isInteger(value))
      return fits || `${name} is "${text}": write ${expected}`
    })
  )
  return Config.schema(Value, name).pipe(Config.map(Number), Config.withDefault(fallback))
}

/**
 * A switch named `name`: `true`, `yes`, `on` or `1`, and their opposites, in any
 * case; `fallback` when it is not set.
 *
 * @since 0.1.0
 */
export const flag = (name: string, fallback: boolean): Config.Config<boolean> => {
  const Value = Schema.String.check(
    Schema.makeFilter((text: string) => words.has(text.trim().toLowerCase()) || `${name} is "${text}": write true or false`)
  )
  return Config.schema(Value, name).pipe(
    Config.map((text) => words.get(text.trim().toLowerCase()) ?? fallback),
    Config.withDefault(fallback)
  )
}

const words: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false]
])
