/** @since 0.1.0 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { firstLines } from "../Budget.ts"
import type { KnownScan } from "../KeptScans.ts"
import { cursorOf, ScanHandles, uriOf } from "../ScanHandles.ts"
import * as Scanning from "../Scanning.ts"
import * as SoFar from "../SoFar.ts"
import { type Answer, type Call, make } from "../Tool.ts"
import { RequestRefused } from "../ToolFailure.ts"
import { complianceCheck } from "./CheckTagCompliance.ts"

const actions = ["start", "status", "result", "cancel", "list"] as const

const ScanAnswer = {
  scan_id: Schema.String,
  tool: Schema.String.annotate({ description: "The tool that began it, in whose form the result is." }),
  status: Schema.Literals(["running", "finished", "failed", "cancelled"]),
  resource_uri: Schema.String,
  started_at: Schema.String,
  ended_at: Schema.optionalKey(Schema.String),
  expires_at: Schema.optionalKey(Schema.String).annotate({ description: "When the result is forgotten." }),
  progress: Schema.optionalKey(
    Schema.Struct({ cells_ended: Schema.Natural, cells_total: Schema.Natural, resources_found: Schema.Natural })
  ),
  problem: Schema.optionalKey(Schema.String)
}

const Output = Schema.Struct({
  ...ScanAnswer,
  scan_id: Schema.optionalKey(ScanAnswer.scan_id),
  tool: Schema.optionalKey(ScanAnswer.tool),
  status: Schema.optionalKey(ScanAnswer.status),
  resource_uri: Schema.optionalKey(ScanAnswer.resource_uri),
  started_at: Schema.optionalKey(ScanAnswer.started_at),
  so_far: Schema.optionalKey(SoFar.SoFar),
  result: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)).annotate({ description: "A page of the result, in the form of the tool that began it." }),
  items_total: Schema.optionalKey(Schema.Natural).annotate({ description: "Items of the result's list, over all pages." }),
  next_cursor: Schema.optionalKey(Schema.String),
  scans: Schema.optionalKey(Schema.Array(Schema.Struct(ScanAnswer))).annotate({ description: "This session's scans, the latest first." })
})
type Output = typeof Output.Type

/**
 * Scans that take longer than a call may.
 *
 * @category tools
 * @since 0.1.0
 */
export const scan = make({
  name: "scan",
  title: "Long scans",
  description: "Begins a compliance check that goes on after this call (start), tells how far a scan is (status), reads its " +
    "result page by page (result), ends it (cancel), or lists this session's scans (list). Handles that other tools answer " +
    "with are good here too. Changes nothing in AWS.",
  input: {
    action: Schema.Literals(actions),
    scan_id: Schema.optionalKey(Schema.String.annotate({ description: "The handle; for status, result and cancel." })),
    cursor: Schema.optionalKey(Schema.String.annotate({ description: "The next_cursor of an earlier page; for result." })),
    ...complianceCheck.parameters
  },
  output: Output,
  // How far a scan is, is asked again and again.
  repeats: ({ action }) => action !== "start",
  call: Effect.fn("scan")(function*({ action, cursor, scan_id, ...args }, call) {
    const scans = yield* ScanHandles
    switch (action) {
      case "start": {
        const begun = yield* scans.start({
          owner: call.owner,
          tool: "check_tag_compliance",
          args,
          work: (options) => complianceCheck.work(args, options)
        })
        return told(begun)
      }
      case "list": {
        const all = yield* scans.list(call.owner)
        return {
          structured: { scans: all.slice(0, 100).map(scanOf) },
          text: all.length === 0
            ? "This session has no scans."
            : firstLines(all.map(({ id, status, tool }) => `- \`${id}\`: ${tool}, ${status}`).join("\n"), 8000)
        }
      }
      case "status":
        return told(yield* scans.get(call.owner, yield* idOf(scan_id, action)))
      case "cancel":
        return told(yield* scans.cancel(call.owner, yield* idOf(scan_id, action)))
      case "result":
        return yield* resultOf(call, scan_id, cursor)
    }
  })
})

const idOf = (id: string | undefined, action: string) =>
  id === undefined
    ? Effect.fail(new RequestRefused({ why: `The action ${action} needs a scan_id.`, remedy: "The action list tells which there are." }))
    : Effect.succeed(id.trim())

const resultOf = Effect.fnUntraced(function*(call: Call, id: string | undefined, cursor: string | undefined) {
  const scans = yield* ScanHandles
  if (cursor === undefined) {
    const scan = yield* scans.get(call.owner, yield* idOf(id, "result"))
    if (scan.result === undefined) return told(scan)
    cursor = cursorOf(scan.id, 0)
  }
  const { page, scan } = yield* scans.page(call.owner, cursor.trim())
  if (id !== undefined && id.trim() !== scan.id) {
    return yield* new RequestRefused({ why: "The cursor is of another scan than scan_id.", remedy: "Leave one of them out." })
  }
  const structured: Output = {
    ...scanOf(scan),
    result: page.structured as { readonly [key: string]: Schema.Json },
    items_total: scan.result?.total ?? 0,
    ...(page.next === undefined ? {} : { next_cursor: cursorOf(scan.id, page.next) })
  }
  return { structured, text: page.text, ...(scan.result?.isError === true ? { isError: true } : {}) }
})

const scanOf = ({ endedAt, expiresAt, id, problem, progress, startedAt, status, tool }: KnownScan) => ({
  scan_id: id,
  tool,
  status,
  resource_uri: uriOf(id),
  started_at: timeOf(startedAt),
  ...(endedAt === undefined ? {} : { ended_at: timeOf(endedAt) }),
  ...(expiresAt === undefined ? {} : { expires_at: timeOf(expiresAt) }),
  ...(progress === undefined ? {} : {
    progress: { cells_ended: progress.cellsEnded, cells_total: progress.cells, resources_found: progress.resources }
  }),
  ...(problem === undefined ? {} : { problem })
})

const timeOf = (epoch: number): string => DateTime.formatIso(DateTime.makeUnsafe(epoch))

const told = (scan: KnownScan): Answer<Output> => {
  const { id, problem, soFar, status } = scan
  const partial = soFar?.()
  const said: Readonly<Record<typeof status, string>> = {
    running: Scanning.runningOf(scan).text,
    finished: `The scan \`${id}\` has finished: the action result reads it.`,
    failed: `**The scan \`${id}\` has failed.** ${problem ?? ""}`,
    cancelled: [
      `**The scan \`${id}\` was cancelled: there is no result.**`,
      ...(partial === undefined ? [] : ["", SoFar.toMarkdown(partial)])
    ].join("\n")
  }
  return {
    structured: { ...scanOf(scan), ...(partial === undefined ? {} : { so_far: SoFar.make(partial) }) },
    text: firstLines(said[status], 8000),
    ...(status === "failed" ? { isError: true } : {})
  }
}
