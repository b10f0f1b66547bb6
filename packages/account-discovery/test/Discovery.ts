/** Account discovery against a simulated AWS, over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Simulator } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import { ConfigProvider, Effect, Layer } from "effect"
import { AccountSource, Estate, type EstateAccount, idOf, type Source } from "../src/index.ts"

type Running = Simulator["Service"]

/** `Estate` over a source, called as the first account or another. Nothing is paced. */
export const discovering = (
  simulator: Running,
  source: Source,
  options: { readonly as?: string; readonly variables?: Readonly<Record<string, string>>; readonly credentials?: false } = {}
) => {
  const keys = simulator.credentials(options.as)
  const settings = {
    endpointUrl: simulator.url,
    ...(options.credentials === false ? {} : { credentials: () => Promise.resolve(keys) })
  }
  return Estate.layerNoDeps.pipe(
    Layer.provide(Accounts.layerNoDeps),
    Layer.provide(Aws.Aws.layerNoDeps.pipe(Layer.provide([AwsClients.layer, Pacer.layerOff]))),
    Layer.provide([Layer.succeed(AwsSettings, settings), Layer.succeed(AccountSource, source)]),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(options.variables ?? {})))
  )
}

/** Asks for the estate's accounts. */
export const accountsOf = (...patterns: ReadonlyArray<string>) => Estate.use((estate) => estate.accounts(patterns))

/** `id status`, or the reason why it cannot be entered. */
export const summary = (accounts: ReadonlyArray<EstateAccount>): ReadonlyArray<string> =>
  accounts.map((account) =>
    `${idOf(account) ?? account.name} ${account._tag === "Reachable" ? "reachable" : account.error.reason._tag}`
  )

/** How often an operation was called. */
export const count = (simulator: Running, operation: string): number =>
  simulator.calls().filter((row) => row.operation === operation).reduce((sum, { calls }) => sum + calls, 0)

/** Account ids that are counted up: `100000000000`, `100000000001`, … */
export const ids = (number: number): ReadonlyArray<string> =>
  Array.from({ length: number }, (_, at) => String(100_000_000_000 + at))

/** A folder with some files in it, for as long as the scope lives. */
export const folder = (files: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = mkdtempSync(join(tmpdir(), "cadastre-"))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
      return path
    }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
