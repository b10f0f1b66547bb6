import { Compliance, type ValidatedResource, type ValidationOutcome, type ValidationResult } from "@cadastre/compliance"
import { Arn } from "@cadastre/model"
import type { Listing } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import * as ArnArguments from "../ArnArguments.ts"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, ExitWith } from "../Failure.ts"
import type { ListingFlags } from "../ListingFlags.ts"
import * as ListingOutput from "../ListingOutput.ts"
import * as PolicyChoice from "../PolicyChoice.ts"
import * as Progress from "../Progress.ts"
import { StopSignal } from "../StopSignal.ts"

interface ValidateFlags extends Connection, AccountScope, ListingFlags {
  readonly arns: ReadonlyArray<string>
  readonly timeout: Option.Option<number>
  readonly allowIncomplete: boolean
  readonly policy: Option.Option<string>
  readonly include: ReadonlyArray<string>
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/**
 * Judges the resources that are named. Ends with 0 only when each of them was
 * seen and complies or is not scored.
 */
export const validate = Effect.fn("cadastre validate")(function*(flags: ValidateFlags) {
  const arns = yield* ArnArguments.read(flags.arns)
  const { include, policy, source } = yield* PolicyChoice.load(flags)
  const { patterns } = yield* sourceOf(flags)
  const { stop } = yield* StopSignal
  const progress = Progress.make()
  const result = yield* (yield* Compliance).validateResources({
    arns,
    policy,
    include,
    accounts: patterns,
    ...Option.match(flags.timeout, { onNone: () => ({}), onSome: (timeoutSeconds) => ({ timeoutSeconds }) })
  }, { onEvent: progress.onEvent, stop })
  yield* progress.done
  const listing = listingOf(result, source)
  yield* ListingOutput.write(listing, flags)
  yield* ListingOutput.warnIfIncomplete(listing, result.complete, flags)
  if (!result.complete && !flags.allowIncomplete) return yield* new ExitWith({ exitCode: ExitCode.incomplete })
  const isSettled = ({ outcome }: ValidatedResource) => isFine.has(outcome) || isUnseen.has(outcome)
  if (!result.resources.every(isSettled)) return yield* new ExitWith({ exitCode: ExitCode.violations })
}, (effect, flags) => within(flags, effect))

const isFine: ReadonlySet<ValidationOutcome> = new Set(["compliant", "not-applicable"])
const isUnseen: ReadonlySet<ValidationOutcome> = new Set(["unknown", "unknown-tags"])

const listingOf = (result: ValidationResult, source: string): Listing.Listing => {
  const counts = Map.groupBy(result.resources, ({ outcome }) => outcome)
  const told = [...counts].map(([outcome, its]) => `${its.length} ${outcome}`).join(", ")
  const { complete, compliant, notApplicable, total } = result
  return {
    title: "Validation",
    lines: [
      ...(complete ? [] : [{ text: "Incomplete: not everything that was asked for could be seen", color: "red" as const }]),
      { text: `${total} asked for: ${told}, by ${source}`, color: compliant + notApplicable === total ? "green" : "bold" }
    ],
    tables: [{
      columns: [{ title: "Outcome" }, { title: "Type" }, { title: "Region" }, { title: "Resource" }],
      rows: result.resources.map(({ arn, name, outcome, region, type = "" }) => [outcome, type, region ?? regionOf(arn), name ?? labelOf(arn)])
    }],
    notes: result.resources.flatMap((resource) => {
      const why = whyOf(resource)
      return why === "" ? [] : [`${labelOf(resource.arn)}: ${why}`]
    }),
    records: {
      columns: ["Outcome", "Type", "Account", "Region", "Why", "ARN"],
      rows: result.resources.map((resource) =>
        [resource.outcome, resource.type ?? "", resource.accountId ?? "", resource.region ?? "", whyOf(resource), resource.arn])
    },
    value: { kind: "validation", policy: { source, hash: result.policyHash }, ...result }
  }
}

const regionOf = (arn: string): string => Option.match(Arn.parse(arn), { onNone: () => "", onSome: ({ region }) => region })

/** What is left of it without what stands in the other columns. */
const labelOf = (arn: string): string =>
  Option.match(Arn.parse(arn), { onNone: () => arn, onSome: (parsed) => parsed.resource })

const whyOf = ({ message, notApplicable, outcome, violations }: ValidatedResource): string => {
  if (message !== undefined) return message
  if (outcome === "unknown-tags") return "its tags could not be read"
  const broken = violations.map(({ message }) => message).join("; ")
  return notApplicable === undefined ? broken : [notApplicable, broken].filter((part) => part !== "").join(": ")
}
