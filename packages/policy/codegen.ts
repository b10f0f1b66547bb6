/** Writes `schema/tag-policy.schema.json` from the Schema of the format: `pnpm codegen`. */
import { writeFileSync } from "node:fs"
import { jsonSchema } from "./src/PolicyJsonSchema.ts"

writeFileSync(new URL("schema/tag-policy.schema.json", import.meta.url), `${JSON.stringify(jsonSchema, null, 2)}\n`)
