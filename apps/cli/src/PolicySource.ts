/** Which tag policy a command uses. */
import { PolicyFile } from "@cadastre/policy"
import { catalog } from "@cadastre/scanners"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { ExitCode, Failure } from "./Failure.ts"

const usual = ["tagging_policy.json", "tagging_policy.yaml", "policy.json", "policy.yaml"]

/** Loads the policy that `--policy` names, else `POLICY_PATH`, else the first of the usual names that is there. */
export const load = Effect.fnUntraced(function*(flag: Option.Option<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = Option.isSome(flag) ? flag : yield* Config.option(Config.String("POLICY_PATH"))
  const source = Option.isSome(path)
    ? path.value
    : (yield* Effect.filter(usual, (name) => Effect.orElseSucceed(fs.exists(name), () => false)))[0]
  if (source === undefined) {
    return yield* new Failure({
      exitCode: ExitCode.usage,
      message: `There is no policy: name one with --policy or POLICY_PATH, or put one into ${usual[0]}`
    })
  }
  const text = yield* fs.readFileString(source).pipe(
    Effect.mapError((error) =>
      new Failure({ exitCode: ExitCode.usage, message: `The policy ${source} cannot be read: ${error.message}` })
    )
  )
  const knownTypes = catalog.map(({ type }) => type)
  return { source, policy: yield* PolicyFile.load(text, { source, knownTypes }) }
})
