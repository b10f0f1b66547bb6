import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type ResourceType, Simulator } from "../src/index.ts"
import { declaredTypes } from "../src/types/names.ts"
import { type Asking, type Listing, listings, sendOf } from "./Listings.ts"

const account = "222233334444"
const region = "us-east-1"
const globals = new Set<ResourceType>(["cloudfront:distribution", "iam:user", "iam:policy"])
/** What holds others: few, that their pages are long enough. */
const holders = new Map<ResourceType, number>([
  ["ecs:cluster", 2],
  ["eks:cluster", 2],
  ["events:event-bus", 2],
  ["glue:database", 2],
  ["elasticloadbalancing:loadbalancer", 2],
  ["elasticloadbalancing:listener", 4]
])
const estate = {
  seed: 11,
  accounts: ["111122223333", account],
  regions: [region, "eu-west-1"],
  counts: Object.fromEntries([...declaredTypes, "ecs:cluster" as const].map((type) => {
    const count = holders.get(type) ?? 27
    return [type, globals.has(type) ? { global: count } : { [region]: count, "eu-west-1": 3 }]
  })),
  tags: { hostile: 0.5, untagged: 0.2 }
}

/** What is told in one answer, or continued by the last name. */
const tokenless = new Set<ResourceType>([
  "cloudtrail:trail",
  "ec2:key-pair",
  "ec2:vpn-connection",
  "firehose:delivery-stream",
  "opensearch:domain"
])

/** A list of tags or a map, whatever its members are called. */
const entries = (tags: unknown): ReadonlyArray<readonly [string, unknown]> =>
  (Array.isArray(tags)
    ? tags.map((tag) =>
      [tag.Key ?? tag.key ?? tag.TagKey, tag.Value ?? tag.value ?? tag.TagValue ?? ""] as const
    )
    : Object.entries(tags ?? {})).toSorted(([a], [b]) => a < b ? -1 : 1)

const asking = async (simulator: Simulator["Service"], { client }: Listing, size?: number) => {
  const lengths: Array<number> = []
  const send = await sendOf(client, {
    endpoint: simulator.url,
    region,
    credentials: simulator.credentials(account),
    maxAttempts: 1
  })
  const ask: Asking = { send, account, region, size, page: (length) => lengths.push(length) }
  return { ask, lengths }
}

const truthOf = (simulator: Simulator["Service"], type: ResourceType) =>
  [...simulator.estate.truth({ accountId: account, region: globals.has(type) ? "global" : region, type })]

layer(Simulator.layer({ estate, pages: "ragged" }))("every declared type in ragged pages", (it) => {
  it.effect.each(declaredTypes)("%s: nothing is lost or doubled", (type) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const listing: Listing = listings[type]
      const truth = truthOf(simulator, type)
      const arns = yield* Effect.promise(async () => {
        const { ask } = await asking(simulator, listing)
        return (await listing.list(ask)).map((one) => listing.arn(one, ask))
      })
      assert.deepStrictEqual(arns.toSorted(), truth.map(({ arn }) => arn).toSorted())
    }))
})

layer(Simulator.layer({ estate, verifySignatures: true }))("every declared type", (it) => {
  it.effect.each(declaredTypes)("%s: all are found with their tags, page by page", (type) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const listing: Listing = listings[type]
      const truth = truthOf(simulator, type)
      assert.isAbove(truth.length, holders.has(type) ? 1 : 15)
      const expected = truth.map(({ arn }) => arn).toSorted()
      yield* Effect.promise(async () => {
        for (const size of [undefined, ...listing.sizes ?? []]) {
          const { ask, lengths } = await asking(simulator, listing, size)
          const seen = await listing.list(ask)
          assert.deepStrictEqual(seen.map((one) => listing.arn(one, ask)).toSorted(), expected, `pages of ${size}`)
          if (size !== undefined) assert.isAtMost(Math.max(...lengths), size)
          if (size !== undefined && size === listing.sizes?.[0]) {
            assert.isAbove(lengths.length, 1, "one page is no proof")
          }
          if (size !== undefined || listing.tags === undefined) continue
          const tags = new Map(truth.map((one) => [one.arn, one.tags]))
          for (const one of seen) {
            const arn = listing.arn(one, ask)
            assert.deepStrictEqual(entries(await listing.tags(one, ask)), entries(tags.get(arn)), arn)
          }
        }
      })
    }))

  it.effect.each(declaredTypes)("%s: no token but AWS's own is taken", (type) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator
      const answer = yield* Effect.promise(async () => {
        const { ask } = await asking(simulator, listings[type])
        return listings[type].list({ ...ask, token: "bm9uZQ" }).then(() => "answered", (error: Error) => error.name)
      })
      if (tokenless.has(type)) assert.strictEqual(answer, "answered")
      else assert.match(answer, /Valid|Invalid|BadRequest|ClientException|ExpiredNextToken/u)
    }))

  it.effect.each(declaredTypes.filter((type) => listings[type].sizes !== undefined))(
    "%s: sizes beyond AWS's are refused",
    (type) =>
      Effect.gen(function*() {
        const simulator = yield* Simulator
        const listing: Listing = listings[type]
        const [min, max] = listing.sizes!
        yield* Effect.promise(async () => {
          for (const size of [min - 1, max + 1]) {
            const { ask } = await asking(simulator, listing, size)
            const answer = await listing.list(ask).then(() => "answered", (error: Error) => error.name)
            const answered = (size > max && listing.clamps === true) || (size === 0 && type === "states:state-machine")
            if (answered) assert.strictEqual(answer, "answered", `${type} ${size}`)
            else assert.match(answer, /Valid|Invalid|BadRequest|ClientException/u, `${type} ${size}`)
          }
        })
      })
  )
})
