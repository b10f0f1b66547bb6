/** The native format as a JSON Schema (draft 2020-12), from which editors complete and check policy files. */
import * as Schema from "effect/Schema"
import { TagPolicy } from "./TagPolicy.ts"

const { definitions, schema } = Schema.toJsonSchemaDocument(TagPolicy, { onExcessProperty: "error" })

/** As published with the package, under `@cadastre/policy/tag-policy.schema.json`. */
export const jsonSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  ...schema,
  ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
}
