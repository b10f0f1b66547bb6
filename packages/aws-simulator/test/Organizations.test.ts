import {
  DescribeAccountCommand,
  DescribeEffectivePolicyCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  OrganizationsClient
} from "@aws-sdk/client-organizations"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Estate, Simulator, type SimulatorOptions } from "../src/index.ts"

const ids = Array.from({ length: 45 }, (_, at) => String(100_000_000_000 + at))
const [management = "", delegated = "", suspended = "", ...others] = ids

const estate = {
  accounts: ids,
  resources: 0,
  organization: {
    delegatedAdministrators: [delegated],
    units: [
      { name: "Prod", accounts: others.slice(0, 3), units: [{ name: "Web", accounts: others.slice(3, 5) }] },
      { name: "Empty" }
    ],
    accounts: {
      [suspended]: { name: "Old", state: "SUSPENDED", tags: { env: "none", __proto__x: "1" } },
      "999900001111": { name: "Gone", state: "CLOSED" }
    }
  }
} as const satisfies SimulatorOptions["estate"]

const clientOf = (simulator: Simulator["Service"], accountId = management) =>
  new OrganizationsClient({
    endpoint: simulator.url,
    region: "us-east-1",
    credentials: simulator.credentials(accountId),
    maxAttempts: 1
  })

interface Page {
  readonly NextToken?: string | undefined
}

const everything = async <P extends Page, A>(
  ask: (NextToken: string | undefined) => Promise<P>,
  items: (page: P) => ReadonlyArray<A> | undefined
): Promise<{ readonly all: ReadonlyArray<A>; readonly sizes: ReadonlyArray<number> }> => {
  const all: Array<A> = []
  const sizes: Array<number> = []
  let token: string | undefined
  do {
    const page = await ask(token)
    const found = items(page) ?? []
    all.push(...found)
    sizes.push(found.length)
    token = page.NextToken
  } while (token !== undefined)
  return { all, sizes }
}

const refused = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => assert.fail("it was allowed"), (error: Error) => error)

const test = (name: string, options: SimulatorOptions, work: (simulator: Simulator["Service"]) => Promise<void>) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(options)
      yield* Effect.promise(() => work(simulator))
    }))

const listAll = (client: OrganizationsClient) =>
  everything((NextToken) => client.send(new ListAccountsCommand({ NextToken })), (page) => page.Accounts)

describe("organizations", () => {
  test("ListAccounts tells all accounts, twenty a page", { estate }, async (simulator) => {
    const { all, sizes } = await listAll(clientOf(simulator))
    assert.deepStrictEqual(sizes, [20, 20, 6])
    assert.sameMembers(all.map(({ Id }) => Id), [...ids, "999900001111"])
    const old = all.find(({ Id }) => Id === suspended)
    assert.strictEqual(old?.Name, "Old")
    assert.strictEqual(old?.State, "SUSPENDED")
    assert.isFalse("Status" in old!)
    assert.isTrue(old?.JoinedTimestamp instanceof Date)
    const { Organization } = await clientOf(simulator, others[0]).send(new DescribeOrganizationCommand({}))
    assert.strictEqual(Organization?.MasterAccountId, management)
  })

  test("ragged pages come short, or empty with a token", { estate, pages: "ragged" }, async (simulator) => {
    const { all, sizes } = await listAll(clientOf(simulator))
    assert.strictEqual(new Set(all.map(({ Id }) => Id)).size, 46)
    assert.isAbove(sizes.length, 3)
  })

  test("the tree can be walked down and up", { estate }, async (simulator) => {
    const client = clientOf(simulator, delegated)
    const { Roots } = await client.send(new ListRootsCommand({}))
    const root = Roots![0]!.Id!
    const units = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: root }))
    assert.deepStrictEqual(units.OrganizationalUnits!.map(({ Name }) => Name), ["Prod", "Empty"])
    const [prod, empty] = units.OrganizationalUnits!.map(({ Id }) => Id!)
    const under = await client.send(new ListAccountsForParentCommand({ ParentId: prod }))
    assert.deepStrictEqual(under.Accounts!.map(({ Id }) => Id), others.slice(0, 3))
    assert.deepStrictEqual((await client.send(new ListAccountsForParentCommand({ ParentId: empty }))).Accounts, [])
    const children = await client.send(new ListChildrenCommand({ ParentId: prod, ChildType: "ORGANIZATIONAL_UNIT" }))
    const web = children.Children![0]!.Id!
    const unit = await client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: web }))
    assert.strictEqual(unit.OrganizationalUnit?.Name, "Web")
    const parentOf = async (ChildId: string | undefined) =>
      (await client.send(new ListParentsCommand({ ChildId }))).Parents
    assert.deepStrictEqual(await parentOf(web), [{ Id: prod, Type: "ORGANIZATIONAL_UNIT" }])
    assert.deepStrictEqual(await parentOf(others[3]), [{ Id: web, Type: "ORGANIZATIONAL_UNIT" }])
    assert.deepStrictEqual(await parentOf(management), [{ Id: root, Type: "ROOT" }])
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceId: suspended }))
    assert.deepStrictEqual(Tags, [{ Key: "env", Value: "none" }, { Key: "__proto__x", Value: "1" }])
  })

  test("only the management account and delegated administrators may ask", { estate }, async (simulator) => {
    const error = await refused(clientOf(simulator, others[0]).send(new ListAccountsCommand({})))
    assert.strictEqual(error.name, "AccessDeniedException")
    assert.strictEqual(error.message, "You don't have permissions to access this resource.")
    const client = clientOf(simulator)
    const names = await Promise.all([
      refused(client.send(new DescribeAccountCommand({ AccountId: "123456789012" }))),
      refused(client.send(new ListAccountsForParentCommand({ ParentId: "ou-zzzz-00000000" }))),
      refused(client.send(new ListAccountsForParentCommand({ ParentId: "Prod" }))),
      refused(client.send(new ListParentsCommand({ ChildId: "123456789012" }))),
      refused(client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: "ou-zzzz-00000000" }))),
      refused(client.send(new ListTagsForResourceCommand({ ResourceId: "123456789012" }))),
      refused(client.send(new ListAccountsCommand({ NextToken: "no" }))),
      refused(client.send(new ListAccountsCommand({ MaxResults: 21 })))
    ])
    assert.deepStrictEqual(names.map(({ name }) => name), [
      "AccountNotFoundException",
      "ParentNotFoundException",
      "InvalidInputException",
      "ChildNotFoundException",
      "OrganizationalUnitNotFoundException",
      "TargetNotFoundException",
      "InvalidInputException",
      "InvalidInputException"
    ])
  })

  test("there may be no organization", { estate: { organization: "none", resources: 0 } }, async (simulator) => {
    const client = clientOf(simulator, "111122223333")
    const errors = await Promise.all([
      refused(client.send(new DescribeOrganizationCommand({}))),
      refused(client.send(new ListRootsCommand({})))
    ])
    for (const { name } of errors) assert.strictEqual(name, "AWSOrganizationsNotInUseException")
  })

  test("by default the accounts are in units that the seed decides", { estate: { accounts: ids, resources: 0 } }, async (simulator) => {
    const client = clientOf(simulator)
    const root = (await client.send(new ListRootsCommand({}))).Roots![0]!.Id!
    const units = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: root }))
    assert.deepStrictEqual(units.OrganizationalUnits!.map(({ Name }) => Name), ["Prod", "Sandbox"])
    const { all } = await listAll(client)
    assert.sameMembers(all.map(({ Id }) => Id), ids)
  })
})

describe("an organization's tag policies", () => {
  const [root = "", unit = "", account = ""] = ids
  const content = (value: string) => ({ tags: { Team: { tag_value: { "@@append": [value] } } } })
  const tagged = {
    accounts: [root, unit, account],
    resources: 0,
    organization: {
      units: [{ name: "Prod", accounts: [unit] }],
      tagPolicies: [
        { name: "b", content: content("b"), targets: ["/"] },
        { name: "a", content: content("a"), targets: ["/", unit] },
        { name: "c", content: content("c"), targets: ["/Prod"] }
      ]
    }
  } as const satisfies SimulatorOptions["estate"]

  it.effect("are merged from the root down, in the order attached", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: tagged })
      const client = clientOf(simulator, root)
      const effective = (TargetId?: string, from = client) =>
        Effect.promise(() => from.send(new DescribeEffectivePolicyCommand({ PolicyType: "TAG_POLICY", TargetId })).then(
          ({ EffectivePolicy }) => JSON.parse(EffectivePolicy?.PolicyContent ?? "") as unknown,
          (error: Error) => error.name
        ))
      assert.deepStrictEqual(yield* effective(unit), { tags: { team: { tag_key: "team", tag_value: ["b", "a", "c"] } } })
      assert.deepStrictEqual(yield* effective(), { tags: { team: { tag_key: "team", tag_value: ["b", "a"] } } })
      assert.deepStrictEqual(yield* effective(undefined, clientOf(simulator, account)), { tags: { team: { tag_key: "team", tag_value: ["b", "a"] } } })
      assert.strictEqual(yield* effective(unit, clientOf(simulator, account)), "AccessDeniedException")
      assert.strictEqual(yield* effective("999999999999"), "TargetNotFoundException")
      const { Policies = [] } = yield* Effect.promise(() => client.send(new ListPoliciesForTargetCommand({ TargetId: unit, Filter: "TAG_POLICY" })))
      assert.deepStrictEqual(Policies.map(({ Name, Type }) => [Name, Type]), [["a", "TAG_POLICY"]])
      const none = yield* Effect.promise(() => client.send(new ListPoliciesForTargetCommand({ TargetId: unit, Filter: "BACKUP_POLICY" })))
      assert.deepStrictEqual(none.Policies, [])
    }).pipe(Effect.scoped))

  it("cannot be attached to what is not there", () => {
    const estate = { ...tagged, organization: { tagPolicies: [{ name: "x", content: {}, targets: ["/Nowhere"] }] } }
    assert.throws(() => Estate.make(estate), /nothing to attach a policy to at \/Nowhere/u)
  })
})
