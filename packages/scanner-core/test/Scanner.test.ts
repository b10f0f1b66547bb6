import { Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import type { AccountId, RegionId, Resource } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Scanner } from "../src/index.ts"

const mine = "111122223333" as AccountId

/** Scans without AWS: these scanners make no call. */
const found = (scanner: Scanner.Scanner) =>
  Effect.gen(function*() {
    const pages: Array<ReadonlyArray<Resource>> = []
    yield* Stream.runForEach(scanner.scan, (page) => Effect.sync(() => void pages.push(page)))
    return pages.flat()
  }).pipe(
    Effect.provideService(CurrentRegion, "eu-west-1" as RegionId),
    Effect.provideService(CurrentAccount, {
      id: mine,
      partition: "aws",
      arn: `arn:aws:iam::${mine}:root`,
      credentials: () => Promise.reject(new Error("no call is made"))
    }),
    Effect.provideService(Aws.Aws, Aws.Aws.of({ send: () => Effect.die("no call is made") }))
  )

const make = <Item>(
  items: ReadonlyArray<Item>,
  describe: (item: Item, place: Scanner.Place) => Scanner.Described | undefined,
  more: { readonly taggable?: false; readonly free?: true } = {}
) =>
  Scanner.make("acme:anvil", {
    cloudFormation: "Acme::Iron::Anvil",
    actions: ["acme:ListAnvils"],
    list: Stream.make(items),
    describe,
    ...more
  })

describe("Scanner.make", () => {
  it.effect("leaves out what another account owns and shares", () =>
    Effect.gen(function*() {
      const scanner = make([mine, "444455556666", undefined], (owner, place) => ({
        arn: place.arn("acme", "anvil/", owner ?? "nobody"), owner
      }))
      assert.deepStrictEqual((yield* found(scanner)).map(({ id }) => id), [mine, "nobody"])
    }))

  it.effect("marks what cannot have tags, unless a better reason is known", () =>
    Effect.gen(function*() {
      const scanner = make(["a", "b"], (id, place) => ({
        arn: place.arn("acme", "anvil/", id), mark: id === "b" ? "deleted" : undefined
      }), { taggable: false, free: true })
      assert.isFalse(scanner.taggable)
      assert.isTrue(scanner.free)
      assert.deepStrictEqual((yield* found(scanner)).map(({ marks }) => marks), [["untaggable"], ["deleted"]])
      const usual = make(["a"], (id, place) => ({ arn: place.arn("acme", "anvil/", id) }))
      assert.isTrue(usual.taggable)
      assert.isFalse(usual.free)
      assert.isUndefined((yield* found(usual))[0]?.marks)
    }))

  it.effect("reads times as dates, texts or milliseconds", () =>
    Effect.gen(function*() {
      const written = "2024-02-29T12:00:00.000Z"
      const scanner = make([new Date(written), "2024-02-29T13:00:00+01:00", Date.UTC(2024, 1, 29, 12), undefined], (createdAt, place) => ({
        arn: place.arn("acme", "anvil/", "1"), createdAt
      }))
      assert.deepStrictEqual((yield* found(scanner)).map((one) => one.createdAt), [written, written, written, undefined])
    }))
})
