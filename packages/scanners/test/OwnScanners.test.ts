import { Estate } from "@cadastre/aws-simulator"
import { OwnScanners } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import example from "../examples/cadastre.config.ts"
import { accounts, called, regions, shown, survey, truth } from "./Survey.ts"

const scanners = fileURLToPath(new URL("../", import.meta.url))
const path = `${scanners}examples/cadastre.config.ts`

/** A file of this text beside the package's sources, so that imports resolve as they do there. */
const fileOf = (text: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(`${scanners}.own-`)),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      writeFileSync(`${folder}/cadastre.config.ts`, text)
      return `${folder}/cadastre.config.ts`
    }
  )

describe("scanners of one's own", () => {
  it.live("the example's file is loaded, and its scanner is one among the catalogue's", () =>
    Effect.gen(function*() {
      const own = yield* OwnScanners.load(path)
      assert.deepStrictEqual(own, [...example.scanners])
      const estate = Estate.make({
        accounts,
        regions,
        counts: { "lambda:function": { "us-east-1": 60, "eu-west-1": 130 }, "sqs:queue": { "us-east-1": 3 } }
      })
      const { cells, resources, simulator } = yield* survey(["acme", "sqs:queue"], { estate }, own)
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
      assert.strictEqual(cells.length, 4)
      const outdated = truth(simulator, "lambda:function").filter(({ attributes }) =>
        "runtime" in attributes && attributes.runtime === "nodejs18.x"
      )
      assert.isAbove(outdated.length, 10)
      assert.sameMembers(
        resources.filter(({ type }) => (type as string) === "acme:outdated-function").map(shown),
        outdated.map(shown)
      )
      assert.sameMembers(resources.filter(({ type }) => type === "sqs:queue").map(shown), truth(simulator, "sqs:queue").map(shown))
      assert.sameMembers([...called(simulator).keys()], ["lambda:ListFunctions", "sqs:ListQueues", "tag:GetResources"])
    }))

  it.live("one for a type of the catalogue takes its place", () =>
    Effect.gen(function*() {
      const file = yield* fileOf(`
        import { OwnScanners, Scanner } from "@cadastre/scanner-core"
        import * as Stream from "effect/Stream"
        export default OwnScanners.define({ scanners: [Scanner.make("sqs:queue", {
          cloudFormation: "AWS::SQS::Queue",
          actions: ["sqs:ListQueues"],
          list: Stream.make(["only"]),
          describe: (name, place) => ({ arn: place.arn("sqs", "", name), name })
        })] })`)
      const own = yield* OwnScanners.load(file)
      const estate = Estate.make({ accounts, regions, counts: { "sqs:queue": { "us-east-1": 3 } } })
      const { resources } = yield* survey(["sqs:queue"], { estate }, own)
      assert.deepStrictEqual(resources.map(({ name }) => name), ["only", "only"])
    }).pipe(Effect.scoped))

  it.effect.each([
    ["throws", "throw new Error(\"not today\")", "not today"],
    ["no default", "export const scanners = []", "exports nothing by default"],
    ["no list", "export default {}", "\"scanners\" is not a list"],
    ["a typing error", "export default { scanner: [] }", "\"scanner\" is unknown"],
    ["no scanner", "export default { scanners: [{ type: \"acme:anvil\" }] }", "scanners[0] is not what Scanner.make gives"],
    [
      "twice",
      `import own from "../examples/cadastre.config.ts"
       export default { scanners: [...own.scanners, ...own.scanners] }`,
      "two scanners are for acme:outdated-function"
    ]
  ])("%s is an error that names the file", ([, text, reason]) =>
    Effect.gen(function*() {
      const file = yield* fileOf(text!)
      const error = yield* Effect.flip(OwnScanners.load(file))
      assert.strictEqual(error._tag, "OwnScannersError")
      assert.include(error.message, file)
      assert.include(error.reason, reason!)
    }).pipe(Effect.scoped))

  it.effect("a file that is not there is an error that names it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(OwnScanners.load(`${scanners}nowhere.ts`))
      assert.include(error.message, "nowhere.ts")
    }))
})
