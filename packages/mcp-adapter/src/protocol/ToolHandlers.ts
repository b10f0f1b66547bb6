/**
 * `tools/list` and `tools/call`.
 *
 * @since 0.1.0
 */
import {
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext
} from "@modelcontextprotocol/server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { metaKey } from "../CorrelationId.ts"
import type { Answer, Call, Tool } from "../Tool.ts"
import { answer, UnknownTool } from "../ToolCalls.ts"
import { explain } from "../ToolFailure.ts"
import type { Serving } from "./Serving.ts"

/**
 * Serves the tools on one connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const register = <R>(server: McpServer, serving: Serving<R>, tools: ReadonlyArray<Tool<R>>): void => {
  const result = async (name: string, args: unknown, context: ServerContext): Promise<CallToolResult | InputRequiredResult> => {
    const call = { tools, name, args, progress: progressOf(context) }
    const exit = await serving.run(answer(serving.session, call), context)
    // What the services are made of could not be built, or the client has cancelled.
    if (Exit.isFailure(exit)) return failureOf(exit.cause)
    const { correlationId, exit: ended } = exit.value
    const _meta = { [metaKey]: correlationId }
    if (Exit.isSuccess(ended)) return { ...resultOf(ended.value), _meta }
    return await serving.questionsOf(ended.cause, context) ?? { ...failureOf(ended.cause), _meta }
  }
  for (const { annotations, description, input, listed, name, output, title } of tools) {
    if (!listed) continue
    const config = { title, description, inputSchema: input, outputSchema: output, annotations }
    server.registerTool(name, config, (args, context) => result(name, args, context))
  }
  const outputs = outputsOf(tools)
  // The library's own way of calling a tool refuses unknown ones and wrong arguments before anyone could count them.
  server.server.setRequestHandler("tools/call", async ({ params }, context) => {
    const answered = await result(params.name, params.arguments, context)
    return isInputRequiredResult(answered)
      ? answered
      : server.server.projectCallToolResult(answered, outputs.get(params.name))
  })
}

type Outputs = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** Made once: over HTTP there may be a server for each request. */
const outputsByTools = new WeakMap<ReadonlyArray<unknown>, Outputs>()

const outputsOf = (tools: ReadonlyArray<Tool<unknown>>): Outputs => {
  const known = outputsByTools.get(tools)
  if (known !== undefined) return known
  const outputs: Outputs = new Map(
    tools.map(({ name, output }) => [name, output["~standard"].jsonSchema.output({ target: "draft-2020-12" })])
  )
  outputsByTools.set(tools, outputs)
  return outputs
}

const progressOf = ({ mcpReq }: ServerContext): Call["progress"] => {
  const progressToken = mcpReq._meta?.progressToken
  return ({ done, message, total }) =>
    progressToken === undefined
      ? Effect.void
      : Effect.ignore(Effect.tryPromise(() =>
        mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: done, total, message } })
      ))
}

const resultOf = (
  { content = [], isError, structured, text }: Answer<Readonly<Record<string, unknown>>>
): CallToolResult => ({
  content: [...text === "" && content.length > 0 ? [] : [{ type: "text" as const, text }], ...content],
  structuredContent: structured,
  ...(isError === true ? { isError } : {})
})

/** What there is to say of a failure. A tool that there is not is the protocol's to refuse. */
const failureOf = (cause: Cause.Cause<unknown>): CallToolResult => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof UnknownTool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message)
  return { content: [{ type: "text", text: explain(cause) }], isError: true }
}
