import { Bill, S3Objects, Simulator } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsSettings } from "@cadastre/client-factory"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Random } from "effect"
import * as fc from "fast-check"
import { readdir, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { curFile, focusFile, type Money, S3Files, S3Location } from "../src/index.ts"
import { accountOf, directory, isCharged, lastDays, ledgerSum } from "./Ledger.ts"

const estate = { seed: 5, resources: 150, regions: ["us-east-1", "eu-west-1"], accounts: ["111122223333"] }
const period = lastDays(10)

/** What is fetched into. */
const left = Effect.promise(async () => (await readdir(tmpdir())).filter((name) => name.startsWith("cadastre-bill-")))

const fetching = (simulator: Simulator["Service"], variables: Readonly<Record<string, string>> = {}) =>
  Layer.build(
    Accounts.layerNoDeps.pipe(
      Layer.provideMerge(Aws.Aws.layer),
      Layer.provide(Layer.succeed(AwsSettings, {
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials())
      })),
      Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_MAX_RETRIES: "1", ...variables }))),
      Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
    )
  ).pipe(Effect.flatMap((services) => Effect.provide(S3Files.make, services)))

/** The bill of the estate, day by day, in a bucket of another Region. */
const started = Effect.fnUntraced(function*() {
  const simulator = yield* Simulator.make({ estate, pageSize: 3 })
  const path = yield* directory
  for (let at = 0; at < 10; at++) {
    const day = { start: lastDays(10 - at).start, end: at === 9 ? period.end : lastDays(9 - at).start }
    yield* Effect.promise(() => Bill.writeFocus(simulator.estate, join(path, `${at}.csv`), day))
    const bytes = yield* Effect.promise(() => readFile(join(path, `${at}.csv`)))
    S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, `focus/day=${at}/data file+${at}.csv`, bytes)
  }
  S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, "focus/manifest.json", "{}")
  S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, "focus-other/data.csv", "no bill")
  return simulator
})

const total = (lines: ReadonlyArray<{ readonly amount: Money.Money; readonly kind: string }>) =>
  lines.reduce((sum, { amount, kind }) => kind === "credit" || kind === "refund" ? sum : sum + amount, 0n)

describe("bills in S3", () => {
  it.live("come to what the same files here do, in whatever Region the bucket is, and nothing of them stays", () =>
    Effect.gen(function*() {
      const simulator = yield* started()
      const s3 = yield* fetching(simulator)
      const request = { accounts: [accountOf(simulator)], period }
      const before = yield* left
      for (const files of ["s3://bills/focus", "s3://bills/focus/", "s3://bills/focus/*/data file+?.csv", "s3://bills/focus/**/*.csv"]) {
        const spend = yield* focusFile({ files, s3 }).spend(request)
        assert.strictEqual(total(spend.lines), ledgerSum(simulator.estate, period, isCharged), files)
        assert.deepStrictEqual(spend.covered, period)
      }
      assert.deepStrictEqual(yield* left, before)
      const calls = simulator.calls().filter(({ service }) => service === "s3")
      assert.sameMembers([...new Set(calls.map(({ operation }) => operation))], ["GetBucketLocation", "ListObjectsV2", "GetObject"])
      // Lists are followed to their end.
      assert.isAbove(calls.find(({ operation }) => operation === "ListObjectsV2")!.calls, 4)
      const whole = yield* directory
      yield* Effect.promise(() => Bill.writeFocus(simulator.estate, join(whole, "all.csv"), period))
      const compressed = gzipSync(yield* Effect.promise(() => readFile(join(whole, "all.csv"))))
      S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, "gz/all.csv.gz", compressed)
      const unpacked = yield* focusFile({ files: "s3://bills/gz", s3 }).spend(request)
      assert.strictEqual(total(unpacked.lines), ledgerSum(simulator.estate, period, isCharged))
      const one = yield* focusFile({ files: "s3://bills/focus/day=9/data file+9.csv", s3 }).spend(request)
      assert.isTrue(one.notes.some((note) => note.includes("begin on")))
    }).pipe(Effect.scoped))

  it.live("larger than an answer may be are fetched in pieces", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const path = yield* directory
      yield* Effect.promise(() => Bill.writeCur(simulator.estate, join(path, "cur.csv"), period))
      const bytes = yield* Effect.promise(() => readFile(join(path, "cur.csv")))
      // A line that is none of this period's, often enough.
      const head = bytes.toString().split("\n")[0]!
      const old = bytes.toString().split("\n")[1]!.replaceAll(/20\d\d-\d\d-\d\d/gu, "2020-01-01")
      const padding = `${old}\n`.repeat(Math.ceil(20 * 2 ** 20 / (old.length + 1)))
      const large = Buffer.concat([Buffer.from(`${head}\n${padding}`), bytes.subarray(head.length + 1)])
      S3Objects.put(simulator.estate, { bucket: "bills" }, "cur.csv", large)
      const s3 = yield* fetching(simulator)
      const spend = yield* curFile({ files: "s3://bills/cur.csv", s3 }).spend({ accounts: [accountOf(simulator)], period })
      assert.strictEqual(total(spend.lines), ledgerSum(simulator.estate, period, isCharged))
      assert.strictEqual(simulator.calls().find(({ operation }) => operation === "GetObject")!.calls, Math.ceil(large.length / (8 * 2 ** 20)))
    }).pipe(Effect.scoped), 30_000)

  it.live.each([
    ["a bucket that is not there", "s3://nowhere/focus", [], "does not exist"],
    ["no file of the name", "s3://bills/none", [], "there is no such file"],
    ["what is no place", "s3://x", [], "is no place in S3"],
    ["a list that is denied", "s3://bills/focus", ["ListObjectsV2"], "is denied"],
    ["a file that is denied", "s3://bills/focus", ["GetObject"], "is denied"]
  ] as const)("%s: cost unknown, by the name that it has in S3, and nothing stays", ([, files, denied, said]) =>
    Effect.gen(function*() {
      const simulator = yield* started()
      for (const operation of denied) simulator.rule({ match: { service: "s3", operation }, fault: { type: "deny" } })
      const before = yield* left
      const s3 = yield* fetching(simulator)
      const error = yield* Effect.flip(focusFile({ files, s3 }).spend({ accounts: [accountOf(simulator)], period }))
      assert.strictEqual(error._tag, "CostError")
      assert.include(error.message, said)
      assert.notInclude(error.message, tmpdir())
      assert.deepStrictEqual(yield* left, before)
    }).pipe(Effect.scoped))

  it.live("files that are cut off on the way, or are no bill, are refused by their name, and nothing stays", () =>
    Effect.gen(function*() {
      const simulator = yield* started()
      const before = yield* left
      const s3 = yield* fetching(simulator)
      const request = { accounts: [accountOf(simulator)], period }
      const wrong = yield* Effect.flip(focusFile({ files: "s3://bills/focus-other", s3 }).spend(request))
      assert.include(wrong.message, "s3://bills/focus-other/data.csv")
      simulator.rule({ match: { service: "s3", operation: "GetObject" }, fault: { type: "truncate" } })
      const cut = yield* Effect.flip(focusFile({ files: "s3://bills/focus", s3 }).spend(request))
      assert.include(cut.message, "Cost unknown")
      assert.deepStrictEqual(yield* left, before)
    }).pipe(Effect.scoped))

  it.live("are not fetched where they are more than may be kept, nor where nothing fetches", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      for (let at = 0; at < 10_001; at++) S3Objects.put(simulator.estate, { bucket: "lake" }, `${at}.csv`, "x")
      const s3 = yield* fetching(simulator)
      const request = { accounts: [accountOf(simulator)], period }
      const error = yield* Effect.flip(focusFile({ files: "s3://lake", s3 }).spend(request))
      assert.include(error.message, "10001 files")
      assert.isFalse(simulator.calls().some(({ operation }) => operation === "GetObject"))
      assert.include((yield* Effect.flip(focusFile({ files: "s3://lake" }).spend(request))).message, "nothing here reads from S3")
    }).pipe(Effect.scoped))

  it("patterns mean what they mean in a shell, whatever the key", () => {
    const means = (pattern: string, key: string) => S3Location.matches({ bucket: "b", pattern }, key)
    assert.isTrue(means("a/*.csv", "a/1.csv"))
    assert.isFalse(means("a/*.csv", "a/b/1.csv"))
    assert.isTrue(means("a/**/*.csv", "a/b/c/1.csv"))
    assert.isTrue(means("a/**/*.csv", "a/1.csv"))
    assert.isTrue(means("a", "a/1.parquet"))
    assert.isFalse(means("a", "ab/1.parquet"))
    assert.isFalse(means("a", "a/manifest.json"))
    assert.isTrue(means("", "1.csv.gz"))
    // Against a regular expression, which is not used for what people write.
    const part = fc.constantFrom("a", "b", "/", ".")
    const text = fc.array(part, { maxLength: 8 }).map((all) => all.join(""))
    const pattern = fc.array(fc.oneof(part, fc.constantFrom("*", "?")), { minLength: 1, maxLength: 8 })
      .map((all) => all.join("").replaceAll(/\*+/gu, "*")).filter((one) => /[*?]/u.test(one))
    fc.assert(fc.property(pattern, text, (pattern, key) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*").replaceAll("?", "[^/]")
      assert.strictEqual(means(pattern, key), new RegExp(`^${source}$`, "u").test(key), `${pattern} ${key}`)
    }), { numRuns: 500 })
  })
})
