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

/**
 * Writes beside the file and then puts it in its place, so that nobody ever reads half a report. What is no file (a
 * pipe, `/dev/stdout`, `/dev/null`) is written to as it is: in its place a file would be in everybody's way.
 */
const writeFile = Effect.fnUntraced(function*(file: string, pieces: Iterable<string>) {
  // Where it is a socket it cannot be opened by this name.
  if (file === "/dev/stdout") return yield* writeAll(pieces)
  const fs = yield* FileSystem.FileSystem
  const there = yield* Effect.option(fs.stat(file))
  const type = Option.match(there, { onNone: () => "File", onSome: (info) => info.type })
  const written = type === "File" || type === "Directory"
    // A link goes on leading to the file that it leads to.
    ? Effect.flatMap(Option.isSome(there) ? fs.realPath(file) : Effect.succeed(file), (place) => replace(place, pieces))
    : writeThrough(file, pieces)
  yield* Effect.mapError(written, (error) => {
    // What the system said, where it is not among what is known: that the disk is full, say.
    const why = error.cause instanceof Error ? error.cause.message : error.message
    return new Failure({ exitCode: ExitCode.usage, message: `The report could not be written to ${file}: ${why}` })
  })
})

const replace = Effect.fnUntraced(function*(file: string, pieces: Iterable<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const draft = `${file}.${process.pid}.tmp`
  yield* fs.makeDirectory(path.dirname(path.resolve(file)), { recursive: true }).pipe(
    Effect.andThen(fs.writeFileString(draft, "", { mode: 0o600 })),
    Effect.andThen(Effect.forEach(pieces, (piece) => fs.writeFileString(draft, piece, { flag: "a" }), { discard: true })),
    Effect.andThen(fs.rename(draft, file)),
    Effect.onError(() => Effect.ignore(fs.remove(draft)))
  )
})

/** Opened once: whoever reads a pipe takes its first closing for the end. What is appended has no place of its own. */
const writeThrough = (file: string, pieces: Iterable<string>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const opened = yield* fs.open(file, { flag: "a" })
    const encoder = new TextEncoder()
    yield* Effect.forEach(pieces, (piece) => opened.writeAll(encoder.encode(piece)), { discard: true })
  }).pipe(Effect.scoped)

/** Writes a text that is no report to where `--output` says. */
export const writeText = Effect.fnUntraced(function*(text: string, output: Option.Option<string>) {
  if (Option.isSome(output)) return yield* writeFile(output.value, [text])
  yield* writeStdout(text)
})
