/** A text file that the command line names. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { ExitCode, Failure } from "./Failure.ts"

/** More than any format's file has; more is not read into memory. */
const maxBytes = 16 * 1_048_576

export const read = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const fail = (why: string) =>
    new Failure({ exitCode: ExitCode.usage, message: `The file ${path} cannot be read: ${why}.` })
  const { size } = yield* Effect.mapError(fs.stat(path), ({ reason }) => fail(reason._tag === "NotFound" ? "there is no such file" : reason.message))
  if (size > maxBytes) return yield* fail(`it has more than ${maxBytes} bytes`)
  return yield* Effect.mapError(fs.readFileString(path), ({ message }) => fail(message))
})
