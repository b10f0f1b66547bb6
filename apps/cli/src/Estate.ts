/** The estate that a command is about, as a layer. */
import { homedir } from "node:os"
import { join } from "node:path"
import { AccountSource, type Source } from "@cadastre/account-discovery"
import { type AwsConnection, AwsSettings } from "@cadastre/client-factory"
import { ResultCache } from "@cadastre/compliance"
import { CacheChoice, Cadastre } from "@cadastre/sdk"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import { sourceOf } from "./AccountChoice.ts"
import type { AccountScope } from "./AccountFlags.ts"
import * as ConfigFile from "./ConfigFile.ts"
import * as CostFlags from "./CostFlags.ts"
import * as DemoEstate from "./DemoEstate.ts"
import type { Connection } from "./EstateFlags.ts"
import { ExitCode, Failure, failureOf } from "./Failure.ts"
import * as MemoryChoice from "./MemoryChoice.ts"
import * as PacingReport from "./PacingReport.ts"
import { settingsOf } from "./ScanFlags.ts"
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

/** The estate that the flags name, what is kept of it, and the settings. */
const ownEstate = Effect.fnUntraced(function*(flags: EstateChoice) {
  const own = "config" in flags ? yield* ConfigFile.load(flags.config) : []
  return {
    settings: yield* connectionOf(flags),
    source: yield* accountsOf(flags),
    own,
    // What scanners of one's own find, is not what the catalogue's would: the next run may have others.
    cache: flags.cache === true && own.length === 0
      ? CacheChoice.layerShared(CacheChoice.layerFiles(cacheDirectory()))
      : ResultCache.layerMemory,
    journal: ScanJournal.layer(flags),
    memory: MemoryChoice.layer(flags),
    config: ConfigProvider.layerAdd(ConfigProvider.fromEnvRecord(allSettingsOf(flags)), { asPrimary: true })
  }
})

/** The simulated estate, of which nothing is kept; the environment has no say in it. */
const demoEstate = Effect.fnUntraced(function*(flags: EstateChoice) {
  yield* DemoEstate.refuseOthers(flags)
  return {
    settings: (yield* DemoEstate.start()).connection,
    source: { _tag: "Current" } satisfies Source,
    own: [],
    cache: ResultCache.layerMemory,
    journal: Layer.empty,
    memory: flags.memory === undefined && flags.storeSnapshot !== true ? Layer.empty : yield* MemoryChoice.temporary,
    config: ConfigProvider.layer(ConfigProvider.fromEnvRecord(allSettingsOf(flags)))
  }
})

type EstateChoice =
  & (Connection | (Connection & AccountScope))
  & { readonly cache?: boolean; readonly config?: Option.Option<string>; readonly demo?: boolean }
  & MemoryChoice.MemoryFlags
  & Partial<CostFlags.BillFlags>

const allSettingsOf = (flags: EstateChoice) => ({ ...settingsOf(flags), ...CostFlags.settingsOf(flags) })

/** Runs what a command does against the estate that its flags name, and reads every error as a failure. */
export const within = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  connection: EstateChoice,
  work: Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    const { cache, config, journal, memory, own, settings, source } = connection.demo === true
      ? yield* demoEstate(connection)
      : yield* ownEstate(connection)
    return yield* (connection.debug ? Effect.ensuring(work, PacingReport.write) : work).pipe(
      Effect.provide(Cadastre.layerNoCache(own).pipe(
        Layer.provide(cache),
        Layer.provideMerge(memory),
        Layer.provide([Layer.succeed(AwsSettings, settings), Layer.succeed(AccountSource, source), journal]),
        Layer.provide(config)
      )),
      Effect.provideService(References.MinimumLogLevel, connection.debug ? "Debug" : "Warn")
    )
  }).pipe(Effect.scoped, Effect.mapError(failureOf))
