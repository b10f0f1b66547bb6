/**
 * The MCP sessions of clients of the revisions before 2026-07-28, which have them.
 *
 * @since 0.1.0
 */
import { createHash, randomUUID } from "node:crypto"
import type { McpServer } from "@modelcontextprotocol/server"
import { type Bounds, Session } from "../Guardrails.ts"
import { HttpRefusal } from "./HttpRefusal.ts"
import { SessionEvents, type SessionEventStore } from "./SessionEvents.ts"
import { SessionTransport } from "./SessionTransport.ts"

interface Entry {
  readonly caller: string
  readonly session: Session
  readonly server: McpServer
  readonly transport: SessionTransport
  readonly events: SessionEventStore
  lastUsed: number
  /** Requests, and streams for what the server has to say unasked, that are open. */
  requests: number
  streams: number
}

/**
 * At most `maxSessions` of them. When there are as many, one that does nothing
 * makes room: the one that was unused for longest, of whoever has most. One that
 * nobody used for `idleMs` is closed.
 *
 * @category models
 * @since 0.1.0
 */
export class McpSessions {
  readonly #entries = new Map<string, Entry>()
  readonly #maxSessions: number
  readonly #idleMs: number
  readonly #bounds: Bounds
  readonly #serverOf: (session: Session) => McpServer
  readonly #maxBodyBytes: number
  readonly #onEnd: (session: Session) => void
  /** A client that lost its connection hears the rest: the last few answers of a session, of all sessions so much. */
  readonly #events = new SessionEvents({ sessionBytes: 1_000_000, totalBytes: 64_000_000 })

  constructor(options: {
    readonly maxSessions: number
    readonly idleMs: number
    readonly bounds: Bounds
    readonly maxBodyBytes: number
    readonly serverOf: (session: Session) => McpServer
    /** Is told of each that ends, however it does. */
    readonly onEnd?: (session: Session) => void
  }) {
    this.#maxSessions = options.maxSessions
    this.#idleMs = options.idleMs
    this.#bounds = options.bounds
    this.#maxBodyBytes = options.maxBodyBytes
    this.#serverOf = options.serverOf
    this.#onEnd = options.onEnd ?? (() => undefined)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Begins a session and answers its first request. */
  async open(
    request: Request,
    body: unknown,
    by: { readonly caller: string; readonly principal: string | undefined; readonly now: number }
  ): Promise<Response> {
    this.closeIdle(by.now)
    if (this.#entries.size >= this.#maxSessions && !this.#makeRoom()) {
      throw new HttpRefusal({ status: 503, why: "All sessions are in use", headers: { "retry-after": "10" } })
    }
    const id = randomUUID()
    // The id opens the session: what is written down of it must not.
    const session = new Session({ id: publicIdOf(id), principal: by.principal, bounds: this.#bounds })
    const server = this.#serverOf(session)
    const eventStore = this.#events.open()
    const transport = new SessionTransport({
      eventStore,
      retryInterval: 1000,
      sessionIdGenerator: () => id,
      onsessionclosed: () => this.#close(id),
      maxRequestBodySize: this.#maxBodyBytes
    })
    await server.connect(transport)
    const entry = { caller: by.caller, session, server, transport, events: eventStore, lastUsed: by.now, requests: 1, streams: 0 }
    this.#entries.set(id, entry)
    try {
      return await transport.handleRequest(request, { parsedBody: body })
    } finally {
      entry.requests--
      // It was not the beginning of a session after all.
      if (transport.sessionId === undefined) await this.#close(id)
    }
  }

  /** Answers a request of a session. `ended` is to be called when its answer has been written. */
  async answer(
    request: Request,
    body: unknown,
    by: { readonly id: string; readonly caller: string; readonly now: number }
  ): Promise<{ readonly response: Response; readonly ended: (now: number) => void }> {
    this.closeIdle(by.now)
    const entry = this.#entries.get(by.id)
    // Somebody else's session is none.
    if (entry === undefined || entry.caller !== by.caller) {
      throw new HttpRefusal({ status: 404, why: "Session not found: begin a new one", code: -32_001 })
    }
    entry.lastUsed = by.now
    const kind = request.method === "GET" ? "streams" : "requests"
    entry[kind]++
    const ended = (now: number) => {
      entry[kind]--
      entry.lastUsed = now
    }
    try {
      return { response: await entry.transport.handleRequest(request, body === undefined ? {} : { parsedBody: body }), ended }
    } catch (error) {
      ended(by.now)
      throw error
    }
  }

  /** Closes those that nobody used for too long. */
  closeIdle(now: number): void {
    for (const [id, { lastUsed, requests, streams }] of this.#entries) {
      if (requests + streams === 0 && now - lastUsed >= this.#idleMs) void this.#close(id)
    }
  }

  /** Closes all of them; the calls that are under way are interrupted. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.#close(id)))
  }

  async #close(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    if (entry !== undefined) this.#events.close(entry.events)
    // Whether or not the other side is still there.
    await entry?.server.close().catch(() => undefined)
    if (entry !== undefined) this.#onEnd(entry.session)
  }

  #makeRoom(): boolean {
    const idle = [...this.#entries].filter(([, { requests }]) => requests === 0)
    const counts = new Map<string, number>()
    for (const [, { caller }] of this.#entries) counts.set(caller, (counts.get(caller) ?? 0) + 1)
    let chosen: (typeof idle)[number] | undefined
    for (const candidate of idle) {
      const more = chosen === undefined ? 1 : counts.get(candidate[1].caller)! - counts.get(chosen[1].caller)!
      if (chosen === undefined || more > 0 || (more === 0 && candidate[1].lastUsed < chosen[1].lastUsed)) chosen = candidate
    }
    if (chosen === undefined) return false
    void this.#close(chosen[0])
    return true
  }
}

/**
 * What names a session, or a caller, where others read it.
 *
 * @category getters
 * @since 0.1.0
 */
export const publicIdOf = (secret: string): string => createHash("sha256").update(secret).digest("hex").slice(0, 16)
