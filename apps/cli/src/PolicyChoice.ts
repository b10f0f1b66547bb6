/** Which policy a command judges by, and what of the estate it scores. */
import { PolicySource, ScoreScope } from "@cadastre/compliance"
import { ScannerRegistry } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as DemoEstate from "./DemoEstate.ts"
import { ExitCode, Failure } from "./Failure.ts"

/** Loads the policy that is in force, or for a demonstration the sample. */
export const load = Effect.fnUntraced(function*(
  flags: { readonly policy: Option.Option<string>; readonly include: ReadonlyArray<string>; readonly demo: boolean }
) {
  const include = yield* Effect.forEach(flags.include, includable)
  if (flags.demo && Option.isNone(flags.policy)) return { ...yield* DemoEstate.samplePolicy(), include }
  const entries = yield* (yield* ScannerRegistry).entries
  return { ...yield* PolicySource.load(flags.policy, entries.map(({ type }) => type)), include }
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
