/** Which policy a command judges by, and what of the estate it scores. */
import { PolicySource, ScoreScope } from "@cadastre/compliance"
import type { ResourceType } from "@cadastre/model"
import { ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as DemoEstate from "./DemoEstate.ts"
import { ExitCode, Failure } from "./Failure.ts"

/** The policy that is in force, or for a demonstration the sample, and where it is from. */
export const named = (
  flags: { readonly policy: Option.Option<string>; readonly demo: boolean },
  known: ReadonlyArray<{ readonly type: ResourceType.ResourceType }>
) =>
  flags.demo && Option.isNone(flags.policy)
    ? DemoEstate.samplePolicy()
    : PolicySource.load(flags.policy, known.map(({ type }) => type))

/** The same, and what of the estate is scored. */
export const load = Effect.fnUntraced(function*(
  flags: { readonly policy: Option.Option<string>; readonly include: ReadonlyArray<string>; readonly demo: boolean }
) {
  const include = yield* Effect.forEach(flags.include, includable)
  return { ...yield* named(flags, yield* (yield* ScannerRegistry).entries), include }
})

const includable = (name: string): Effect.Effect<ScoreScope.Includable, Failure> => {
  const known = ScoreScope.Includable.literals.find((literal) => literal === name.toLowerCase())
  return known === undefined
    ? Effect.fail(
      new Failure({
        exitCode: ExitCode.usage,
        message: `--include has "${name}": write ${ScoreScope.Includable.literals.join(", ")}, or several of them`
      })
    )
    : Effect.succeed(known)
}
