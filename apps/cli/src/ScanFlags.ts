/** The flags that say how a scan goes about its work. */
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { type SourceFlags, sourceFlags } from "./SourceFlags.ts"

const mode = Flag.Literals("mode", ["full", "quick", "incremental"]).pipe(
  Flag.withDefault("full" as const),
  Flag.withDescription(
    "quick: leave out the calls that only add attributes; incremental: use what earlier scans saw, where CloudTrail knows of no change"
  )
)

const secondsIn = new Map([["s", 1], ["m", 60], ["h", 3600], ["d", 86_400]])

/** `90s`, `15m`, `12h`, `7d`, or seconds. */
const seconds = (name: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (text) => {
        const [, number = "", unit = ""] = /^(\d{1,9})([smhd]?)$/u.exec(text.trim()) ?? []
        const value = Number(number) * (secondsIn.get(unit) ?? 1)
        return number === "" || value < 1 ? Option.none() : Option.some(value)
      },
      (text) => `"${text}" is no time: write seconds, or 90s, 15m, 12h, 7d`
    ),
    Flag.optional
  )

const maxAge = seconds("max-age").pipe(
  Flag.withDescription("How old what an incremental scan uses may be, e.g. 12h; a day by default")
)

const timeout = seconds("timeout").pipe(
  Flag.withDescription("End the scan after this time, e.g. 10m, with what it has")
)

const resume = Flag.Boolean("resume").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Go on with the last scan of the same scope that did not see everything")
)

const journal = Flag.Boolean("journal").pipe(
  Flag.withDefault(true),
  Flag.withDescription("Write down what is seen, for --resume and incremental scans; --no-journal: keep nothing")
)

const inventory = Flag.Boolean("inventory").pipe(
  Flag.withDefault(true),
  Flag.withDescription("Keep the inventory that `cadastre inventory` searches up to date; --no-inventory: leave it as it is")
)

const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Show what the scan would do, as `cadastre plan` does, and scan nothing")
)

const workers = (name: string, alias?: string) => {
  const flag = Flag.Int(name).pipe(
    Flag.filter((value) => value >= 1 && value <= 64, () => "write a number from 1 to 64"),
    Flag.optional
  )
  return alias === undefined ? flag : Flag.withAlias(flag, alias)
}

const maxWorkers = workers("max-workers", "w").pipe(
  Flag.withDescription("Regions of an account that are scanned at once, 1 to 64; 20 by default")
)

const serviceWorkers = workers("service-workers").pipe(
  Flag.withDescription("Services of a Region that are scanned at once, 1 to 64; 10 by default")
)

/** How the scan goes about its work. */
export const scanFlags = { mode, maxAge, timeout, resume, journal, inventory, dryRun, maxWorkers, serviceWorkers, ...sourceFlags }

/** What {@link scanFlags} parse to. */
export interface ScanFlags extends SourceFlags {
  readonly mode: "full" | "quick" | "incremental"
  readonly maxAge: Option.Option<number>
  readonly timeout: Option.Option<number>
  readonly resume: boolean
  readonly journal: boolean
  readonly inventory: boolean
  readonly dryRun: boolean
  readonly maxWorkers: Option.Option<number>
  readonly serviceWorkers: Option.Option<number>
}

/** Settings that flags say otherwise than the environment. */
export const settingsOf = (
  { maxWorkers = Option.none(), serviceWorkers = Option.none() }: Partial<ScanFlags>
): Readonly<Record<string, string>> => ({
  ...Option.match(maxWorkers, { onNone: () => ({}), onSome: (value) => ({ MAX_CONCURRENT_REGIONS: `${value}` }) }),
  ...Option.match(serviceWorkers, { onNone: () => ({}), onSome: (value) => ({ MAX_CONCURRENT_SERVICES: `${value}` }) })
})
