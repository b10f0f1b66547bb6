/**
 * What a tool or a prompt may ask the client for before it can answer: a form
 * for the user, a sentence from the client's own model, its directories.
 *
 * Nothing that comes back is trusted: it is read by a schema, and what does not
 * fit is asked again.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CurrentClient } from "./CurrentClient.ts"

/**
 * A question as the protocol puts it, and how its answer is read.
 *
 * - `needs`: what the client must be able to do
 *
 * @category models
 * @since 0.1.0
 */
export interface Question<out A> {
  readonly needs: "elicitation" | "sampling" | "roots"
  readonly method: "elicitation/create" | "sampling/createMessage" | "roots/list"
  readonly params: Readonly<Record<string, unknown>>
  readonly read: (answer: unknown) => Option.Option<A>
}

/**
 * What the user did with a form.
 *
 * @category models
 * @since 0.1.0
 */
export type Filled<A> = { readonly action: "accept"; readonly content: A } | { readonly action: "decline" | "cancel" }

/**
 * A form for the user.
 *
 * - `properties`: a property of a JSON Schema for each field; no objects in them
 * - `content`: reads what they fill in
 *
 * @category constructors
 * @since 0.1.0
 */
export const form = <A, I>(options: {
  readonly message: string
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly required?: ReadonlyArray<string>
  readonly content: Schema.Codec<A, I>
}): Question<Filled<A>> => ({
  needs: "elicitation",
  method: "elicitation/create",
  params: {
    mode: "form",
    message: options.message,
    requestedSchema: {
      type: "object",
      properties: options.properties,
      ...(options.required === undefined ? {} : { required: options.required })
    }
  },
  read: Schema.decodeUnknownOption(Schema.Union([
    Schema.Struct({ action: Schema.Literal("accept"), content: options.content }),
    Schema.Struct({ action: Schema.Literals(["decline", "cancel"]) })
  ]))
})

const Block = Schema.Struct({ type: Schema.String, text: Schema.optionalKey(Schema.String) })

/** Clients of the newest revision may answer with a list of blocks. */
const Said = Schema.Struct({ content: Schema.Union([Block, Schema.Array(Block)]) })

/**
 * A sentence from the model that the client talks to, of `maxTokens` at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sentence = (options: { readonly prompt: string; readonly maxTokens: number }): Question<string> => ({
  needs: "sampling",
  method: "sampling/createMessage",
  params: {
    messages: [{ role: "user", content: { type: "text", text: options.prompt } }],
    maxTokens: options.maxTokens
  },
  read: (answer) =>
    Option.map(Schema.decodeUnknownOption(Said)(answer), ({ content }) =>
      [content].flat().map(({ text = "" }) => text).join("\n"))
})

/**
 * The directories that the client works in, as addresses.
 *
 * @category constants
 * @since 0.1.0
 */
export const roots: Question<ReadonlyArray<string>> = {
  needs: "roots",
  method: "roots/list",
  params: {},
  read: (answer) => Option.map(Schema.decodeUnknownOption(Roots)(answer), ({ roots }) => roots.map(({ uri }) => uri))
}

const Roots = Schema.Struct({ roots: Schema.Array(Schema.Struct({ uri: Schema.String })) })

/**
 * The call cannot be answered before the client has. It is made again with the
 * answers, from its beginning; `state` comes back with them, sealed: the client
 * can read it and cannot change it.
 *
 * @category errors
 * @since 0.1.0
 */
export class InputNeeded extends Schema.TaggedError<InputNeeded>()("InputNeeded", {
  questions: Schema.Record(Schema.String, Schema.Struct({ method: Schema.String, params: Schema.Unknown })),
  state: Schema.optionalKey(Schema.Unknown)
}) {
  override get message(): string {
    return "The call needs an answer of the client, which did not come."
  }
}

/**
 * The answers to the questions, once they are all there; otherwise the call ends
 * here, and begins again when the client has answered. What the client cannot
 * do is not to be asked for: see `CurrentClient`.
 *
 * @category running
 * @since 0.1.0
 */
export const ask = <const Q extends Readonly<Record<string, Question<unknown>>>>(
  questions: Q,
  state?: Schema.Json
): Effect.Effect<{ readonly [K in keyof Q]: Q[K] extends Question<infer A> ? A : never }, InputNeeded> =>
  Effect.gen(function*() {
    const { answers } = yield* CurrentClient
    const read = Object.entries(questions).map(([key, question]) => {
      const given = Object.hasOwn(answers, key) ? question.read(answers[key]) : Option.none()
      return { key, question, given }
    })
    const open = read.filter(({ given }) => Option.isNone(given))
    if (open.length > 0) {
      return yield* new InputNeeded({
        questions: Object.fromEntries(open.map(({ key, question: { method, params } }) => [key, { method, params }])),
        ...(state === undefined ? {} : { state })
      })
    }
    return Object.fromEntries(read.map(({ given, key }) => [key, Option.getOrThrow(given)])) as never
  })
