/**
 * Tools that scan: how they answer when the scan takes longer than a call may,
 * and when what it found is more than an answer holds.
 *
 * @since 0.1.0
 */
import type { MultiRegionScanError } from "@cadastre/compliance"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clipped, firstLines } from "./Budget.ts"
import * as CoverageAnswer from "./CoverageAnswer.ts"
import type { KnownScan } from "./KeptScans.ts"
import { cursorOf, ScanHandles, type ScanWork, uriOf } from "./ScanHandles.ts"
import type { Page, ScanResult } from "./ScanResult.ts"
import * as SoFar from "./SoFar.ts"
import { type Answer, type Call, make as makeTool, type Tool, type ToolError } from "./Tool.ts"
import { NothingSeen, RequestRefused } from "./ToolFailure.ts"

const cursor = Schema.optionalKey(
  Schema.String.annotate({
    description: "next_cursor of an earlier answer, for its next page: all else is left aside."
  })
)

/** What the answer with a result says of the scan that it is of. */
const endedFields = {
  status: Schema.Literal("finished"),
  scan_id: Schema.String,
  resource_uri: Schema.String.annotate({ description: "The whole result, as a resource." }),
  next_cursor: Schema.optionalKey(
    Schema.String.annotate({ description: "Absent when this is all." })
  )
}

/**
 * A scan that goes on after the call was answered.
 *
 * @category models
 * @since 0.1.0
 */
export const Running = Schema.Struct({
  status: Schema.Literal("running"),
  scan_id: Schema.String,
  resource_uri: Schema.String,
  started_at: Schema.String,
  progress: Schema.optionalKey(
    Schema.Struct({ cells_ended: Schema.Natural, cells_total: Schema.Natural, resources_found: Schema.Natural })
      .annotate({ description: "How far a running scan is." })
  ),
  so_far: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)).annotate({
    description: "Of a running scan: not its result."
  })
})
/** @since 0.1.0 */
export type Running = typeof Running.Type

/**
 * What the scan of a tool is to hand on to `Compliance`.
 *
 * @category models
 * @since 0.1.0
 */
export type WorkOptions = Parameters<ScanWork<object, ToolError, unknown>["work"]>[0]

/**
 * Makes a tool that answers with what a scan comes to, or, where that takes too
 * long, with a handle and what there is so far; the scan goes on. A list that is
 * too long for an answer goes on behind `next_cursor`.
 *
 * - `output`: the fields of the answer with a result
 * - `work`: the scan; its services are those of the call
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const I extends Schema.Struct.Fields,
  O extends Schema.Struct.Fields,
  E extends ToolError,
  R
>(options: {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: I
  readonly output: O
  readonly listed?: boolean
  readonly work: (
    args: Schema.Struct.Type<I>,
    options: WorkOptions
  ) => Effect.Effect<ScanResult<Schema.Struct.Type<O>>, E, R>
}): Tool<R | ScanHandles> => {
  const { description, input, listed = true, name, output, title, work } = options
  const call = Effect.fnUntraced(function*(given: object, call: Call) {
    const scans = yield* ScanHandles
    const { cursor: at, ...args } = given as Schema.Struct.Type<I> & { readonly cursor?: string }
    if (at !== undefined) {
      const { page, scan } = yield* scans.page(call.owner, at)
      return scan.tool === name
        ? pageAnswer(scan, page, at)
        : yield* new RequestRefused({
          why: `The cursor is of a result of ${scan.tool}.`,
          remedy: `Give it to ${scan.tool}, or to the tool scan with action result.`
        })
    }
    const waited = yield* scans.run(call, {
      tool: name,
      args,
      work: (options) => Effect.mapError(work(args as unknown as Schema.Struct.Type<I>, options), withWhatToDo)
    })
    return waited._tag === "Running"
      ? runningAnswer(waited.scan)
      : {
        ...pageAnswer(waited.scan, waited.result.page(0)),
        ...(waited.result.isError ? { isError: true } : {})
      }
  })
  return makeTool({
    name,
    title,
    description,
    listed,
    input: { ...input, cursor },
    output: Schema.Union([Schema.Struct({ ...output, ...endedFields }), Running]) as unknown as Schema.Codec<
      Readonly<Record<string, unknown>>,
      unknown
    >,
    call
  })
}

/** Where nothing was seen, the coverage says why and what to do; a tool that has an answer to that has given it. */
const withWhatToDo = <E extends ToolError>(error: E): E | NothingSeen =>
  isNothingSeen(error) ? new NothingSeen({ coverage: CoverageAnswer.toMarkdown(error.partialResult.coverage) }) : error

const isNothingSeen = (error: ToolError): error is MultiRegionScanError => error._tag === "MultiRegionScanError"

/** The answer with a page of a result. */
const pageAnswer = (
  scan: KnownScan,
  { next, structured, text }: Page,
  from?: string
): Answer<Readonly<Record<string, unknown>>> => {
  const shown = from === undefined ? "the worst" : "more"
  const more = next === undefined
    ? []
    : [
      "",
      `This shows ${shown}. The same tool with \`cursor\` \`${cursorOf(scan.id, next)}\` shows the next page; the whole result is ` +
      `the resource \`${uriOf(scan.id)}\`.`
    ]
  return {
    structured: {
      ...structured,
      status: "finished",
      scan_id: scan.id,
      resource_uri: uriOf(scan.id),
      ...(next === undefined ? {} : { next_cursor: cursorOf(scan.id, next) })
    },
    text: [text, ...more].join("\n")
  }
}

/**
 * What is told of a scan that goes on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const runningOf = (scan: KnownScan): { readonly running: Running; readonly text: string } => {
  const { id, progress, soFar, startedAt } = scan
  const partial = soFar?.()
  return {
    running: {
      status: "running",
      scan_id: id,
      resource_uri: uriOf(id),
      started_at: DateTime.formatIso(DateTime.makeUnsafe(startedAt)),
      ...(progress === undefined ? {} : {
        progress: { cells_ended: progress.cellsEnded, cells_total: progress.cells, resources_found: progress.resources }
      }),
      ...(partial === undefined ? {} : { so_far: SoFar.make(partial) })
    },
    text: [
      `**The scan is still under way: this is not its result.** Its handle is \`${id}\`: call the tool scan with ` +
      `action status and this scan_id to hear how far it is, result for what it came to, cancel to end it. Each time is one ` +
      `of this session's calls: wait some seconds before the next.`,
      ...(partial === undefined ? [] : ["", SoFar.toMarkdown(partial)])
    ].join("\n")
  }
}

const runningAnswer = (scan: KnownScan): Answer<Readonly<Record<string, unknown>>> => {
  const { running, text } = runningOf(scan)
  return { structured: running, text: firstLines(clipped(text, 8000), 8000) }
}
