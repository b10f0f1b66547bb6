/**
 * What a half-written value may become.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Session } from "./Guardrails.ts"
import type { ToolError } from "./Tool.ts"

/**
 * Suggests values for what is written so far; `given` are the other arguments
 * that are known. It gives all that there are: `of` chooses among them.
 *
 * @category models
 * @since 0.1.0
 */
export type Complete<out R = never> = (at: {
  readonly session: Session
  readonly given: Readonly<Record<string, string>>
}) => Effect.Effect<ReadonlyArray<string>, ToolError, R>

/**
 * The protocol's answer: at most 100 values, those that begin with what is
 * written before those that hold it. Of a list with commas, its last item is completed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  written: string,
  values: ReadonlyArray<string>
): { readonly values: ReadonlyArray<string>; readonly total: number; readonly hasMore: boolean } => {
  const at = written.lastIndexOf(",") + 1
  const before = written.slice(0, at) + (/^\s*/u.exec(written.slice(at))?.[0] ?? "")
  const wanted = written.slice(at).trim().toLowerCase()
  const matching = [...new Set(values)].filter((value) => value.toLowerCase().includes(wanted))
  const begins = matching.filter((value) => value.toLowerCase().startsWith(wanted))
  const found = [...begins, ...matching.filter((value) => !begins.includes(value))]
  return {
    values: found.slice(0, maxValues).map((value) => `${before}${value}`),
    total: found.length,
    hasMore: found.length > maxValues
  }
}

/** What the protocol allows. */
const maxValues = 100
