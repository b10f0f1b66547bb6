/**
 * `prompts/list` and `prompts/get`.
 *
 * @since 0.1.0
 */
import type { GetPromptResult, McpServer, PromptMessage } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { safe } from "../ErrorSanitiser.ts"
import * as GuardedRequest from "../GuardedRequest.ts"
import type { Message, Prompt } from "../Prompt.ts"
import type { ToolError } from "../Tool.ts"
import type { Serving } from "./Serving.ts"

/** There is no such prompt. */
class UnknownPrompt extends Schema.TaggedError<UnknownPrompt>()("UnknownPrompt", {
  name: Schema.String,
  prompts: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Prompt "${this.name}" not found. Prompts: ${this.prompts.join(", ")}`
  }
}

/** The arguments are not what the prompt takes. */
class WrongArguments extends Schema.TaggedError<WrongArguments>()("WrongArguments", {
  prompt: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `Invalid arguments for prompt ${this.prompt}: ${this.problem}`
  }
}

/**
 * Serves the prompts on one connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const register = <R>(server: McpServer, serving: Serving<R>, prompts: ReadonlyArray<Prompt<R>>): void => {
  const protocol = server.server
  protocol.setRequestHandler("prompts/list", () => ({
    prompts: prompts.map(({ arguments: takes, description, name, title }) => ({
      name,
      title,
      description,
      arguments: takes.map((argument) => ({ ...argument }))
    }))
  }))
  protocol.setRequestHandler("prompts/get", async ({ params }, context) => {
    const { arguments: args = {}, name } = params
    const prompt = prompts.find((prompt) => prompt.name === name)
    const got = GuardedRequest.run(serving.session, {
      action: "prompts/get",
      parameters: { name, arguments: args },
      counts: false,
      answer: prompt === undefined
        ? Effect.fail(new UnknownPrompt({ name: safe(name, 64), prompts: prompts.map(({ name }) => name) }))
        : messagesOf(prompt, args)
    })
    return await serving.answer(got, context, (messages, _meta): GetPromptResult => ({
      ...(prompt === undefined ? {} : { description: prompt.description }),
      messages: messages.map(messageOf),
      _meta
    }))
  })
}

const messagesOf = <R>(prompt: Prompt<R>, args: unknown): Effect.Effect<ReadonlyArray<Message>, ToolError, R> =>
  Effect.gen(function*() {
    const read = yield* Effect.promise(() => Promise.resolve(prompt.input["~standard"].validate(args)))
    if (read.issues === undefined) return yield* prompt.messages(read.value)
    const problem = read.issues.slice(0, 10).map(({ message, path = [] }) =>
      `${path.length === 0 ? "" : `${path.map(String).join(".")}: `}${message}`
    )
    return yield* new WrongArguments({ prompt: prompt.name, problem: problem.join("; ") })
  })

const messageOf = ({ content, role }: Message): PromptMessage => ({ role, content })
