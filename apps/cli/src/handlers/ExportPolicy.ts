import type { TagPolicy } from "@cadastre/policy"
import {
  AwsConfig,
  AwsTagPolicy,
  type Conversion,
  Custodian,
  OpenOps,
  Rego,
  Steampipe,
  TerraformTags
} from "@cadastre/policy-interop"
import { Untrusted } from "@cadastre/report"
import { catalog } from "@cadastre/scanners"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as DroppedText from "../DroppedText.ts"
import { failureOf } from "../Failure.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as ReportOutput from "../ReportOutput.ts"

const writers = {
  organizations: (policy: TagPolicy) => AwsTagPolicy.export(policy),
  custodian: (policy: TagPolicy) => Custodian.export(policy),
  config: (policy: TagPolicy) => AwsConfig.export(policy),
  cloudformation: (policy: TagPolicy) => AwsConfig.export(policy, { form: "cloudformation" }),
  rego: (policy: TagPolicy) => Rego.export(policy),
  openops: (policy: TagPolicy) => OpenOps.export(policy),
  steampipe: Steampipe.export,
  terraform: TerraformTags.export
} satisfies Record<string, (policy: TagPolicy) => Conversion<string>>

/** Writes the other tool's file to stdout and what it does not say to stderr; with `--format json`, both to stdout. */
export const exportPolicy = Effect.fn("cadastre policy export")(function*(flags: {
  readonly to: keyof typeof writers
  readonly policy: Option.Option<string>
  readonly format: "text" | "json"
  readonly output: Option.Option<string>
  readonly demo: boolean
}) {
  const { policy } = yield* PolicyChoice.named(flags, catalog)
  const { dropped, result } = writers[flags.to](policy)
  if (flags.format === "json") {
    const text = Untrusted.json(JSON.stringify({ to: flags.to, result, dropped }, null, 2))
    return yield* ReportOutput.writeText(`${text}\n`, flags.output)
  }
  yield* ReportOutput.writeText(result, flags.output)
  yield* DroppedText.write(dropped)
}, Effect.mapError(failureOf))
