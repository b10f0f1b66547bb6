/** AWS configuration files of one's own. */
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Writes the two files, and has an environment without other settings of AWS name them, for as long as the scope lives. */
export const configured = (config: string, credentials = "") =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = { ...process.env }
      const folder = mkdtempSync(join(tmpdir(), "cadastre-"))
      const write = (text: string) => writeFileSync(join(folder, "config"), text)
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
      write(config)
      writeFileSync(join(folder, "credentials"), credentials)
      process.env["AWS_CONFIG_FILE"] = join(folder, "config")
      process.env["AWS_SHARED_CREDENTIALS_FILE"] = join(folder, "credentials")
      process.env["AWS_EC2_METADATA_DISABLED"] = "true"
      return { before, folder, write }
    }),
    ({ before, folder }) =>
      Effect.sync(() => {
        process.env = before
        rmSync(folder, { recursive: true })
      })
  )
