import { Report } from "@cadastre/report"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { policy, scanCalls, start } from "./Bench.ts"
import * as GroundTruth from "./GroundTruth.ts"

const types = ["sqs:queue", "sns:topic"]
const estate = { seed: 9, regions: ["us-east-1", "eu-west-1"], resources: 0, counts: { "sqs:queue": 30, "sns:topic": 20 } }
const asked = { policy, types }

describe("report and export", () => {
  it.effect("a report says what to do first, by all violations whatever is listed", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({ simulator: { estate } })
      const lift = simulator.rule({ match: { service: "sns", region: "eu-west-1" }, fault: { type: "deny" } })
      const { pieces, result } = yield* compliance.report({ ...asked, severity: "warnings_only" }, { format: "json", policySource: "ours" })
      const report = Schema.decodeUnknownSync(Report)(JSON.parse([...pieces].join("")))
      assert.isFalse(result.coverage.complete)
      assert.deepStrictEqual(report.policy, { source: "ours", hash: result.policyHash })
      assert.isTrue(report.violations.every(({ severity }) => severity === "warning"))
      const [first, second] = report.recommendations!
      assert.deepInclude(first, { kind: "see", outcome: "denied", cells: 1 })
      assert.deepInclude(second, { kind: "set-tag", severity: "error" })
      const seen = [...simulator.estate.resources()].filter(({ region, type }) => !(type === "sns:topic" && region === "eu-west-1"))
      const broken = seen.flatMap((one) => GroundTruth.errorsOf(one).filter((name) => name.endsWith(` ${second!.tag}`) && one.type === second!.type))
      assert.strictEqual(second!.resources, broken.length)
      const owners = report.topViolations!.byCount.filter(({ tag }) => tag === "Owner").reduce((sum, { resources }) => sum + resources, 0)
      assert.strictEqual(owners, seen.flatMap(GroundTruth.errorsOf).filter((name) => name.endsWith(" Owner")).length)
      assert.deepStrictEqual(report.topViolations!.byCost, [])
      const plain = yield* compliance.report(asked, { format: "markdown", includeRecommendations: false })
      assert.deepStrictEqual([plain.format, plain.extension, plain.report.recommendations], ["markdown", "md", undefined])
      lift()
    }).pipe(Effect.scoped))

  it.effect("a format that there is not is told before anything is scanned", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({ simulator: { estate } })
      const error = yield* Effect.flip(compliance.report(asked, { format: "docx" }))
      assert.strictEqual(error._tag, "ReportFormatError")
      assert.include(error.message, "markdown")
      assert.strictEqual(scanCalls(simulator), 0)
    }).pipe(Effect.scoped))

  it.effect("an export has every violation of the severity, or every resource", () =>
    Effect.gen(function*() {
      const { compliance, simulator } = yield* start({ simulator: { estate } })
      const all = [...simulator.estate.resources()]
      const violations = yield* compliance.export({ ...asked, severity: "errors_only" }, { what: "violations", format: "csv" })
      const errors = all.flatMap(GroundTruth.errorsOf)
      const lines = [...violations.pieces].join("").trimEnd().split("\r\n")
      assert.deepStrictEqual([violations.rows, lines.length], [errors.length, errors.length + 1])
      for (const error of errors) {
        const [arn = "", tag] = error.split(" ")
        assert.isTrue(lines.some((line) => line.endsWith(arn) && line.includes(`,${tag},`)), error)
      }
      const resources = yield* compliance.export(asked, { what: "resources", format: "json" })
      const report = Schema.decodeUnknownSync(Report)(JSON.parse([...resources.pieces].join("")))
      assert.deepStrictEqual(report.resources.map(({ arn }) => arn), all.map(({ arn }) => arn).toSorted())
      assert.deepStrictEqual([resources.rows, report.violations], [50, []])
    }).pipe(Effect.scoped))
})
