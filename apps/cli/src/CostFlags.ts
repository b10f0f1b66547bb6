/** The flags that ask about money. */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EstateFlags from "./EstateFlags.ts"
import { ExitCode, ExitWith } from "./Failure.ts"

const day = (name: string) => Flag.String(name).pipe(Flag.optional)

const start = day("start").pipe(
  Flag.withDescription("The first day of the spend, e.g. 2026-10-01; 30 days before --end by default")
)

const end = day("end").pipe(Flag.withDescription("The day after the last one; today by default"))

const focus = EstateFlags.list("focus").pipe(
  Flag.withDescription("FOCUS files of the bill, CSV or Parquet: paths, patterns, directories, s3://bucket/prefix; exact, and not paid for by the page")
)

const cur = EstateFlags.list("cur").pipe(Flag.withDescription("CUR 2.0 files of the bill, likewise"))

const currency = Flag.String("currency").pipe(
  Flag.optional,
  Flag.withDescription("Which one, where the bill has several: they are never added")
)

/** Where the money is asked for, and which. */
export const billFlags = { start, end, focus, cur, currency }

/** What {@link billFlags} parse to. */
export interface BillFlags {
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly focus: ReadonlyArray<string>
  readonly cur: ReadonlyArray<string>
  readonly currency: Option.Option<string>
}

/** Whether costs are wanted at all. */
export const costs = Flag.Boolean("costs").pipe(
  Flag.withDefault(false),
  Flag.withDescription(
    "Say what it costs as well; without --focus or --cur Cost Explorer is asked, for at most COST_EXPLORER_BUDGET_USD"
  )
)

/** The request that the flags make. */
export const requestOf = ({ currency, end, start }: BillFlags) => ({
  period: { ...given("start", start), ...given("end", end) },
  ...given("currency", currency)
})

/** Settings that flags say otherwise than the environment. */
export const settingsOf = ({ cur = [], focus = [] }: Partial<BillFlags>): Readonly<Record<string, string>> => {
  // Whoever names files of one kind means no others that the environment may name.
  return cur.length + focus.length === 0 ? {} : { COST_FOCUS_FILES: focus.join(","), COST_CUR_FILES: cur.join(",") }
}

/** A field where a flag was given. */
export const given = <K extends string>(name: K, value: Option.Option<string>): { readonly [key in K]?: string } =>
  Option.match(value, { onNone: () => ({}), onSome: (value) => ({ [name]: value }) as { readonly [key in K]?: string } })

/** Whether costs are asked for: by name, or by what speaks of nothing else. */
export const requested = (
  flags: Partial<BillFlags> & { readonly costs?: boolean; readonly minMonthlyCost?: Option.Option<number> }
): flags is BillFlags & typeof flags =>
  flags.costs === true || (flags.minMonthlyCost !== undefined && Option.isSome(flags.minMonthlyCost))

/** Costs that were asked for and are not known are missing data: never 0, and never exit code 0 either. */
export const exitUnlessKnown = (
  costs:
    | { readonly status: "known"; readonly unknownAccounts: ReadonlyArray<unknown>; readonly unseenSiblings: number }
    | { readonly status: "unknown" }
    | undefined,
  flags: { readonly allowIncomplete: boolean }
): Effect.Effect<void, ExitWith> =>
  costs === undefined || flags.allowIncomplete || (costs.status === "known" && costs.unknownAccounts.length === 0 && costs.unseenSiblings === 0)
    ? Effect.void
    : Effect.fail(new ExitWith({ exitCode: ExitCode.incomplete }))
