import { DescribeImagesCommand, DescribeSubnetsCommand, EC2Client, paginateDescribeSubnets } from "@aws-sdk/client-ec2"
import { ECSClient, DescribeServicesCommand, ListServicesCommand } from "@aws-sdk/client-ecs"
import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms"
import { paginateGetResources, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Estate, type ResourceType, resourceTypes, Simulator, type SimulatorOptions } from "../src/index.ts"
import { declaredTypes } from "../src/types/names.ts"
import { type Asking, listings, sendOf } from "./Listings.ts"
import type { Connection } from "./Reader.ts"

const account = "111122223333"
const region = "us-east-1"

const using = <A>(
  options: SimulatorOptions,
  use: (to: Connection, simulator: Simulator["Service"]) => Promise<A>
) =>
  Effect.scoped(Effect.flatMap(Simulator.make(options), (simulator) =>
    Effect.promise(() =>
      use({ endpoint: simulator.url, region, credentials: simulator.credentials(account), maxAttempts: 1 }, simulator)
    )))

const declared = new Set<string>(declaredTypes)

/** What holds what, as the reference of each service says. */
const holders: Readonly<Record<string, ResourceType>> = {
  "ecs:service": "ecs:cluster",
  "eks:nodegroup": "eks:cluster",
  "events:rule": "events:event-bus",
  "glue:table": "glue:database",
  "elasticloadbalancing:listener": "elasticloadbalancing:loadbalancer",
  "elasticloadbalancing:listener-rule": "elasticloadbalancing:listener"
}

describe("an estate of every type", () => {
  it("has exactly as many resources as asked, of every type, each with an ARN of its own", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4000 }), fc.integer(), (resources, seed) => {
      const estate = Estate.make({ seed, resources, types: "all", accounts: [account, "222233334444"] })
      const all = [...estate.resources()]
      assert.strictEqual(all.length, resources)
      assert.strictEqual(new Set(all.map(({ arn }) => arn)).size, resources)
      for (const { accountId, region, type } of all) {
        const holder = holders[type]
        if (holder !== undefined) assert.isAbove(estate.count({ accountId, region, type: holder }), 0, type)
      }
    }), { numRuns: 20 })
  })

  it("finds every resource by ARN, id and name", () => {
    const estate = Estate.make({ seed: 9, resources: 6000, types: "all", accounts: [account, "222233334444"] })
    const types = new Set<string>()
    for (const one of estate.resources()) {
      types.add(one.type)
      assert.deepStrictEqual(estate.find(one.arn), one)
      for (const key of declared.has(one.type) ? [one.id, one.name, one.arn] : [one.id, one.arn]) {
        assert.strictEqual(estate.findIn(one.accountId, one.region, one.type, key)?.arn, one.arn, `${one.type} ${key}`)
      }
    }
    assert.strictEqual(types.size, resourceTypes.length)
  })

  it("holds a million resources of every type without holding them", () => {
    const before = process.memoryUsage().heapUsed
    const estate = Estate.make({ resources: 1_000_000, types: "all" })
    assert.strictEqual(estate.count(), 1_000_000)
    assert.isBelow(process.memoryUsage().heapUsed - before, 30e6)
  })

  it("has what AWS makes by itself, untagged and marked", () => {
    const estate = Estate.make({
      regions: [region],
      tags: { untagged: 0 },
      counts: Object.fromEntries(declaredTypes.map((type) => [type, 40]))
    })
    const made = [...estate.resources()]
      .filter(({ mark }) => mark === "default" || mark === "aws-created")
      .map(({ name, type }) => `${type} ${name}`)
    for (const expected of [
      "athena:workgroup primary",
      "backup:vault Default",
      "ecs:capacity-provider FARGATE",
      "ecs:capacity-provider FARGATE_SPOT",
      "events:event-bus default",
      "kms:key aws/ebs"
    ]) assert.include(made, expected)
    const counts = (type: string) => made.filter((one) => one.startsWith(`${type} `)).length
    assert.strictEqual(counts("ec2:vpc"), 1)
    assert.strictEqual(counts("ec2:subnet"), 3)
    assert.strictEqual(counts("ec2:route-table"), 1)
    assert.strictEqual(counts("elasticloadbalancing:listener-rule"), 40)
    const vpc = [...estate.resources({ type: "ec2:vpc" })].find(({ mark }) => mark === "default")!
    const defaults = [...estate.resources({ type: "ec2:subnet" })].filter(({ mark }) => mark === "default")
    for (const subnet of defaults) {
      assert.strictEqual(estate.findIn(account, region, "ec2:subnet", subnet.id)?.attributes["vpcId"], vpc.id)
      assert.deepStrictEqual(subnet.tags, {})
    }
    const gone = new Set([...estate.resources()].filter(({ mark }) => mark === "deleted").map(({ type }) => type))
    assert.isAbove(gone.size, 6)
  })

  it("gives a counted resource its holder, and deletes what is held with its holder", () => {
    const counts = { "elasticloadbalancing:listener-rule": 5, "ecs:service": 4 }
    const estate = Estate.make({ regions: [region], counts })
    assert.strictEqual(estate.count({ type: "elasticloadbalancing:loadbalancer" }), 1)
    assert.strictEqual(estate.count({ type: "elasticloadbalancing:listener" }), 1)
    assert.strictEqual(estate.count({ type: "ecs:cluster" }), 1)
    estate.delete([...estate.resources({ type: "elasticloadbalancing:loadbalancer" })][0]!.arn)
    assert.strictEqual(estate.count({ type: "elasticloadbalancing:listener-rule" }), 0)
    assert.strictEqual(estate.count(), 5)
    const place = { accountId: account, region, type: "eks:nodegroup" } as const
    assert.throws(() => estate.create(place), RangeError)
    assert.strictEqual(estate.count({ type: "eks:nodegroup" }), 0)
    const made = estate.create({ ...place, type: "ecs:service" }, { Owner: "me" })
    assert.deepStrictEqual(estate.find(made.arn)?.tags, { Owner: "me" })
  })
})

describe("every type over the wire", () => {
  const counts = Object.fromEntries(resourceTypes.map((type) => [type, 12]))

  it.live("the tagging API never tells of some types, nor of what was never tagged, and tells of ghosts", () =>
    using({ estate: { seed: 4, regions: [region], counts, ghosts: 0.2 } }, async (to, simulator) => {
      const client = new ResourceGroupsTaggingAPIClient({ ...to })
      const seen: Array<string> = []
      for await (const page of paginateGetResources({ client }, { ResourcesPerPage: 100 })) {
        seen.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN = "" }) => ResourceARN))
      }
      assert.strictEqual(new Set(seen).size, seen.length)
      const living = new Map([...simulator.estate.resources()].map((one) => [one.arn, one]))
      const types = new Set(seen.flatMap((arn) => living.get(arn)?.type ?? []))
      const silent = ["autoscaling:group", "autoscaling:launch-configuration", "glue:table", "iam:role", "iam:user"]
      assert.sameMembers(resourceTypes.filter((type) => !types.has(type)), silent)
      for (const one of living.values()) {
        if (Object.keys(one.tags).length > 0 && !silent.includes(one.type)) assert.include(seen, one.arn)
      }
      assert.isAbove(seen.filter((arn) => !living.has(arn)).length, resourceTypes.length / 2)
      assert.isAbove([...living.keys()].filter((arn) => !seen.includes(arn)).length, resourceTypes.length / 4)
    }))

  it.live("what vanishes between list and describe is missing, and no error of another kind", () =>
    using({ estate: { regions: [region], counts: { "ecs:service": 8, "kms:key": 8 } } }, async (to, simulator) => {
      const ecs = new ECSClient({ ...to })
      const cluster = [...simulator.estate.resources({ type: "ecs:cluster" })][0]!.arn
      const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster, maxResults: 100 }))
      const { Keys = [] } = await new KMSClient({ ...to }).send(new ListKeysCommand({}))
      const comeBack = simulator.rule({ fault: { type: "vanish", resource: serviceArns[0]! } })
      const { failures, services } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }))
      assert.deepStrictEqual(failures, [{ arn: serviceArns[0], reason: "MISSING" }])
      assert.deepStrictEqual(services?.map(({ serviceArn }) => serviceArn), serviceArns.slice(1))
      comeBack()
      simulator.rule({ fault: { type: "vanish", resource: Keys[3]!.KeyArn! } })
      const gone = await new KMSClient({ ...to }).send(new DescribeKeyCommand({ KeyId: Keys[3]!.KeyId }))
        .catch((error: Error) => error.name)
      assert.strictEqual(gone, "NotFoundException")
    }))

  it.live("EC2 shows anybody's images to who does not ask for its own", () =>
    using({ estate: { regions: [region], counts: { "ec2:image": 4 } } }, async (to) => {
      const client = new EC2Client({ ...to })
      const owners = async (Owners?: Array<string>) =>
        new Set((await client.send(new DescribeImagesCommand({ Owners }))).Images?.map(({ OwnerId }) => OwnerId))
      assert.strictEqual((await owners()).size, 2)
      assert.deepStrictEqual(await owners(["self"]), new Set([account]))
    }))

  it.live("what others share is listed page by page, and is nobody's here", () =>
    using({ estate: { regions: [region], counts: { "ec2:subnet": 12 }, shared: 4 } }, async (to, simulator) => {
      const client = new EC2Client({ ...to })
      for (const MaxResults of [5, 1000]) {
        const owners: Array<string | undefined> = []
        for await (const { Subnets = [] } of paginateDescribeSubnets({ client }, { MaxResults })) {
          assert.isAtMost(Subnets.length, MaxResults)
          owners.push(...Subnets.map(({ OwnerId }) => OwnerId))
        }
        assert.strictEqual(owners.filter((owner) => owner === account).length, 12)
        assert.strictEqual(owners.filter((owner) => owner !== account).length, 4)
      }
      assert.strictEqual(simulator.estate.count(), 12)
      const { Subnets } = await client.send(
        new DescribeSubnetsCommand({ Filters: [{ Name: "owner-id", Values: [account] }] })
      )
      assert.strictEqual(Subnets?.length, 12)
    }))

  it.live("IAM tells users, roles and policies together, and each by itself", () =>
    using({ estate: { counts: { "iam:user": 5, "iam:role": 9, "iam:policy": 4 } } }, async (to, simulator) => {
      const client = new IAMClient({ ...to })
      const told = { users: 0, roles: 0, policies: 0 }
      let Marker: string | undefined
      do {
        const page = await client.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 4, Marker }))
        told.users += page.UserDetailList?.length ?? 0
        told.roles += page.RoleDetailList?.length ?? 0
        told.policies += page.Policies?.length ?? 0
        Marker = page.Marker
      } while (Marker !== undefined)
      assert.deepStrictEqual(told, { users: 5, roles: 9, policies: 4 })
      const { RoleDetailList, UserDetailList = [] } = await client.send(
        new GetAccountAuthorizationDetailsCommand({ Filter: ["User"] })
      )
      assert.deepStrictEqual(RoleDetailList, [])
      for (const { Arn = "", Tags = [] } of UserDetailList) {
        const { tags } = simulator.estate.find(Arn)!
        assert.deepStrictEqual(Tags.map(({ Key, Value }) => [Key, Value] as const), Object.entries(tags))
      }
    }))

  it.live("Cognito wants a page size, and CloudWatch's errors have their old names", () =>
    using({ estate: { regions: [region], counts: { "cognito-idp:userpool": 3 } } }, async (to) => {
      const cognito = await sendOf("cognito-identity-provider", to)
      const unsized = await cognito("ListUserPools", {}).catch((error: Error) => error.name)
      assert.strictEqual(unsized, "InvalidParameterException")
      const cloudWatch = await sendOf("cloudwatch", to)
      const refused = await cloudWatch("DescribeAlarms", { NextToken: "none" }).catch((error: Error) => error.name)
      assert.strictEqual(refused, "InvalidNextToken")
      const { MetricAlarms } = await cloudWatch("DescribeAlarms", { AlarmNames: ["none"] })
      assert.deepStrictEqual(MetricAlarms, [])
    }))

  /** Actions that are not called as the client and its command. */
  const actions: Partial<Record<(typeof declaredTypes)[number], ReadonlyArray<string>>> = {
    "acm:certificate": ["acm:ListCertificates", "acm:ListTagsForCertificate"],
    "apigateway:restapi": ["apigateway:GET"],
    "apigatewayv2:api": ["apigateway:GET"],
    "bedrock:agent": ["bedrock:ListAgents", "bedrock:ListTagsForResource"],
    "cloudfront:distribution": ["cloudfront:ListDistributions", "cloudfront:ListTagsForResource"],
    "cloudwatch:alarm": ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
    "cognito-idp:userpool": ["cognito-idp:DescribeUserPool", "cognito-idp:ListUserPools"],
    "efs:file-system": ["elasticfilesystem:DescribeFileSystems"],
    "elasticloadbalancing:classic-loadbalancer": [
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTags"
    ],
    "emr:cluster": ["elasticmapreduce:DescribeCluster", "elasticmapreduce:ListClusters"],
    "kafka:cluster": ["kafka:ListClustersV2"],
    "logs:log-group": ["logs:DescribeLogGroups", "logs:ListTagsForResource"],
    "opensearch:domain": ["es:DescribeDomains", "es:ListDomainNames", "es:ListTags"],
    "states:state-machine": ["states:ListStateMachines", "states:ListTagsForResource"],
    "wafv2:web-acl": ["wafv2:ListTagsForResource", "wafv2:ListWebACLs"]
  }

  it.live.each(Object.entries(actions))("%s is read with exactly its IAM actions", ([type, needed]) =>
    Effect.gen(function*() {
      const listing = listings[type as keyof typeof listings]
      for (const missing of [undefined, ...needed]) {
        const allow = needed.filter((action) => action !== missing)
        const estate = { regions: [region], counts: { [type]: 6 }, tags: { untagged: 0 } }
        yield* using({ estate, allow: { [account]: allow } }, async (to) => {
          const ask: Asking = {
            send: await sendOf(listing.client, to),
            account,
            region,
            size: undefined,
            page: () => {}
          }
          const read = async () => {
            const all = await listing.list(ask)
            for (const one of all) await listing.tags?.(one, ask)
            return all.length
          }
          const answer = await read().catch((error: Error) => error.name)
          if (missing === undefined) assert.isAbove(Number(answer), 3)
          else assert.match(String(answer), /AccessDenied|UnauthorizedOperation/u, missing)
        })
      }
    }))
})
