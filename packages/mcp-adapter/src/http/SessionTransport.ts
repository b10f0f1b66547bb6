/**
 * How the answers of a session's requests reach its client, over HTTP.
 *
 * @since 0.1.0
 */
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions
} from "@modelcontextprotocol/server"
import * as Predicate from "effect/Predicate"
import { HttpRefusal } from "./HttpRefusal.ts"
import type { SessionEventStore } from "./SessionEvents.ts"

/**
 * The library's transport, where no request waits for ever: the library ends the
 * answer to one when something was said to it, so never that of a request that
 * its client cancelled, nor that of the first of two with one id.
 *
 * @category models
 * @since 0.1.0
 */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  readonly #underWay = new Set<RequestId>()
  readonly #events: SessionEventStore

  constructor(options: WebStandardStreamableHTTPServerTransportOptions & { readonly eventStore: SessionEventStore }) {
    super(options)
    this.#events = options.eventStore
  }

  /**
   * Fails with `HttpRefusal` where a request has the id of one that is under way, and where what a client has
   * missed is not known any more. Who comes back takes the place of the connection that they had before.
   */
  override async handleRequest(
    ...[request, options]: Parameters<WebStandardStreamableHTTPServerTransport["handleRequest"]>
  ): Promise<Response> {
    const last = request.method === "GET" ? request.headers.get("last-event-id") : null
    if (last !== null && this.#events.streamOf(last) === undefined) {
      throw new HttpRefusal({ status: 400, why: "That event is not known any more: make the request again, or begin without Last-Event-ID" })
    }
    const messages: ReadonlyArray<unknown> = [options?.parsedBody].flat()
    const ids = messages.filter(isJSONRPCRequest).map(({ id }) => id)
    const twice = ids.find((id, at) => this.#underWay.has(id) || ids.indexOf(id) !== at)
    if (twice !== undefined) {
      throw new HttpRefusal({ status: 400, why: "A request with this id is under way: give each an id of its own", code: -32_600 })
    }
    for (const id of ids) this.#underWay.add(id)
    const forget = (): void => ids.forEach((id) => this.#underWay.delete(id))
    const response = await super.handleRequest(request, options).catch((cause: unknown) => {
      forget()
      throw cause
    })
    if (!response.ok) forget()
    else await Promise.all(messages.map(cancelledOf).map((id) => this.#end(id)))
    return response
  }

  override async send(...[message, options]: Parameters<WebStandardStreamableHTTPServerTransport["send"]>): Promise<void> {
    try {
      await super.send(message, options)
    } finally {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
        if (message.id !== undefined) this.#underWay.delete(message.id)
      }
    }
  }

  /** Its client does not wait for a word; the connection that it has open for one does. */
  async #end(id: RequestId | undefined): Promise<void> {
    if (id === undefined || !this.#underWay.has(id)) return
    const ended: JSONRPCMessage = { jsonrpc: "2.0", id, error: { code: cancelled, message: "The request was cancelled" } }
    // It may have been answered meanwhile.
    await this.send(ended).catch(() => undefined)
  }
}

/** What others who speak JSON-RPC say of it: the protocol has no code of its own. */
const cancelled = -32_800

const cancelledOf = (message: unknown): RequestId | undefined => {
  if (!Predicate.isObject(message) || !("method" in message) || message.method !== "notifications/cancelled") return undefined
  const id = "params" in message && Predicate.isObject(message.params) && "requestId" in message.params
    ? message.params.requestId
    : undefined
  return typeof id === "string" || typeof id === "number" ? id : undefined
}
