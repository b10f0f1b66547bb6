import type { PolicyError, TagPolicy } from "@cadastre/policy"
import {
  AwsConfig,
  AwsTagPolicy,
  type Conversion,
  Custodian,
  Infracost,
  OpenOps,
  Rego,
  Steampipe,
  TerraformTags
} from "@cadastre/policy-interop"
import { Untrusted } from "@cadastre/report"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as DroppedText from "../DroppedText.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "../Failure.ts"
import * as InputFile from "../InputFile.ts"
import * as ReportOutput from "../ReportOutput.ts"

interface ImportFlags extends Connection {
  readonly file: Option.Option<string>
  readonly from: "organizations" | "custodian" | "config" | "rego" | "openops" | "infracost" | "steampipe" | "terraform"
  readonly policyId: Option.Option<string>
  readonly account: Option.Option<string>
  readonly format: "text" | "json"
  readonly demo: boolean
  readonly output: Option.Option<string>
}

type Reader = (text: string, options: { readonly source: string }) => Effect.Effect<Conversion<TagPolicy>, PolicyError>

const readers: Readonly<Record<Exclude<ImportFlags["from"], "organizations" | "infracost">, Reader>> = {
  custodian: Custodian.import,
  config: AwsConfig.import,
  rego: Rego.import,
  openops: OpenOps.import,
  steampipe: Steampipe.import,
  terraform: TerraformTags.import
}

/** Writes the policy to stdout and what it does not say to stderr; with `--format json`, both to stdout. */
export const importPolicy = Effect.fn("cadastre policy import")(function*(flags: ImportFlags) {
  const { file, from } = flags
  if (Option.isNone(file)) return yield* importLive(flags)
  if (Option.isSome(flags.policyId) || Option.isSome(flags.account)) {
    return yield* usage("--policy-id and --account are for the live policies of AWS Organizations: leave the file out")
  }
  const text = yield* InputFile.read(file.value)
  const options = { source: file.value }
  if (from === "organizations") return yield* writeImported(flags, yield* AwsTagPolicy.import(text, options))
  if (from === "infracost") {
    const { dropped, result } = yield* Infracost.import(text, options)
    if (flags.format === "json") return yield* writeJson(flags, { findings: result, dropped })
    const lines = result.map(({ address, currentValue, expected, line, path, rule, tag }) =>
      `${path === undefined ? "" : `${path}:${line ?? 1}: `}${address}: ${rule} ${tag}` +
      `${currentValue === undefined ? "" : ` is ${JSON.stringify(currentValue)}`}${expected === undefined ? "" : `, expected ${expected}`}`)
    yield* ReportOutput.writeText(`${[...lines, `${result.length} findings`].map(Untrusted.visible).join("\n")}\n`, flags.output)
    return yield* DroppedText.write(dropped)
  }
  const { dropped, result } = yield* readers[from](text, options)
  if (flags.format === "json") return yield* writeJson(flags, { policy: result, dropped })
  yield* writePolicy(flags, result)
  yield* DroppedText.write(dropped)
}, Effect.mapError(failureOf))

const usage = (message: string) => new Failure({ exitCode: ExitCode.usage, message })

const importLive = (flags: ImportFlags) =>
  flags.from !== "organizations"
    ? Effect.fail(usage(`--from ${flags.from} reads a file: name it`))
    // Whoever reads a file needs nothing of AWS's.
    : Effect.flatMap(Effect.promise(() => import("../LiveTagPolicies.ts")), (LiveTagPolicies) => LiveTagPolicies.within(flags, Effect.gen(function*() {
      if (Option.isSome(flags.policyId)) {
        const { content, id, name } = yield* LiveTagPolicies.read(flags.policyId.value)
        return yield* writeImported(flags, yield* AwsTagPolicy.import(content, { source: `${name} (${id})` }))
      }
      const { accountId, check, converted } = yield* LiveTagPolicies.effective(flags.account)
      yield* writeImported(flags, converted, { accountId, check })
      if (flags.format === "json" || check._tag === "Agrees") return
      yield* Console.error(
        check._tag === "Unchecked"
          ? `cadastre: this is AWS's effective policy; it was not compared with the attached ones: ${Untrusted.visible(check.why)}`
          : "cadastre: this is AWS's effective policy; our merge of the attached ones differs:\n" +
            check.differences.map((difference) => `  ${Untrusted.visible(difference)}`).join("\n")
      )
    })))

const writeImported = Effect.fnUntraced(function*(
  flags: ImportFlags,
  { dropped, result }: Conversion<AwsTagPolicy.Imported>,
  more: object = {}
) {
  if (flags.format === "json") return yield* writeJson(flags, { ...result, dropped, ...more })
  yield* writePolicy(flags, result.policy)
  yield* DroppedText.write([
    ...dropped,
    ...Object.entries(result.enforcedFor).map(([tag, types]) => ({
      what: `enforced_for of ${tag}: ${types.join(", ")}`,
      why: "AWS refuses wrong values there; a native policy judges, and refuses nothing"
    }))
  ])
})

const writePolicy = (flags: ImportFlags, policy: TagPolicy) =>
  ReportOutput.writeText(`${Untrusted.json(JSON.stringify({ version: "1.0", ...policy }, null, 2))}\n`, flags.output)

const writeJson = (flags: ImportFlags, value: object) =>
  ReportOutput.writeText(`${Untrusted.json(JSON.stringify(value, null, 2))}\n`, flags.output)
