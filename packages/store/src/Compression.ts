/**
 * JSON, compressed; what is read back is what was written, or an error.
 *
 * @since 0.1.0
 */
import { deflate, inflate } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What is stored cannot be read back: somebody has changed it, or it got damaged. */
export class Damaged extends Schema.TaggedError<Damaged>()("Damaged", { problem: Schema.String }) {}

/** More than this is none of ours. */
const sizeLimit = 512 * 2 ** 20

/** Off this thread, and fast rather than small: level 1 takes half the time of 6 for a fifth more. */
export const compress = (text: string): Effect.Effect<Uint8Array> =>
  Effect.callback<Uint8Array>((resume) => {
    deflate(text, { level: 1 }, (error, bytes) => resume(error === null ? Effect.succeed(bytes) : Effect.die(error)))
  })

/** The checksum that is part of it finds whatever was changed. */
export const decompress = (bytes: Uint8Array): Effect.Effect<string, Damaged> =>
  Effect.callback<string, Damaged>((resume) => {
    inflate(bytes, { maxOutputLength: sizeLimit }, (error, text) =>
      resume(error === null ? Effect.succeed(text.toString("utf8")) : Effect.fail(new Damaged({ problem: error.message }))))
  })
