/**
 * A prompt as a value: what a user may ask an assistant to do with the tools,
 * what it needs to know, and the words for it.
 *
 * @since 0.1.0
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Arguments from "./Arguments.ts"
import type { Complete } from "./Completion.ts"
import type { Content } from "./Content.ts"
import type { ToolError } from "./Tool.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Message {
  readonly role: "user" | "assistant"
  readonly content: Content
}

/** What a prompt takes: all of it as text, as the protocol has it. */
interface Argument {
  readonly name: string
  readonly description: string
  readonly required: boolean
}

const typeId = "~@cadastre/mcp-adapter/Prompt"

/**
 * A prompt; `R` are the services that it calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prompt<out R = never> {
  readonly [typeId]: typeof typeId
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: ReadonlyArray<Argument>
  readonly input: StandardSchemaWithJSON
  readonly complete: Readonly<Record<string, Complete<R>>>
  readonly messages: (args: unknown) => Effect.Effect<ReadonlyArray<Message>, ToolError, R>
}

/**
 * @category guards
 * @since 0.1.0
 */
export const isPrompt = (value: unknown): value is Prompt<unknown> =>
  typeof value === "object" && value !== null && typeId in value

/**
 * Makes a prompt. Its arguments are read as those of tools are: text where a list
 * or a number is asked.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const I extends Schema.Struct.Fields,
  E extends ToolError,
  R,
  const C extends { readonly [K in keyof I & string]?: Complete<unknown> } = {}
>(options: {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: I
  readonly complete?: C
  readonly messages: (args: Schema.Struct.Type<I>) => Effect.Effect<ReadonlyArray<Message>, E, R>
}): Prompt<R | ServicesOf<C>> => {
  const { complete = {}, description, input, messages, name, title } = options
  const schema = Arguments.standardSchema(Schema.Struct(input) as unknown as Schema.Codec<unknown, unknown>)
  return {
    [typeId]: typeId,
    name,
    title,
    description,
    arguments: argumentsOf(schema),
    input: schema,
    complete,
    // It is given what was read with `input`.
    messages: (args) => messages(args as Schema.Struct.Type<I>)
  }
}

type ServicesOf<C> = { readonly [K in keyof C]: C[K] extends Complete<infer R> ? R : never }[keyof C]

/**
 * What the user says.
 *
 * @category constructors
 * @since 0.1.0
 */
export const user = (text: string): Message => ({ role: "user", content: { type: "text", text } })

const argumentsOf = (schema: StandardSchemaWithJSON): ReadonlyArray<Argument> => {
  const { properties = {}, required = [] } = schema["~standard"].jsonSchema.input({ target: "draft-2020-12" }) as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>
    readonly required?: ReadonlyArray<string>
  }
  return Object.entries(properties).map(([name, { description = "" }]) => ({
    name,
    description,
    required: required.includes(name)
  }))
}
