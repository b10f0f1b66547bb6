import {
  GetDefaultViewCommand,
  GetIndexCommand,
  GetViewCommand,
  ListIndexesCommand,
  ListResourcesCommand,
  ListSupportedResourceTypesCommand,
  ListViewsCommand,
  paginateListResources,
  paginateSearch,
  type Resource,
  ResourceExplorer2Client,
  SearchCommand
} from "@aws-sdk/client-resource-explorer-2"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Simulator, type SimulatorOptions } from "../src/index.ts"

const account = "111122223333"
const regions = ["us-east-1", "eu-west-1", "eu-north-1"]

const using = <A>(
  options: SimulatorOptions,
  use: (client: (region: string) => ResourceExplorer2Client, simulator: Simulator["Service"]) => Promise<A>
) =>
  Effect.scoped(Effect.flatMap(Simulator.make(options), (simulator) =>
    Effect.promise(() =>
      use(
        (region) =>
          new ResourceExplorer2Client({
            endpoint: simulator.url,
            region,
            credentials: simulator.credentials(account),
            maxAttempts: 1
          }),
        simulator
      )
    )))

const listed = async (client: ResourceExplorer2Client, FilterString: string, size = 100) => {
  const all: Array<Resource> = []
  const asked = { Filters: { FilterString }, MaxResults: size }
  for await (const page of paginateListResources({ client }, asked)) all.push(...page.Resources ?? [])
  return all
}

const arnsOf = (all: ReadonlyArray<{ readonly Arn?: string | undefined }>) =>
  all.map(({ Arn = "" }) => Arn).toSorted()

/** The tags of a resource, which are JSON to the SDK. */
const tagsIn = ({ Properties = [] }: Resource): ReadonlyArray<readonly [string, string]> => {
  const data = JSON.stringify(Properties[0]?.Data ?? [])
  return (JSON.parse(data) as ReadonlyArray<{ Key: string; Value: string }>).map(({ Key, Value }) => [Key, Value])
}

const own = (tags: Readonly<Record<string, string>>) => Object.keys(tags).filter((key) => !key.startsWith("aws:"))

const estate = {
  seed: 3,
  accounts: [account, "222233334444"],
  regions,
  counts: {
    "ec2:volume": { "us-east-1": 150, "eu-west-1": 90, "eu-north-1": 7 },
    "iam:role": { global: 20 },
    "iam:user": { global: 5 },
    "glue:table": { "us-east-1": 4 },
    "sns:topic": { "us-east-1": 30, "eu-west-1": 10 }
  },
  explorer: { indexes: ["us-east-1", "eu-west-1"] }
}

describe("Resource Explorer", () => {
  it.live("an aggregator lists all Regions that have an index, tagged or not", () =>
    using({ estate }, async (client, simulator) => {
      // Tables of Glue are not indexed, and eu-north-1 has no index.
      const truth = [...simulator.estate.truth({ accountId: account })]
        .filter(({ mark, region, type }) => region !== "eu-north-1" && type !== "glue:table" && mark !== "deleted")
      for (const size of [7, 100, 999]) {
        const seen = await listed(client("us-east-1"), "", size)
        assert.deepStrictEqual(arnsOf(seen), truth.map(({ arn }) => arn).toSorted())
      }
      const tagless = truth.filter(({ tags }) => own(tags).length === 0)
      assert.isAbove(tagless.length, 10)
      assert.deepStrictEqual(
        arnsOf(await listed(client("us-east-1"), "tag:none")),
        tagless.map(({ arn }) => arn).toSorted()
      )
      const irish = await listed(client("eu-west-1"), "resourcetype:ec2:volume")
      assert.strictEqual(irish.length, 90)
      assert.isTrue(irish.every(({ Region, Service }) => Region === "eu-west-1" && Service === "ec2"))
      const roles = await listed(client("us-east-1"), "region:global resourcetype:iam:role,iam:user")
      assert.strictEqual(roles.length, 25)
      const others = await listed(client("us-east-1"), "service:ec2 -region:us-*")
      assert.strictEqual(others.length, 90)
    }))

  it.live("resources come with their tags, where the view has them", () =>
    using({ estate }, async (client, simulator) => {
      const all = await listed(client("us-east-1"), "resourcetype:sns:topic")
      for (const one of all) {
        assert.deepStrictEqual(tagsIn(one), Object.entries(simulator.estate.find(one.Arn ?? "")!.tags))
      }
      const { ViewArn } = await client("us-east-1").send(new GetDefaultViewCommand({}))
      const { View } = await client("us-east-1").send(new GetViewCommand({ ViewArn }))
      assert.deepStrictEqual(View?.IncludedProperties, [{ Name: "tags" }])
      assert.deepStrictEqual((await client("us-east-1").send(new ListViewsCommand({}))).Views, [ViewArn])
    }))

  it.live("indexes: one aggregates, one is its Region's own, one is missing", () =>
    using({ estate }, async (client) => {
      const { Indexes = [] } = await client("eu-north-1").send(new ListIndexesCommand({}))
      assert.deepStrictEqual(
        Indexes.map(({ Region, Type }) => [Region, Type]),
        [["us-east-1", "AGGREGATOR"], ["eu-west-1", "LOCAL"]]
      )
      const home = await client("us-east-1").send(new GetIndexCommand({}))
      assert.deepStrictEqual([home.Type, home.ReplicatingFrom], ["AGGREGATOR", ["eu-west-1"]])
      const none = await client("eu-north-1").send(new GetIndexCommand({})).catch((error: Error) => error.name)
      assert.strictEqual(none, "ResourceNotFoundException")
      const refused = await client("eu-north-1").send(new SearchCommand({ QueryString: "" }))
        .catch((error: Error) => error.name)
      assert.strictEqual(refused, "UnauthorizedException")
      const { ResourceTypes = [] } = await client("us-east-1").send(
        new ListSupportedResourceTypesCommand({ MaxResults: 1000 })
      )
      assert.isAbove(ResourceTypes.length, 70)
    }))

  it.live("an account that never set it up has no index", () =>
    using({ estate: { ...estate, explorer: undefined } as never }, async (client) => {
      assert.deepStrictEqual((await client("us-east-1").send(new ListIndexesCommand({}))).Indexes, [])
      assert.isUndefined((await client("us-east-1").send(new GetDefaultViewCommand({}))).ViewArn)
    }))

  it.live("a search finds a thousand at the most, and a page of a thousand has no successor", () =>
    using({ estate: { regions: ["us-east-1"], counts: { "sns:topic": 1500 }, explorer: {} } }, async (client) => {
      const home = client("us-east-1")
      const found: Array<string> = []
      for await (const page of paginateSearch({ client: home }, { QueryString: "", MaxResults: 300 })) {
        assert.deepStrictEqual(page.Count, { TotalResources: 1000, Complete: false })
        found.push(...(page.Resources ?? []).map(({ Arn = "" }) => Arn))
      }
      assert.strictEqual(new Set(found).size, 1000)
      const whole = await home.send(new ListResourcesCommand({ MaxResults: 1000 }))
      assert.deepStrictEqual([whole.Resources?.length, whole.NextToken], [1000, undefined])
      assert.strictEqual((await listed(home, "", 999)).length, 1500)
      for (const MaxResults of [0, 1001]) {
        const name = await home.send(new ListResourcesCommand({ MaxResults })).catch((error: Error) => error.name)
        assert.strictEqual(name, "ValidationException")
      }
      const unread = await home.send(new ListResourcesCommand({ Filters: { FilterString: "just words" } }))
        .catch((error: Error) => error.name)
      assert.strictEqual(unread, "ValidationException")
    }))

  it.live("changes are seen late: what is new, what is gone, and tags", () =>
    using({
      estate: { regions: ["us-east-1"], counts: { "sns:topic": 3 }, tags: { untagged: 0 }, explorer: {} }
    }, async (client, simulator) => {
      const home = client("us-east-1")
      const [first, second] = [...simulator.estate.resources()]
      const before = first!.tags
      simulator.estate.delete(second!.arn)
      simulator.estate.tag(first!.arn, { Owner: "new" })
      const place = { accountId: account, region: "us-east-1", type: "sns:topic" } as const
      const made = simulator.estate.create(place, { Owner: "me" })
      const arns = async () => new Set(arnsOf(await listed(home, "")))
      const tagsOfFirst = async () => {
        const one = (await listed(home, "")).find(({ Arn }) => Arn === first!.arn)
        return tagsIn(one!)
      }
      assert.isTrue((await arns()).has(second!.arn))
      assert.isFalse((await arns()).has(made.arn))
      assert.deepStrictEqual(await tagsOfFirst(), Object.entries(before))
      simulator.advance(31_000)
      assert.deepStrictEqual(await tagsOfFirst(), [["Owner", "new"]])
      assert.isFalse((await arns()).has(made.arn))
      simulator.advance(300_000)
      assert.isTrue((await arns()).has(made.arn))
      assert.isFalse((await arns()).has(second!.arn))
    }))
})
