/** What a command's flags ask of a scan. */
import type { ScanRequest } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { sourceOf } from "./AccountChoice.ts"
import type { AccountScope } from "./AccountFlags.ts"
import type { Scope } from "./EstateFlags.ts"
import type { Failure } from "./Failure.ts"
import type { ScanFlags } from "./ScanFlags.ts"
import type { SourceFlags } from "./SourceFlags.ts"
import * as SourceRequest from "./SourceRequest.ts"

/** What a command's flags ask about, for commands that have no flags for how to scan. */
export const scopeOf = (
  flags: Pick<Scope, "regions" | "types"> & AccountScope & SourceFlags
): Effect.Effect<ScanRequest, Failure> =>
  Effect.map(Effect.all([sourceOf(flags), SourceRequest.requestOf(flags)]), ([{ patterns }, sources]) => ({
    ...sources,
    regions: flags.regions,
    types: flags.types,
    accounts: patterns
  }))

export const requestOf = (flags: Scope & AccountScope & ScanFlags): Effect.Effect<ScanRequest, Failure> =>
  Effect.map(Effect.all([sourceOf(flags), SourceRequest.requestOf(flags)]), ([{ patterns }, sources]) => ({
    ...sources,
    regions: flags.regions,
    types: flags.types,
    accounts: patterns,
    mode: flags.mode,
    resume: flags.resume,
    ...Option.match(flags.maxAge, { onNone: () => ({}), onSome: (maxAgeSeconds) => ({ maxAgeSeconds }) }),
    ...Option.match(flags.timeout, { onNone: () => ({}), onSome: (timeoutSeconds) => ({ timeoutSeconds }) })
  }))
