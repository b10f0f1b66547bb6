/**
 * A tool as a value: what it is called, what goes in, what comes out, and the
 * Effect in between.
 *
 * @since 0.1.0
 */
import type { StandardSchemaWithJSON, ToolAnnotations } from "@modelcontextprotocol/server"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Arguments from "./Arguments.ts"
import type { Content } from "./Content.ts"
import * as AnswerSchema from "./AnswerSchema.ts"

/**
 * What a tool knows of the call that it answers.
 *
 * - `owner`: whose call it is, see `ScanHandles.ownerOf`
 * - `progress`: tells the client how far the work is; does nothing where the client did not ask for it
 * - `correlationId`: names the call in the log and the audit trail
 * - `timeLimitMs`: when the call is interrupted, milliseconds after it began. Who would need longer answers before
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  readonly owner: string
  readonly progress: (
    at: { readonly done: number; readonly total: number; readonly message: string }
  ) => Effect.Effect<void>
  readonly correlationId: string
  readonly timeLimitMs: number
}

/**
 * What a tool answers: `structured` follows its output schema; `text` is the
 * same in short, as Markdown, with everything that comes from AWS escaped;
 * `content` is what comes after the text, such as an image.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer<A> {
  readonly structured: A
  readonly text: string
  readonly content?: ReadonlyArray<Content>
  readonly isError?: boolean
}

/**
 * Why a tool has no answer. The message is read by people and by assistants: it
 * says what is wrong and what to do.
 *
 * @category models
 * @since 0.1.0
 */
export interface ToolError {
  readonly _tag: string
  readonly message: string
}

const typeId = "~@cadastre/mcp-adapter/Tool"

/**
 * A tool; `R` are the services that it calls.
 *
 * - `listed`: whether clients are told of it; what is not listed can be called all the same
 * - `repeats`: whether a call with these arguments is made to be repeated, such as one that asks how far something is.
 *   It counts as a call and never as a loop
 *
 * @category models
 * @since 0.1.0
 */
export interface Tool<out R = never> {
  readonly [typeId]: typeof typeId
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: StandardSchemaWithJSON
  readonly output: StandardSchemaWithJSON
  readonly annotations: ToolAnnotations
  readonly listed: boolean
  readonly repeats: (args: unknown) => boolean
  readonly call: (args: unknown, call: Call) => Effect.Effect<Answer<Readonly<Record<string, unknown>>>, ToolError, R>
}

/**
 * @category guards
 * @since 0.1.0
 */
export const isTool = (value: unknown): value is Tool<unknown> =>
  typeof value === "object" && value !== null && typeId in value

/**
 * Makes a tool that changes nothing in AWS, whatever it is asked: there are no
 * others.
 *
 * - `openWorld`: whether it calls AWS; true by default
 * - `listed`: see `Tool`; true by default
 * - `repeats`: see `Tool`; no call is, by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const I extends Schema.Struct.Fields,
  O extends Schema.Codec<Readonly<Record<string, unknown>>, unknown>,
  E extends ToolError,
  R
>(options: {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: I
  readonly output: O
  readonly openWorld?: boolean
  readonly listed?: boolean
  readonly repeats?: (args: Schema.Struct.Type<I>) => boolean
  readonly call: (
    args: Schema.Struct.Type<I>,
    call: Call
  ) => Effect.Effect<Answer<O["Type"]>, E, R>
}): Tool<R> => {
  const { call, description, input, listed = true, name, openWorld = true, output, repeats, title } = options
  return {
    [typeId]: typeId,
    name,
    title,
    description,
    input: Arguments.standardSchema(Schema.Struct(input) as unknown as Schema.Codec<unknown, unknown>),
    output: AnswerSchema.make(output),
    annotations: { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: openWorld },
    listed,
    // Both are given what was read with `input`.
    repeats: (args) => repeats !== undefined && repeats(args as Schema.Struct.Type<I>),
    call: (args, context) => call(args as Schema.Struct.Type<I>, context)
  }
}
