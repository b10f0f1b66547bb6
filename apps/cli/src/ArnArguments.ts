/** ARNs as the command line has them: as arguments, or with `-` on stdin, one a line. */
import * as Effect from "effect/Effect"
import { ExitCode, Failure } from "./Failure.ts"

/** Two hundred times what may be asked for at once; more is not read into memory. */
const maxCharacters = 40_000_000

export const read = (given: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, Failure> =>
  given.includes("-")
    ? Effect.map(stdin, (lines) => given.flatMap((arn) => arn === "-" ? lines : [arn]))
    : Effect.succeed(given)

const stdin: Effect.Effect<ReadonlyArray<string>, Failure> = Effect.tryPromise({
  try: async () => {
    let text = ""
    process.stdin.setEncoding("utf8")
    for await (const piece of process.stdin) {
      text += String(piece)
      if (text.length > maxCharacters) throw new Error(`it has more than ${maxCharacters} characters`)
    }
    return text.split(/\r?\n/u).map((line) => line.trim()).filter((line) => line !== "")
  },
  catch: (cause) =>
    new Failure({
      exitCode: ExitCode.usage,
      message: `stdin cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    })
})
