/**
 * Messages as some clients write them, before the protocol's schemas see them.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

/**
 * A message, or a batch of them, in which `arguments` that are null or blank are left out
 * and `arguments` that are the JSON of an object are that object: what a model
 * has written is often passed on as it came. Everything else is as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lenient = (message: unknown): unknown => Array.isArray(message) ? message.map(one) : one(message)

const one = (message: unknown): unknown => {
  if (!Predicate.isObject(message) || !("params" in message) || !Predicate.isObject(message.params)) return message
  if (!("arguments" in message.params)) return message
  const { arguments: given, ...params } = message.params
  if (given === null || (typeof given === "string" && given.trim() === "")) return { ...message, params }
  const read = typeof given === "string" ? objectIn(given) : undefined
  return read === undefined ? message : { ...message, params: { ...params, arguments: read } }
}

const objectIn = (text: string): object | undefined => {
  try {
    const read: unknown = JSON.parse(text)
    return Predicate.isObject(read) ? read : undefined
  } catch {
    return undefined
  }
}
