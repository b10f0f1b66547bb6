/**
 * Collects an HTTP answer as it comes in, and refuses what no service of AWS
 * answers: a body without end, a compressed one that nobody asked for, success
 * without a single byte.
 *
 * @since 0.1.0
 */
import type { Dispatcher } from "undici"
import { type BodyPool, pieceBytes } from "./BodyPool.ts"
import { freeSoon } from "./ReadBuffer.ts"
import type { Reading, ReadGate } from "./ReadGate.ts"
import * as TrustedRoots from "./TrustedRoots.ts"

/**
 * The largest body that is read, 64 MiB. The largest real pages, a thousand EC2
 * instances with fifty tags each, have about 20.
 *
 * @category configuration
 * @since 0.1.0
 */
export const maxAnswerBytes = 64 * 2 ** 20

/** Of an error, 1 MiB: those of AWS have a few thousand bytes, and the SDK reads them less thriftily than answers are. */
const maxErrorBytes = 2 ** 20

/**
 * `body` may lie in a buffer of the pool: `release` of `BodyPool` gives it back.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/**
 * An answer that is none, whatever its status says. `name` says what is wrong
 * with it:
 *
 * - `EmptyAnswer`: success without a single byte; no operation that we call has
 *   one, and some of the SDK's readers would take it for an answer without items
 * - `AnswerTooLarge`: more than {@link maxAnswerBytes}, or an error of more than 1 MiB
 * - `EncodedAnswer`: compressed, although nobody offered to read that
 *
 * @category errors
 * @since 0.1.0
 */
export class BadAnswer extends Error {
  override readonly name: "EmptyAnswer" | "AnswerTooLarge" | "EncodedAnswer"
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(name: BadAnswer["name"], message: string, status: number) {
    super(message)
    this.name = name
    this.$metadata = { httpStatusCode: status }
  }
}

interface Abortable {
  readonly aborted: boolean
  onabort: unknown
}

/**
 * What undici reports one exchange to. Settles once, by `done` or by `failed`;
 * afterwards nothing of the answer is read.
 *
 * @category constructors
 * @since 0.1.0
 */
export class AnswerCollector implements Dispatcher.DispatchHandler {
  isSettled = false
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Record<string, string> = {}
  /** The answer so far, copied into memory that is used again: what comes in is a fresh buffer for each read. */
  #pieces: Array<Buffer> = []
  readonly #pool: BodyPool
  readonly #gate: ReadGate
  readonly #reading: Reading
  readonly #done: (answer: Answer) => void
  readonly #failed: (error: unknown) => void
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = () => this.#fail(Object.assign(new Error("Request aborted"), { name: "AbortError" }))

  constructor(
    pool: BodyPool,
    gate: ReadGate,
    done: (answer: Answer) => void,
    failed: (error: unknown) => void,
    signal: Abortable | undefined
  ) {
    this.#pool = pool
    this.#gate = gate
    this.#reading = { bytes: 0, pause: () => this.#controller?.pause(), resume: () => this.#controller?.resume() }
    this.#done = done
    this.#failed = failed
    this.#signal = signal instanceof AbortSignal ? signal : undefined
    if (this.#signal?.aborted === true) this.#onAbort()
    else this.#signal?.addEventListener("abort", this.#onAbort, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.isSettled) controller.abort(new Error("Request aborted"))
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | Array<string> | undefined>
  ): void {
    // Informational answers (100, 103) come before the one that counts.
    if (status < 200) return
    this.#status = status
    for (const name in headers) {
      const value = headers[name]
      if (value !== undefined) this.#headers[name] = typeof value === "string" ? value : value.join(", ")
    }
    const encoding = this.#headers["content-encoding"]
    if (encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity") {
      return this.#refuse("EncodedAnswer", `the answer is encoded as ${encoding.slice(0, 40)}`)
    }
    if (Number(this.#headers["content-length"] ?? 0) > this.#maxBytes) this.#tooLarge()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return
    const at = this.#reading.bytes
    this.#gate.received(this.#reading, chunk.length)
    if (this.#reading.bytes > this.#maxBytes) return this.#tooLarge()
    for (let taken = 0; taken < chunk.length;) {
      const within = (at + taken) % pieceBytes
      if (within === 0) this.#pieces.push(this.#pool.piece())
      taken += chunk.copy(this.#pieces.at(-1)!, within, taken)
    }
    if (this.#controller?.paused === false) freeSoon(chunk)
  }

  onResponseEnd(): void {
    const { bytes } = this.#reading
    if (bytes === 0 && this.#status < 300) return this.#refuse("EmptyAnswer", "the answer is empty")
    if (!this.#settle()) return
    const pieces = this.#pieces
    this.#pieces = []
    const hand = () => this.#done({ statusCode: this.#status, headers: this.#headers, body: this.#pool.whole(pieces, bytes) })
    // Each in a turn of its own, in which it is decoded: of answers that end together each would need a buffer of its own.
    if (bytes > pieceBytes) setImmediate(hand)
    else hand()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(named(error))
  }

  get #maxBytes(): number {
    return this.#status < 300 ? maxAnswerBytes : maxErrorBytes
  }

  #tooLarge(): void {
    this.#refuse("AnswerTooLarge", `the answer is larger than ${this.#maxBytes / 2 ** 20} MiB`)
  }

  #refuse(name: BadAnswer["name"], message: string): void {
    this.#fail(new BadAnswer(name, message, this.#status))
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return
    this.#pool.giveBack(this.#pieces)
    this.#pieces = []
    this.#failed(error)
    this.#controller?.abort(error instanceof Error ? error : new Error("Request aborted"))
  }

  #settle(): boolean {
    if (this.isSettled) return false
    this.isSettled = true
    this.#gate.ended(this.#reading)
    this.#signal?.removeEventListener("abort", this.#onAbort)
    return true
  }
}

/** undici's codes by what they mean to who classifies errors; anything else speaks for itself. */
const names: Readonly<Record<string, string>> = {
  UND_ERR_BODY_TIMEOUT: "TimeoutError",
  UND_ERR_CONNECT_TIMEOUT: "TimeoutError",
  UND_ERR_HEADERS_TIMEOUT: "TimeoutError",
  UND_ERR_SOCKET: "RequestTimeout",
  // The connection ended before the promised length.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "RequestTimeout"
}

const named = (error: Error & { readonly code?: unknown }): Error => {
  const name = typeof error.code === "string" && Object.hasOwn(names, error.code) ? names[error.code] : undefined
  return name === undefined ? TrustedRoots.explained(error) : Object.assign(error, { name })
}
