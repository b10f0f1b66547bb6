/**
 * Set up before every test file: a property that fails says how to see it fail
 * again, and the environment can ask for just that run.
 *
 * - `CADASTRE_SEED`, `CADASTRE_PATH`: the run to repeat
 * - `CADASTRE_NIGHTLY=1`: the properties about faults, resuming and pacing run at least 500 times each
 */
import { configureGlobal, defaultReportMessage, readConfigureGlobal, type RunDetails } from "fast-check"
import { expect } from "vitest"

/** The command that runs the failed run alone. */
export const replayOf = (
  { counterexamplePath, seed }: Pick<RunDetails<unknown>, "counterexamplePath" | "seed">,
  test: string
): string =>
  `CADASTRE_SEED=${seed} CADASTRE_PATH=${counterexamplePath ?? ""} npx --yes pnpm@12 test -t ${
    // For a shell and for the regular expression that `-t` takes.
    `'${test.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&").replaceAll("'", ".")}'`
  }`

const report = <Ts>(details: RunDetails<Ts>): void => {
  if (!details.failed) return
  const test = expect.getState().currentTestName?.replaceAll(" > ", " ") ?? ""
  throw new Error(`${defaultReportMessage(details)}\n\nTo see it again:\n${replayOf(details, test)}\n`, {
    cause: details.errorInstance
  })
}

const { CADASTRE_PATH: path, CADASTRE_SEED: seed } = process.env

configureGlobal({
  ...readConfigureGlobal(),
  // oxlint-disable-next-line typescript/no-deprecated -- plugins, which are to replace it, cannot be set for all properties
  reporter: report,
  ...(seed === undefined ? {} : { seed: Number(seed), ...(path ? { path, endOnFailure: true } : {}) })
})
