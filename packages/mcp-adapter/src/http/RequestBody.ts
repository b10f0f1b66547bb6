/**
 * The body of a request, as long as it is not too long and comes in time.
 *
 * @since 0.1.0
 */
import type { IncomingMessage } from "node:http"
import * as Effect from "effect/Effect"
import { HttpRefusal } from "./HttpRefusal.ts"

/**
 * Reads a body of JSON. What is too long is not read to its end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (
  request: IncomingMessage,
  { bodyTimeoutMs, maxBodyBytes }: { readonly maxBodyBytes: number; readonly bodyTimeoutMs: number }
): Effect.Effect<unknown, HttpRefusal> =>
  Number(request.headers["content-length"] ?? 0) > maxBodyBytes
    ? Effect.fail(tooLong(maxBodyBytes))
    : bytesOf(request, maxBodyBytes).pipe(
      Effect.timeoutOrElse({
        duration: bodyTimeoutMs,
        orElse: () =>
          Effect.fail(new HttpRefusal({ status: 408, why: `The request did not come within ${bodyTimeoutMs / 1000} s` }))
      }),
      Effect.flatMap((bytes) =>
        Effect.try({
          try: () => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown,
          catch: () => new HttpRefusal({ status: 400, why: "Parse error: the body is no JSON", code: -32_700 })
        })
      )
    )

const tooLong = (maxBodyBytes: number): HttpRefusal =>
  new HttpRefusal({ status: 413, why: `The body is longer than ${maxBodyBytes} bytes` })

const bytesOf = (request: IncomingMessage, maxBodyBytes: number): Effect.Effect<Buffer, HttpRefusal> =>
  Effect.callback((resume) => {
    const chunks: Array<Buffer> = []
    let length = 0
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBodyBytes) return void chunks.push(chunk)
      stop()
      resume(Effect.fail(tooLong(maxBodyBytes)))
    }
    const onEnd = () => {
      stop()
      resume(Effect.succeed(Buffer.concat(chunks)))
    }
    const onClose = () => {
      stop()
      resume(Effect.fail(new HttpRefusal({ status: 400, why: "The request was cut off" })))
    }
    const stop = () => {
      request.off("data", onData).off("end", onEnd).off("error", onClose).off("close", onClose)
    }
    request.on("data", onData).on("end", onEnd).on("error", onClose).on("close", onClose)
    return Effect.sync(stop)
  })
