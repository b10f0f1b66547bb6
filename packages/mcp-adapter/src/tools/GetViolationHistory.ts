/** @since 0.1.0 */
import type { HistoryResult } from "@cadastre/compliance"
import { Rule } from "@cadastre/policy"
import { Untrusted } from "@cadastre/report"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { clipped, firstLines } from "../Budget.ts"
import * as Engine from "../Engine.ts"
import * as FiguresAnswer from "../FiguresAnswer.ts"
import * as Memory from "../Memory.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import { make } from "../Tool.ts"

const Output = Schema.Struct({
  has_history: Schema.Boolean.annotate({ description: "Whether there is any snapshot in this time. If not, note says why." }),
  history: Schema.Array(Schema.Struct({
    period: Schema.String,
    compliance_score: Schema.optionalKey(Schema.Finite).annotate({ description: "0 to 1, weighted by resources." }),
    total_resources: Schema.Natural,
    compliant_resources: Schema.Natural,
    violation_count: Schema.Natural,
    cost_attribution_gap: Schema.NullOr(Schema.Finite),
    snapshots: Schema.Natural,
    complete: Schema.Boolean,
    taken_at: Schema.String,
    snapshot_id: Schema.String
  })).annotate({ description: "Oldest first; periods without a snapshot are not there." }),
  group_by: Schema.String,
  days_back: Schema.Natural,
  from: Schema.String,
  to: Schema.String,
  trend_direction: Schema.Literals(["improving", "declining", "stable", "unknown"]),
  earliest_score: Schema.optionalKey(Schema.Finite),
  latest_score: Schema.optionalKey(Schema.Finite),
  change_points: Schema.optionalKey(Schema.Finite).annotate({ description: "Points of percent." }),
  change_percentage: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  common_violations: Schema.Array(Schema.Struct({ tag_name: Schema.String, violation_type: Rule, count: Schema.Natural })),
  snapshots_left_out: Schema.Natural.annotate({ description: "They saw other cells and cannot be compared." }),
  scope: Schema.String,
  policy_hash: Schema.String,
  other_histories: Schema.Array(Schema.Struct({
    scope: Schema.String,
    policy_hash: Schema.String,
    snapshots: Schema.Natural,
    snapshot_id: Schema.String,
    taken_at: Schema.String
  })).annotate({ description: "What else there are snapshots of: none of it is in this history." }),
  note: Schema.optionalKey(Schema.String)
})

/**
 * Tells how the score went.
 *
 * @category tools
 * @since 0.1.0
 */
export const getViolationHistory = make({
  name: "get_violation_history",
  title: "Get the violation history",
  description: "Tells from stored snapshots how the compliance score went, by day, week or month, and which violations are " +
    "the most common. Scans nothing; says so where there is no history.",
  input: {
    days_back: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 90 })).annotate({ description: "1 to 90 days, 30 by default." })
    ),
    group_by: Schema.optionalKey(Schema.Literals(["day", "week", "month"]).annotate({ description: "day by default; weeks are ISO 8601's." })),
    resource_types: ScanArguments.resourceTypes,
    filters: ScanArguments.filters,
    include: ScanArguments.include,
    snapshot_id: Schema.optionalKey(
      Schema.String.annotate({ description: "The history of this snapshot, instead of that of resource_types and filters." })
    )
  },
  output: Output,
  call: Effect.fn("get_violation_history")(function*(args) {
    const { policy } = yield* PolicyInForce
    const { Compliance } = yield* Engine.compliance
    const { days_back = 30, group_by = "day", snapshot_id } = args
    const { forceRefresh: _, ...request } = ScanArguments.requestOf(policy, args)
    const result = yield* (yield* Compliance).history({
      ...request,
      days: days_back,
      groupBy: group_by,
      ...(snapshot_id === undefined ? {} : { snapshotId: snapshot_id })
    }).pipe(Effect.catchTag("NoMemoryError", Memory.refused))
    return { structured: answerOf(result), text: firstLines(markdownOf(result), 8000) }
  })
})

const answerOf = (result: HistoryResult): typeof Output.Type => {
  const scores = result.points.flatMap(({ complianceScore }) => complianceScore ?? [])
  const [earliest] = scores
  const latest = scores.at(-1)
  return {
    has_history: result.hasHistory,
    history: result.points.map((point) => ({
      period: point.period,
      ...(point.complianceScore === undefined ? {} : { compliance_score: point.complianceScore }),
      total_resources: point.totalResources,
      compliant_resources: point.compliantResources,
      violation_count: point.violationCount,
      cost_attribution_gap: point.costAttributionGap,
      snapshots: point.snapshots,
      complete: point.complete,
      taken_at: point.takenAt,
      snapshot_id: point.snapshotId
    })),
    group_by: result.groupBy,
    days_back: result.days,
    from: result.from,
    to: result.to,
    trend_direction: result.direction,
    ...(earliest === undefined ? {} : { earliest_score: earliest }),
    ...(latest === undefined ? {} : { latest_score: latest }),
    ...(result.changePoints === undefined ? {} : { change_points: result.changePoints }),
    ...(result.changePercent === undefined ? {} : { change_percentage: result.changePercent }),
    common_violations: result.commonViolations.slice(0, 20).map(({ count, rule, tag }) =>
      ({ tag_name: ResourceAnswer.text(tag), violation_type: rule, count })),
    snapshots_left_out: result.leftOut,
    scope: ResourceAnswer.text(result.scope, 2000),
    policy_hash: result.policyHash,
    other_histories: result.otherHistories.map((other) => ({
      scope: ResourceAnswer.text(other.scope, 300),
      policy_hash: other.policyHash,
      snapshots: other.snapshots,
      snapshot_id: other.snapshotId,
      taken_at: other.takenAt
    })),
    ...(result.hasHistory
      ? result.note === undefined ? {} : { note: result.note }
      : { note: result.note ?? "There is no snapshot of this scope and policy in this time: store one with check_tag_compliance and store_snapshot." })
  }
}

const markdownOf = (result: HistoryResult): string => {
  const { hasHistory, note, points } = result
  if (!hasHistory) {
    return [
      `**There is no history of this scope and policy in the last ${result.days} days.**`,
      ...(note === undefined ? [] : [note]),
      "Store a snapshot with check_tag_compliance and store_snapshot.",
      ...(result.otherHistories.length === 0 ? [] : [`There ${result.otherHistories.length === 1 ? "is 1 history" : `are ${result.otherHistories.length} histories`} of other scopes or policies: see \`other_histories\`.`])
    ].join("\n")
  }
  const change = result.changePoints === undefined ? "" : ` (${result.changePoints > 0 ? "+" : ""}${result.changePoints.toFixed(1)} points)`
  return [
    `**Trend over ${result.days} days: ${result.direction}${change}.**`,
    ...(note === undefined ? [] : [note]),
    "",
    ...points.slice(-31).map(({ complete, complianceScore, period, totalResources, violationCount }) =>
      `- ${period}: ${complianceScore === undefined || totalResources === 0 ? "no score" : FiguresAnswer.percent(complianceScore)}, ` +
      `${violationCount} violations, ${totalResources} resources${complete ? "" : ", **incomplete**"}`
    ),
    ...result.commonViolations.slice(0, 5).map(({ count, rule, tag }) => `- ${rule} of ${Untrusted.code(clipped(tag, 128))}: ${count}`)
  ].join("\n")
}

/**
 * The reference's tool for schedules, which are the server's and not an assistant's to set: it tells which there is and
 * how to set one.
 *
 * @category tools
 * @since 0.1.0
 */
export const scheduleComplianceAudit = make({
  name: "schedule_compliance_audit",
  title: "Tell the audit schedule",
  description: "Tells by which schedule the server stores snapshots. It cannot be set from here.",
  listed: false,
  openWorld: false,
  input: Object.fromEntries(
    ["schedule", "schedule_type", "time", "timezone", "timezone_str", "resource_types", "recipients", "notification_format"]
      .map((name) => [name, Schema.optionalKey(Schema.Json)])
  ),
  output: Schema.Struct({
    scheduled: Schema.Boolean.annotate({ description: "Whether this call has scheduled anything: it never does." }),
    server_schedule: Schema.NullOr(Schema.String),
    how: Schema.String
  }),
  call: Effect.fn("schedule_compliance_audit")(function*() {
    const schedule = Option.getOrNull(yield* Config.option(Config.String("SNAPSHOT_SCHEDULE")))
    const how = "Schedules are set where the server runs: SNAPSHOT_SCHEDULE takes a cron expression. For a snapshot now, call " +
      "check_tag_compliance with store_snapshot; get_violation_history tells what the snapshots come to."
    return {
      structured: { scheduled: false, server_schedule: schedule === null ? null : ResourceAnswer.text(schedule, 100), how },
      text: `**Nothing was scheduled.** ${schedule === null ? "The server has no schedule. " : `The server's schedule is ${Untrusted.code(clipped(schedule, 100))}. `}${how}`
    }
  })
})
