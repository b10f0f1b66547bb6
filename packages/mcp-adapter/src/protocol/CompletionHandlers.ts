/**
 * `completion/complete`, for arguments of prompts and variables of templates.
 *
 * @since 0.1.0
 */
import type { McpServer } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Completion from "../Completion.ts"
import { safe } from "../ErrorSanitiser.ts"
import { CallRefused } from "../Guardrails.ts"
import { tooLarge } from "../InputLimits.ts"
import type { Prompt } from "../Prompt.ts"
import type { Resource } from "../Resource.ts"
import * as Refusal from "./Refusal.ts"
import type { Serving } from "./Serving.ts"

/** What is to be completed is not known here. */
class UnknownReference extends Schema.TaggedError<UnknownReference>()("UnknownReference", { reference: Schema.String }) {
  override get message(): string {
    return `There is no prompt and no resource "${this.reference}".`
  }
}

/**
 * Serves completions on one connection. An argument that nothing is known of has
 * none; one whose values cannot be found out is an error, for no values would
 * mean that there are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const register = <R>(
  server: McpServer,
  serving: Serving<R>,
  { prompts, resources }: { readonly prompts: ReadonlyArray<Prompt<R>>; readonly resources: ReadonlyArray<Resource<R>> }
): void => {
  server.server.setRequestHandler("completion/complete", async ({ params }, context) => {
    const { argument, context: given, ref } = params
    const found = ref.type === "ref/prompt"
      ? prompts.find(({ name }) => name === ref.name)
      : resources.find(({ uri }) => uri === ref.uri)
    const values = Effect.gen(function*() {
      const problem = tooLarge(params)
      if (problem !== undefined) {
        return yield* new CallRefused({ guardrail: "InputLimits", why: `Refused: ${problem}.`, remedy: "Write less." })
      }
      if (found === undefined) {
        return yield* new UnknownReference({ reference: safe(ref.type === "ref/prompt" ? ref.name : ref.uri, 128) })
      }
      if (!Object.hasOwn(found.complete, argument.name)) return []
      const complete = found.complete[argument.name]!
      return yield* Effect.timeout(complete({ session: serving.session, given: given?.arguments ?? {} }), "10 seconds")
    })
    const exit = await serving.run(values, context)
    if (Exit.isFailure(exit)) throw Refusal.of(exit.cause)
    const { hasMore, total, values: matching } = Completion.of(argument.value, exit.value)
    return { completion: { values: [...matching], total, hasMore } }
  })
}
