/** Where a report goes: stdout, or a file that is there whole or not at all. */
import { formatNamed, formats, type RenderOptions, type Report, type ReportFormat } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { ExitCode, ExitWith, Failure } from "./Failure.ts"

/** The format asked for: by name, else by the output file's ending, else a table. */
export const formatOf = (flags: {
  readonly format: Option.Option<string>
  readonly output: Option.Option<string>
}): Effect.Effect<ReportFormat, Failure> => {
  const ending = Option.getOrElse(flags.output, () => "").split(".").at(-1)
  const name = Option.getOrElse(flags.format, () => formats.find(({ extension }) => extension === ending)?.names[0] ?? "table")
  const format = formatNamed(name)
  return format === undefined
    ? Effect.fail(
      new Failure({
        exitCode: ExitCode.usage,
        message: `The format "${name}" is unknown. Valid formats: ${formats.flatMap(({ names }) => names).join(", ")}`
      })
    )
    : Effect.succeed(format)
}

/**
 * Writes a piece to stdout and waits until it is taken, so that a slow reader
 * slows the writer. A reader that has gone ends the command.
 */
export const writeStdout = (text: string): Effect.Effect<void, ExitWith> =>
  Effect.callback((resume) => {
    process.stdout.write(text, (error) => {
      resume(error == null ? Effect.void : Effect.fail(new ExitWith({ exitCode: ExitCode.incomplete })))
    })
  })

// A closed pipe is told to each write's callback; without a listener it would also end the process with a stack trace.
process.stdout.on("error", () => {})

/** Pieces of text in blocks: one write for each would be slow. */
function* blocks(pieces: Iterable<string>): Iterable<string> {
  let block = ""
  for (const piece of pieces) {
    block += piece
    if (block.length < 65_536) continue
    yield block
    block = ""
  }
  if (block !== "") yield block
}

/**
 * Writes pieces to stdout as {@link writeStdout} does, in blocks: a page in one
 * text would be larger than what the allocator has at hand.
 */
export const writeAll = (pieces: Iterable<string>): Effect.Effect<void, ExitWith> =>
  Effect.forEach(blocks(pieces), writeStdout, { discard: true })

const isTerminal = process.stdout.isTTY

/** Writes a report in a format to where `--output` says. */
export const write = (report: Report, format: ReportFormat, output: Option.Option<string>) =>
  writePieces((options) => format.render(report, options), output)

/** Writes what is rendered in pieces, for the terminal where there is one. */
export const writePieces = Effect.fnUntraced(function*(
  render: (options: RenderOptions) => Iterable<string>,
  output: Option.Option<string>
) {
  if (Option.isSome(output)) {
    return yield* writeFile(output.value, blocks(render({})))
  }
  const pieces = render({
    ...(isTerminal ? { width: process.stdout.columns } : {}),
    color: isTerminal && (process.env.NO_COLOR ?? "") === ""
  })
  yield* writeAll(pieces)
})

/** Writes beside the file and then puts it in its place, so that nobody ever reads half a report. */
const writeFile = Effect.fnUntraced(function*(file: string, pieces: Iterable<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const draft = `${file}.${process.pid}.tmp`
  yield* fs.makeDirectory(path.dirname(path.resolve(file)), { recursive: true }).pipe(
    Effect.andThen(fs.writeFileString(draft, "", { mode: 0o600 })),
    Effect.andThen(Effect.forEach(pieces, (piece) => fs.writeFileString(draft, piece, { flag: "a" }), { discard: true })),
    Effect.andThen(fs.rename(draft, file)),
    Effect.onError(() => Effect.ignore(fs.remove(draft))),
    Effect.mapError((error) =>
      new Failure({ exitCode: ExitCode.usage, message: `The report could not be written to ${file}: ${error.message}` })
    )
  )
})

/** Writes a text that is no report to where `--output` says. */
export const writeText = Effect.fnUntraced(function*(text: string, output: Option.Option<string>) {
  if (Option.isSome(output)) return yield* writeFile(output.value, [text])
  yield* writeStdout(text)
})
