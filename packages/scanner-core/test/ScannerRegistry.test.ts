import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { Scanner, ScannerRegistry } from "../src/index.ts"

const own = (type: string, scope?: "global") =>
  Scanner.make<string>(type, {
    ...(scope === undefined ? {} : { scope }),
    cloudFormation: "Own::Thing::Type",
    actions: ["own:List"],
    list: Stream.empty,
    describe: (arn) => ({ arn })
  })

const all = ["ec2:natgateway", "ec2:volume", "elasticloadbalancing:loadbalancer", "rds:db", "s3:bucket"]
const scanners = all.map((type) => own(type))
const layer = ScannerRegistry.layer([], scanners)

const resolve = (types: ReadonlyArray<string>) =>
  ScannerRegistry.use((registry) => registry.resolve(types)).pipe(
    Effect.map((entries) => entries.map(({ type }): string => type))
  )

describe("ScannerRegistry", () => {
  it.effect.each([
    { types: [], found: all },
    { types: ["all"], found: all },
    { types: ["*"], found: all },
    { types: ["rds:db", "ALL"], found: all },
    { types: ["rds:db"], found: ["rds:db"] },
    { types: [" RDS:DB , s3:bucket"], found: ["rds:db", "s3:bucket"] },
    { types: ["s3:bucket", "rds:db", "s3:bucket"], found: ["rds:db", "s3:bucket"] },
    { types: ["ec2:*"], found: ["ec2:natgateway", "ec2:volume"] },
    { types: ["EC2"], found: ["ec2:natgateway", "ec2:volume"] },
    { types: ["rds:db-instance"], found: ["rds:db"] },
    { types: ["vpc:nat_gateway"], found: ["ec2:natgateway"] },
    { types: ["Own::Thing::Type"], found: all },
    { types: ["elbv2:loadbalancer"], found: ["elasticloadbalancing:loadbalancer"] }
  ])("$types", ({ found, types }) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* resolve(types), found)
    }).pipe(Effect.provide(layer)))

  it.effect("a type that no scanner is for is an error that names it and the valid ones", () =>
    Effect.gen(function*() {
      for (const type of ["ec2:toaster", "toaster:*", "toaster"]) {
        const error = yield* Effect.flip(resolve(["rds:db", type]))
        assert.strictEqual(error._tag, "UnknownTypeError")
        assert.strictEqual(error.type, type)
        assert.deepStrictEqual(error.valid, all)
        assert.include(error.message, type)
      }
    }).pipe(Effect.provide(layer)))

  it.effect("takes scanners at run time, each in its place; a later one of the same type is the one", () =>
    Effect.gen(function*() {
      const registry = yield* ScannerRegistry
      const added = own("acme:widget")
      yield* registry.register(added)
      assert.deepStrictEqual(yield* resolve([]), ["acme:widget", ...all])
      const replaced = own("rds:db", "global")
      yield* registry.register(replaced)
      const [entry] = yield* registry.resolve(["rds:db"])
      assert.strictEqual(entry?.scope, "global")
      assert.strictEqual(yield* Effect.promise(() => entry!.load()), replaced)
      assert.strictEqual((yield* registry.entries).length, all.length + 1)
    }).pipe(Effect.provide(layer)))

  it.effect("the user's own scanners go before the catalogue's", () =>
    Effect.gen(function*() {
      const mine = own("rds:db", "global")
      const catalog = scanners.map((scanner) => ({ ...scanner, load: () => Promise.resolve(scanner) }))
      const entries = yield* ScannerRegistry.use(({ entries }) => entries).pipe(
        Effect.provide(ScannerRegistry.layer(catalog, [mine]))
      )
      assert.strictEqual(entries.length, all.length)
      assert.strictEqual(entries.find(({ type }) => type === "rds:db")?.scope, "global")
    }))

  it("answers in one order, whatever the order of the question", () =>
    fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: 1 }), (types) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* resolve(types), types.toSorted())
          assert.deepStrictEqual(yield* resolve([types.join(",")]), types.toSorted())
        }).pipe(Effect.provide(layer), Effect.runPromise))
    ))

  it("a type is service:type, lower case", () => {
    for (const type of ["RDS:db", "rds", "rds:", ":db", "rds:db:x", "rds db"]) assert.throws(() => own(type))
  })
})
