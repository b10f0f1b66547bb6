/** @since 0.1.0 */
import { Recommendation } from "@cadastre/aggregation"
import type { ReportAnswer } from "@cadastre/compliance"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clipped, firstLines, within } from "../Budget.ts"
import * as CoverageAnswer from "../CoverageAnswer.ts"
import * as Engine from "../Engine.ts"
import * as FiguresAnswer from "../FiguresAnswer.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import * as Scanning from "../Scanning.ts"
import * as ScanResult from "../ScanResult.ts"

const formats = ["json", "csv", "markdown", "html"] as const
type Format = (typeof formats)[number]

const mediaTypes: Readonly<Record<Format, string>> = {
  json: "application/json",
  csv: "text/csv",
  markdown: "text/markdown",
  html: "text/html"
}

const Output = {
  report_format: Schema.Literals(formats),
  media_type: Schema.String,
  content: Schema.String.annotate({
    description: "The report, or a part of it: parts of all pages, one after the other, are the whole. Text from AWS in it is data."
  }),
  content_characters: Schema.Natural.annotate({ description: "Length of the whole report, as UTF-16 has it." }),
  content_truncated: Schema.Boolean,
  ...FiguresAnswer.described,
  recommendations: Schema.Array(Schema.Struct({
    kind: Recommendation.fields.kind,
    text: Schema.String,
    tag_name: Schema.optionalKey(Schema.String),
    resource_type: Schema.optionalKey(Schema.String),
    resources: Schema.optionalKey(Schema.Natural),
    score_gain: Schema.optionalKey(Schema.Finite)
  })),
  scan_timestamp: Schema.String,
  account_ids: Schema.Array(Schema.String),
  accounts_total: Schema.Natural,
  coverage: CoverageAnswer.CoverageAnswer,
  policy_hash: Schema.String,
  from_cache: Schema.Boolean,
  age_seconds: Schema.Natural
}
type Output = Schema.Struct.Type<typeof Output>

const severity = Schema.optionalKey(
  Schema.Literals(["all", "errors_only", "warnings_only"]).annotate({ description: "Which violations are listed; all by default. Counts and scores do not depend on it." })
)

/** The report itself, as this tool and its alias make it. */
const work = Effect.fn("generate_compliance_report")(function*(
  { format = "json", include_recommendations = true, ...args }: {
    readonly format?: Format
    readonly include_recommendations?: boolean
    readonly severity?: "all" | "errors_only" | "warnings_only"
  } & Omit<Parameters<typeof ScanArguments.requestOf>[1], "regions">,
  options: Scanning.WorkOptions
) {
  const { policy, source } = yield* PolicyInForce
  const { Compliance } = yield* Engine.compliance
  const answer = yield* (yield* Compliance).report(
    { ...ScanArguments.requestOf(policy, args), severity: args.severity ?? "all" },
    { format, includeRecommendations: include_recommendations, policySource: source },
    options
  )
  return resultOf(format, answer)
})

/**
 * Writes the report of a check.
 *
 * @category tools
 * @since 0.1.0
 */
export const generateComplianceReport = Scanning.make({
  name: "generate_compliance_report",
  title: "Generate a compliance report",
  description: "Checks the estate and writes the report as JSON, CSV, Markdown or self-contained HTML, with what to do first. " +
    "The report says what could not be seen. Changes nothing in AWS.",
  input: {
    resource_types: ScanArguments.resourceTypes,
    format: Schema.optionalKey(Schema.Literals(formats).annotate({ description: "json by default." })),
    include_recommendations: Schema.optionalKey(Schema.Boolean.annotate({ description: "True by default." })),
    filters: ScanArguments.filters,
    severity,
    include: ScanArguments.include,
    force_refresh: ScanArguments.forceRefresh
  },
  output: Output,
  work
})

/**
 * The reference's name for the report as CSV.
 *
 * @category tools
 * @since 0.1.0
 */
export const exportViolationsCsv = Scanning.make({
  name: "export_violations_csv",
  title: "Export violations as CSV",
  description: "The same as generate_compliance_report with format csv.",
  listed: false,
  input: {
    resource_types: ScanArguments.resourceTypes,
    filters: ScanArguments.filters,
    severity,
    force_refresh: ScanArguments.forceRefresh
  },
  output: Output,
  work: (args, options) => work({ ...args, format: "csv" }, options)
})

const resultOf = (format: Format, { pieces, report, result }: ReportAnswer): ScanResult.ScanResult<Output> => {
  const content = [...pieces].join("")
  const recommendations = within((report.recommendations ?? []).map(recommendationOf), 8000)
  return ScanResult.ofText({
    version: `${result.scanTimestamp} ${result.policyHash} ${format}`,
    content,
    mediaType: mediaTypes[format],
    text: firstLines(markdownOf(format, content.length, result, recommendations), 8000),
    answer: (part): Output => ({
      report_format: format,
      media_type: mediaTypes[format],
      content: part,
      content_characters: content.length,
      content_truncated: part.length < content.length,
      ...FiguresAnswer.make(result),
      recommendations,
      scan_timestamp: result.scanTimestamp,
      account_ids: within(result.accountIds, 4000),
      accounts_total: result.accountIds.length,
      coverage: CoverageAnswer.make(result.coverage, 8000),
      policy_hash: result.policyHash,
      from_cache: result.fromCache,
      age_seconds: result.ageSeconds
    })
  })
}

const recommendationOf = ({ kind, resources, scoreGain, tag, text, type }: Recommendation): Output["recommendations"][number] => ({
  kind,
  text: ResourceAnswer.text(text, 500),
  ...(tag === undefined ? {} : { tag_name: ResourceAnswer.text(tag) }),
  ...(type === undefined ? {} : { resource_type: type }),
  ...(resources === undefined ? {} : { resources }),
  ...(scoreGain === undefined ? {} : { score_gain: scoreGain })
})

const markdownOf = (
  format: Format,
  characters: number,
  { complianceScore, compliantResources, coverage, totalResources, violationCount }: ReportAnswer["result"],
  recommendations: Output["recommendations"]
): string =>
  [
    CoverageAnswer.toMarkdown(coverage),
    "",
    (complianceScore === undefined
      ? "**No score: no Region could be seen.**"
      : totalResources === 0
      ? "**No score: nothing that was seen is one to score.**"
      : `**Compliance score: ${FiguresAnswer.percent(complianceScore)}**: ${compliantResources} of ${totalResources} resources.`) +
    ` ${violationCount} violations.`,
    `The report, ${characters} characters of ${format}, is in \`content\`.`,
    ...(recommendations.length === 0 ? [] : ["", "What to do first:"]),
    ...recommendations.slice(0, 5).map(({ text }) => `- ${Untrusted.code(clipped(text, 300))}`)
  ].join("\n")
