import { AwsTagPolicy } from "@cadastre/policy-interop"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"
import * as InputFile from "../InputFile.ts"
import * as ReportOutput from "../ReportOutput.ts"

interface ExplainFlags extends Connection {
  readonly files: ReadonlyArray<string>
  readonly account: Option.Option<string>
  readonly format: "text" | "json"
  readonly demo: boolean
}

/** Writes the effective policy, and which line of which policy decides each of its values or is refused. */
export const explain = Effect.fn("cadastre policy explain")(function*(flags: ExplainFlags) {
  if (flags.files.length === 0) return yield* explainLive(flags)
  if (Option.isSome(flags.account)) {
    return yield* new Failure({ exitCode: ExitCode.usage, message: "--account is for the live policies: leave the files out" })
  }
  const levels: Array<{ readonly target: string; readonly policies: Array<AwsTagPolicy.AwsTagPolicyDocument> }> = []
  for (const argument of flags.files) {
    const at = argument.indexOf("=")
    const [target, path] = at < 1 ? [argument, argument] : [argument.slice(0, at), argument.slice(at + 1)]
    const document = yield* AwsTagPolicy.parse(yield* InputFile.read(path), { source: path })
    const last = levels.at(-1)
    // What is named for the same place again is attached to it next.
    if (last?.target === target) last.policies.push(document)
    else levels.push({ target, policies: [document] })
  }
  const merged = AwsTagPolicy.merge(levels)
  yield* write(flags, merged.effective, AwsTagPolicy.explain(merged), { decisions: merged.decisions, remarks: merged.remarks })
}, Effect.mapError(failureOf))

const explainLive = Effect.fnUntraced(function*(flags: ExplainFlags) {
  // Whoever reads files needs nothing of AWS's.
  const live = yield* Effect.promise(() => import("../LiveTagPolicies.ts"))
  const { accountId, check, content } = yield* live.within(flags, live.effective(flags.account))
  const effective = yield* AwsTagPolicy.parseEffective(content, { source: `effective policy of ${accountId}` })
  const lines = check._tag === "Unchecked"
    ? [`It cannot be explained: ${check.why}`]
    : [...check.explanation, ...(check._tag === "Differs" ? check.differences.map((one) => `AWS differs: ${one}`) : [])]
  yield* write(flags, effective, lines, { accountId, check })
})

const write = (flags: ExplainFlags, effective: AwsTagPolicy.EffectivePolicy, lines: ReadonlyArray<string>, more: object) =>
  ReportOutput.writeStdout(
    flags.format === "json"
      ? `${Untrusted.json(JSON.stringify({ effective, ...more }, null, 2))}\n`
      : `${Untrusted.json(JSON.stringify(effective, null, 2))}\n\n${lines.map((line) => `${Untrusted.visible(line)}\n`).join("")}`
  )
