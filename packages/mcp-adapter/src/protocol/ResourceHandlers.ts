/**
 * `resources/…`: what there is, what it reads, and who is told when it changes.
 *
 * @since 0.1.0
 */
import {
  type McpServer,
  type ReadResourceResult,
  ResourceNotFoundError
} from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { safe } from "../ErrorSanitiser.ts"
import * as GuardedRequest from "../GuardedRequest.ts"
import { NotFound, type Resource } from "../Resource.ts"
import type { ResourceChangeHub } from "../ResourceChanges.ts"
import * as Refusal from "./Refusal.ts"
import type { Serving } from "./Serving.ts"

/**
 * Serves the resources on one connection.
 *
 * - `changes`: what the connection is told of, where it can be told anything unasked
 * - `isFiltered`: whether whoever carries the messages chooses among them by what the client listens to; otherwise only
 *   what it has subscribed to is sent
 *
 * @category constructors
 * @since 0.1.0
 */
export const register = <R>(
  server: McpServer,
  serving: Serving<R>,
  resources: ReadonlyArray<Resource<R>>,
  options: { readonly changes?: ResourceChangeHub | undefined; readonly isFiltered: boolean }
): void => {
  const { session } = serving
  const protocol = server.server
  const fixed = resources.filter(({ isTemplate }) => !isTemplate)
  const templates = resources.filter(({ isTemplate }) => isTemplate)

  protocol.setRequestHandler("resources/list", async (_request, context) => {
    const listed = Effect.forEach(templates, ({ list, mimeType }) =>
      Effect.map(list(session), (found) => found.map((instance) => ({ ...instance, mimeType }))))
    const exit = await serving.run(listed, context)
    if (Exit.isFailure(exit)) throw Refusal.of(exit.cause)
    return { resources: [...fixed.map(({ uri, ...about }) => ({ uri, ...aboutOf(about) })), ...exit.value.flat()] }
  })
  protocol.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: templates.map(({ uri, ...about }) => ({ uriTemplate: uri, ...aboutOf(about) }))
  }))
  protocol.setRequestHandler("resources/read", async ({ params: { uri } }, context) => {
    const read = GuardedRequest.run(session, {
      action: "resources/read",
      parameters: { uri },
      counts: true,
      answer: Effect.suspend(() => {
        for (const resource of resources) {
          const variables = resource.match(uri)
          if (variables !== undefined) return resource.read({ uri, variables, session })
        }
        return Effect.fail(new NotFound({ uri: safe(uri, 1024) }))
      })
    })
    return await serving.answer(read, context, (contents, _meta): ReadResourceResult => ({ contents: [...contents], _meta }))
  })

  const subscribed = new Set<string>()
  protocol.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
    if (!resources.some(({ match }) => match(uri) !== undefined)) throw new ResourceNotFoundError(safe(uri, 1024))
    if (!subscribed.has(uri) && subscribed.size >= maxSubscriptions) throw Refusal.tooMany(maxSubscriptions)
    subscribed.add(uri)
    return {}
  })
  protocol.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    subscribed.delete(uri)
    return {}
  })
  const { changes, isFiltered } = options
  if (changes === undefined) return
  const end = changes.listen(({ uri }) => {
    if (!server.isConnected()) return
    if (uri === undefined) void protocol.sendResourceListChanged().catch(() => undefined)
    else if (isFiltered || subscribed.has(uri)) void protocol.sendResourceUpdated({ uri }).catch(() => undefined)
  })
  const closed = protocol.onclose
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
  protocol.onclose = () => {
    end()
    closed?.()
  }
}

/** Of one connection at once. */
const maxSubscriptions = 256

const aboutOf = (
  { description, mimeType, name, title }: Pick<Resource<unknown>, "description" | "mimeType" | "name" | "title">
) => ({ name, title, description, mimeType })
