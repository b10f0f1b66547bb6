/**
 * Which tag policy is in force.
 *
 * @since 0.1.0
 */
import { readFile } from "node:fs/promises"
import { type PolicyError, PolicyFile, type TagPolicy } from "@cadastre/policy"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * A policy and the file that it is from, as it was named.
 *
 * @category models
 * @since 0.1.0
 */
export interface PolicySource {
  readonly policy: TagPolicy
  readonly source: string
}

/**
 * There is no policy file, or it cannot be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolicyNotFound extends Schema.TaggedError<PolicyNotFound>()("PolicyNotFound", {
  tried: Schema.Array(Schema.String),
  why: Schema.String
}) {
  override get message(): string {
    return `There is no tag policy: ${this.tried.join(", ")}: ${this.why}. ` +
      `Name a policy file (JSON or YAML) with --policy or POLICY_PATH, or put one into ${usualNames[0]}`
  }
}

const usualNames = ["tagging_policy.json", "tagging_policy.yaml", "policy.json", "policy.yaml"] as const

/**
 * Loads the policy from the file `named`, else from the one that `POLICY_PATH`
 * names, else from the first of `tagging_policy.json`, `tagging_policy.yaml`,
 * `policy.json` and `policy.yaml` that the working directory has.
 *
 * `knownTypes` are the resource types that there are scanners for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fn("PolicySource.load")(function*(
  named: Option.Option<string>,
  knownTypes: ReadonlyArray<string>
): Effect.fn.Return<PolicySource, PolicyNotFound | PolicyError | Config.ConfigError> {
  const path = Option.isSome(named) ? named : yield* Config.option(Config.String("POLICY_PATH"))
  const tried = Option.match(path, { onNone: () => usualNames, onSome: (path) => [path] })
  for (const source of tried) {
    const text = yield* readText(source)
    if (text !== undefined) return { source, policy: yield* PolicyFile.load(text, { source, knownTypes }) }
  }
  return yield* new PolicyNotFound({ tried, why: tried.length === 1 ? "no such file" : "no such files" })
})

/** `undefined` where there is no such file. */
const readText = (path: string): Effect.Effect<string | undefined, PolicyNotFound> =>
  Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
  }).pipe(
    Effect.catch((code) =>
      code === "ENOENT"
        ? Effect.succeed(undefined)
        : Effect.fail(new PolicyNotFound({ tried: [path], why: `cannot be read (${code})` }))
    )
  )
