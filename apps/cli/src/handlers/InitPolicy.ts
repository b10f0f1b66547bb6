import sample from "@cadastre/policy/sample-policy.json" with { type: "json" }
import jsonSchema from "@cadastre/policy/tag-policy.schema.json" with { type: "json" }
import type * as Option from "effect/Option"
import * as ReportOutput from "../ReportOutput.ts"

/** Writes a policy that loads as it is. */
export const init = ({ output }: { readonly output: Option.Option<string> }) =>
  ReportOutput.writeText(`${JSON.stringify(sample, null, 2)}\n`, output)

/** Writes the JSON Schema of policy files. */
export const schema = ({ output }: { readonly output: Option.Option<string> }) =>
  ReportOutput.writeText(`${JSON.stringify(jsonSchema, null, 2)}\n`, output)
