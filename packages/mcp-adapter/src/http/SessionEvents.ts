/**
 * What the server has said in sessions, for clients whose connection was lost:
 * they come back with `Last-Event-ID`, and miss nothing.
 *
 * @since 0.1.0
 */
import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server"

interface Event {
  readonly stream: string
  readonly message: JSONRPCMessage
  readonly bytes: number
}

/**
 * The events of all sessions: about `sessionBytes` of JSON of one at most, and at most
 * `totalBytes` of all together. The oldest are forgotten first.
 *
 * @category models
 * @since 0.1.0
 */
export class SessionEvents {
  readonly #sessionBytes: number
  readonly #totalBytes: number
  /** Who spoke last comes last. */
  readonly #stores = new Set<SessionEventStore>()
  #bytes = 0

  constructor(limits: { readonly sessionBytes: number; readonly totalBytes: number }) {
    this.#sessionBytes = limits.sessionBytes
    this.#totalBytes = limits.totalBytes
  }

  /** Bytes of all that is kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** The events of a new session. */
  open(): SessionEventStore {
    const store = new SessionEventStore((bytes) => {
      this.#bytes += bytes
      this.#stores.delete(store)
      this.#stores.add(store)
      while (store.bytes > this.#sessionBytes && store.size > 1) this.#bytes -= store.forgetOldest()
      for (const longestSilent of this.#stores) {
        while (this.#bytes > this.#totalBytes && longestSilent.size > 0) this.#bytes -= longestSilent.forgetOldest()
        if (this.#bytes <= this.#totalBytes) break
      }
    })
    return store
  }

  /** The session is over. */
  close(store: SessionEventStore): void {
    this.#bytes -= store.bytes
    this.#stores.delete(store)
    store.clear()
  }
}

/**
 * The events of one session, numbered as they come.
 *
 * @category models
 * @since 0.1.0
 */
export class SessionEventStore implements EventStore {
  readonly #events = new Map<number, Event>()
  readonly #onStored: (bytes: number) => void
  #last = 0
  #bytes = 0
  #isOver = false

  constructor(onStored: (bytes: number) => void) {
    this.#onStored = onStored
  }

  get size(): number {
    return this.#events.size
  }

  get bytes(): number {
    return this.#bytes
  }

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = ++this.#last
    if (!this.#isOver) {
      const bytes = overhead + weightOf(message)
      this.#events.set(id, { stream, message, bytes })
      this.#bytes += bytes
      this.#onStored(bytes)
    }
    return String(id)
  }

  /**
   * The stream of an event. None of one that was forgotten: what came after it may have been, too, and nobody would know.
   *
   * Not by the library's name for it: by that, it refuses who comes back before it knows that the connection was lost.
   */
  streamOf(eventId: string): string | undefined {
    return /^\d{1,15}$/u.test(eventId) ? this.#events.get(Number(eventId))?.stream : undefined
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { readonly send: (eventId: string, message: JSONRPCMessage) => Promise<void> }
  ): Promise<string> {
    const stream = this.streamOf(lastEventId)
    if (stream === undefined) throw new Error("The event is not known any more")
    for (const [id, event] of this.#events) {
      // The event that begins a stream has nothing to say.
      if (id > Number(lastEventId) && event.stream === stream && "jsonrpc" in event.message) await send(String(id), event.message)
    }
    return stream
  }

  /** Forgets the first, and says how many bytes that were. */
  forgetOldest(): number {
    for (const [id, { bytes }] of this.#events) {
      this.#events.delete(id)
      this.#bytes -= bytes
      return bytes
    }
    return 0
  }

  /** Forgets everything, for good. */
  clear(): void {
    this.#isOver = true
    this.#events.clear()
    this.#bytes = 0
  }
}

/** What an event takes besides its text, about. */
const overhead = 200

/** About the bytes of a value as JSON, without writing it: an answer is written often enough. */
const weightOf = (value: unknown): number => {
  if (typeof value === "string") return Buffer.byteLength(value) + 3
  if (typeof value !== "object" || value === null) return 8
  let bytes = 2
  if (Array.isArray(value)) {
    for (const item of value) bytes += weightOf(item)
  } else {
    for (const [key, inner] of Object.entries(value)) bytes += key.length + 4 + weightOf(inner)
  }
  return bytes
}
