/**
 * Runs every test once and ends with the line `N passed, N failed` on stdout.
 * Arguments are vitest's own: `pnpm test packages/model -t "parses"`.
 */
import { parseCLI, startVitest } from "vitest/node"

const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2)])
const vitest = await startVitest(filter, { ...options, watch: false })
const modules = vitest.state.getTestModules()
const tests = modules.flatMap((module) => [...module.children.allTests()])
const passed = tests.filter((test) => test.result().state === "passed").length
// A file that does not load, a hook that throws and an error outside of any test have no test to fail.
const broken = modules.filter((module) => module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0))
const failed = tests.filter((test) => test.result().state === "failed").length + broken.length + vitest.state.getUnhandledErrors().length
await vitest.close()
if (failed > 0 || passed === 0) process.exitCode = 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)
