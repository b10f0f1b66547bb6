import { compile, policyHash } from "@cadastre/policy"
import { Untrusted } from "@cadastre/report"
import { catalog } from "@cadastre/scanners"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { failureOf } from "../Failure.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as ReportOutput from "../ReportOutput.ts"

/** Loads a policy as `check` would, and tells what is in it. A file with mistakes ends it with 2, each with line and column. */
export const validate = Effect.fn("cadastre policy validate")(function*(flags: {
  readonly file: Option.Option<string>
  readonly format: "text" | "json"
  readonly demo: boolean
}) {
  const { policy, source } = yield* PolicyChoice.named({ ...flags, policy: flags.file }, catalog)
  const { expiredWaivers } = compile(policy, { now: yield* Clock.currentTimeMillis })
  const facts = {
    source,
    hash: policyHash(policy),
    requiredTags: policy.required_tags.map(({ name }) => name),
    optionalTags: (policy.optional_tags ?? []).map(({ name }) => name),
    prohibitedTags: policy.prohibited_tags ?? [],
    waivers: (policy.exclusions ?? []).length,
    expiredWaivers
  }
  const list = (names: ReadonlyArray<string>) => names.length === 0 ? "none" : names.map(Untrusted.visible).join(", ")
  const text = flags.format === "json" ? Untrusted.json(JSON.stringify(facts, null, 2)) : [
    `${source} is a tag policy`,
    `Hash:            ${facts.hash}`,
    `Required tags:   ${list(facts.requiredTags)}`,
    `Optional tags:   ${list(facts.optionalTags)}`,
    `Prohibited tags: ${list(facts.prohibitedTags)}`,
    `Waivers:         ${facts.waivers}, ${expiredWaivers.length} of them expired`,
    ...expiredWaivers.map(({ expires, pattern, reason }) =>
      `  expired ${expires}: ${Untrusted.visible(pattern)} (${Untrusted.visible(reason)})`)
  ].join("\n")
  yield* ReportOutput.writeStdout(`${text}\n`)
}, Effect.mapError(failureOf))
