/** The estate that a command is about, as a layer. */
import { homedir } from "node:os"
import { join } from "node:path"
import { AccountSource, type Source } from "@cadastre/account-discovery"
import { type AwsConnection, AwsSettings } from "@cadastre/client-factory"
import { ResultCache } from "@cadastre/compliance"
import { Cadastre } from "@cadastre/sdk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import { sourceOf } from "./AccountChoice.ts"
import type { AccountScope } from "./AccountFlags.ts"
import type { Connection } from "./EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "./Failure.ts"
import * as PacingReport from "./PacingReport.ts"
import { type ScanFlags, settingsOf } from "./ScanFlags.ts"
import * as ScanJournal from "./ScanJournal.ts"

/** The connection that the flags ask for. */
export const connectionOf = ({ endpointUrl, profile }: Connection): Effect.Effect<AwsConnection, Failure> => {
  const url = Option.getOrUndefined(endpointUrl)
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol))) {
    return Effect.fail(
      new Failure({ exitCode: ExitCode.usage, message: `--endpoint-url is "${url}": write a URL such as http://127.0.0.1:4566` })
    )
  }
  return Effect.succeed({
    ...(url === undefined ? {} : { endpointUrl: url }),
    ...Option.match(profile, { onNone: () => ({}), onSome: (profile) => ({ profile }) })
  })
}

/** Where the accounts come from, for commands that have flags for it. */
const accountsOf = (flags: Connection | (Connection & AccountScope)): Effect.Effect<Source, Failure> =>
  "accountsFile" in flags ? Effect.map(sourceOf(flags), ({ source }) => source) : Effect.succeed({ _tag: "Current" })

/** Where this user's programs keep what they can do without. */
const cacheDirectory = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cadastre")

/** Runs what a command does against the estate that its flags name, and reads every error as a failure. */
export const within = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  connection: (Connection | (Connection & AccountScope)) & { readonly cache?: boolean } & Partial<ScanFlags>,
  work: Effect.Effect<A, E, R>
) =>
  Effect.flatMap(Effect.all([connectionOf(connection), accountsOf(connection)]), ([settings, source]) =>
    (connection.debug ? Effect.ensuring(work, PacingReport.write) : work).pipe(
      Effect.provide(Cadastre.layerNoCache().pipe(
        Layer.provide(connection.cache === true ? ResultCache.layerFiles(cacheDirectory()) : ResultCache.layerMemory),
        Layer.provide([
          Layer.succeed(AwsSettings, settings),
          Layer.succeed(AccountSource, source),
          ScanJournal.layer(connection)
        ]),
        Layer.provide(ConfigProvider.layerAdd(ConfigProvider.fromEnvRecord(settingsOf(connection)), { asPrimary: true }))
      )),
      Effect.provideService(References.MinimumLogLevel, connection.debug ? "Debug" : "Warn")
    )).pipe(Effect.mapError(failureOf))
