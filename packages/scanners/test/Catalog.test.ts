import { Estate, hostileTags, resourceTypes } from "@cadastre/aws-simulator"
import { Arn, ResourceType } from "@cadastre/model"
import type { CatalogEntry, Scanner } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { promisify } from "node:util"
import { catalog } from "../src/catalog.ts"
import { cloudFormationNames } from "./CloudFormationNames.ts"
import { accounts, called, estateOf, regions, shown, survey, truth } from "./Survey.ts"

/** Types without a Region: CloudFront, IAM and Route 53 are global services, and S3 lists all buckets in one answer. */
const global = ["cloudfront:distribution", "iam:policy", "iam:role", "iam:user", "route53:hosted-zone", "s3:bucket"]

/** Types that AWS has no tags for: its service authorization reference names no tag condition for them. */
const untaggable = ["autoscaling:launch-configuration", "glue:table"]

/** Services whose ARNs have another name. */
const arnServices: Readonly<Record<string, string>> = {
  apigatewayv2: "apigateway",
  efs: "elasticfilesystem",
  emr: "elasticmapreduce",
  opensearch: "es"
}

/** Types whose service calls it a wrong request when the tags of what is gone are asked for: it may still be there. */
const unclear = new Set(["ecs:task-definition", "emr:cluster", "sagemaker:endpoint", "sagemaker:notebook-instance"])

/** Types whose ARNs have no account. */
const anonymous = new Set(["apigateway:restapi", "apigatewayv2:api", "ec2:image", "route53:hosted-zone", "s3:bucket"])

/** Actions that a call of another name needs as well: nobody calls them. */
const alsoNeeded: ReadonlySet<string> = new Set(["glue:GetDatabase"])

const types = catalog.map(({ type }): string => type)
const cases = catalog.map((entry) => ({ type: entry.type, entry }))
const cellsOf = ({ scope }: CatalogEntry): ReadonlyArray<string> => scope === "global" ? ["global"] : regions

describe("catalogue", () => {
  it("every type once, in order, in the form of a type, known to the simulator", () => {
    assert.deepStrictEqual(types, [...new Set(types)].toSorted())
    for (const type of types) assert.match(type, /^[a-z][a-z0-9-]+:[a-z][a-z0-9-]+$/u)
    // A type that the simulator does not know would escape every test below.
    assert.isEmpty(types.filter((type) => !resourceTypes.some((known) => known === type)))
    assert.isEmpty(resourceTypes.filter((type) => !types.includes(type)))
    for (const type of types) assert.strictEqual(ResourceType.normalise(type), type, "an alias shadows a type")
  })

  it("CloudFormation's names are CloudFormation's", () => {
    const names = catalog.map((entry) => [entry.type, entry.cloudFormation] as const)
    assert.deepStrictEqual(Object.fromEntries(names), cloudFormationNames)
  })

  it("Property 9: a type is global if and only if the catalogue says so", () => {
    assert.deepStrictEqual(catalog.filter(({ scope }) => scope === "global").map(({ type }): string => type), global)
  })

  it("all types but two can have tags", () => {
    assert.deepStrictEqual(catalog.filter(({ taggable }) => !taggable).map(({ type }): string => type), untaggable)
  })

  it("is what the scanners say of themselves, all of them, and loads the very one", () =>
    Effect.gen(function*() {
      const src = new URL("../src/", import.meta.url)
      const files = readdirSync(src, { withFileTypes: true, recursive: true })
        .filter((file) => file.isFile() && file.parentPath.replace(/\/$/u, "") !== src.pathname.replace(/\/$/u, ""))
      const modules = yield* Effect.promise(() =>
        Promise.all(files.map((file) => import(`${file.parentPath}/${file.name}`) as Promise<Record<string, unknown>>))
      )
      const scanners = modules.flatMap((module) => Object.values(module)).filter((value): value is Scanner.Scanner =>
        typeof value === "object" && value !== null && "scan" in value
      )
      assert.sameMembers(scanners.map(({ type }): string => type), types)
      for (const { load, ...metadata } of catalog) {
        const scanner = scanners.find(({ type }) => type === metadata.type)
        assert.strictEqual(yield* Effect.promise(load), scanner)
        const { scan: _, ...own } = scanner!
        assert.deepStrictEqual(metadata, own)
      }
    }).pipe(Effect.runPromise))

  it("actions are IAM's: a service, a colon, a name; none twice", () => {
    for (const { actions, fallbackActions, tagSource } of catalog) {
      const all = [...actions, ...fallbackActions]
      assert.strictEqual(new Set(all).size, all.length)
      for (const action of all) assert.match(action, /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/u)
      assert.strictEqual(tagSource === "tagging-api", actions.includes("tag:GetResources"))
      assert.strictEqual(tagSource === "tagging-api", fallbackActions.length > 0)
    }
  })

  it("naming the types loads no SDK client", async () => {
    const program = `
      import { registerHooks } from "node:module"
      const loaded = []
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
      const { catalog } = await import(${JSON.stringify(new URL("../src/catalog.ts", import.meta.url).href)})
      const before = loaded.filter((url) => /aws-sdk|smithy|undici/u.test(url)).length
      await catalog.find(({ type }) => type === "sns:topic").load()
      const after = loaded.filter((url) => /client-sns/u.test(url)).length
      const others = loaded.filter((url) => /client-(?:s3|sqs|lambda)/u.test(url)).length
      process.stdout.write(JSON.stringify({ types: catalog.length, before, after: after > 0, others }))`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: new URL("..", import.meta.url)
    })
    assert.deepStrictEqual(JSON.parse(stdout), { types: catalog.length, before: 0, after: true, others: 0 })
  })
})

describe("every scanner", () => {
  it.live.each(cases)("finds what there is, with ARNs that name it and tags as they are: $type", ({ entry, type }) =>
    Effect.gen(function*() {
      const { cells, resources, simulator } = yield* survey([type], { estate: estateOf(entry, 25) })
      assert.deepStrictEqual(
        cells.map(({ outcome, region }) => `${region} ${outcome}`).toSorted(),
        cellsOf(entry).map((region) => `${region} scanned`).toSorted()
      )
      assert.sameMembers(resources.map(shown), truth(simulator, type).map(shown))
      for (const one of resources) {
        const arn = Option.getOrThrow(Arn.parse(one.arn))
        const real = simulator.estate.find(one.arn)!
        assert.strictEqual(Arn.format(arn), one.arn)
        assert.strictEqual(arn.partition, "aws")
        const service = type.split(":")[0]!
        assert.strictEqual(arn.service, arnServices[service] ?? service)
        assert.strictEqual(arn.region, entry.scope === "global" ? "" : one.region)
        assert.strictEqual(arn.accountId, anonymous.has(type) ? "" : accounts[0])
        assert.strictEqual(one.type, type)
        assert.strictEqual(one.service, service)
        assert.strictEqual(one.accountId, accounts[0])
        assert.strictEqual(one.marks?.[0], real.mark ?? (entry.taggable ? undefined : "untaggable"))
        assert.include(["service-api", "tagging-api"], one.sources.at(-1))
        assert.deepStrictEqual(JSON.parse(JSON.stringify(one.attributes)), one.attributes)
        if (one.createdAt !== undefined) assert.strictEqual(one.createdAt, real.createdAt.toISOString())
      }
    }))

  it.live.each(cases)("Property 17: any page sizes give the same resources: $type", ({ entry, type }) =>
    Effect.gen(function*() {
      for (const paging of [{ pageSize: 1 }, { pageSize: 3 }, { pages: "ragged" as const }, {}]) {
        for (const tagging of [[], [{ match: { service: "tagging" }, fault: { type: "deny" as const } }]]) {
          const estate = estateOf(entry, 7, 3)
          const { resources, simulator } = yield* survey([type], { estate, ...paging, rules: tagging })
          assert.sameMembers(resources.map(shown), truth(simulator, type).map(shown))
        }
      }
    }))

  it.live.each(cases)("Property 22: calls its declared actions, and needs every one: $type", ({ entry, type }) =>
    Effect.gen(function*() {
      const free = ["sts:GetCallerIdentity", "ec2:DescribeRegions"]
      const allowing = (actions: ReadonlyArray<string>) =>
        survey([type], { estate: estateOf(entry, 3), allow: { [accounts[0]!]: [...free, ...actions] } })

      const exact = yield* allowing(entry.actions)
      assert.isTrue(exact.cells.every(({ outcome, unknownTags }) => outcome === "scanned" && unknownTags === 0))
      assert.sameMembers([...called(exact.simulator).keys()], [...entry.actions])

      if (entry.tagSource === "tagging-api") {
        const own = entry.actions.filter((action) => action !== "tag:GetResources")
        const fallback = yield* allowing([...own, ...entry.fallbackActions])
        assert.isTrue(fallback.cells.every(({ outcome, unknownTags }) => outcome === "scanned" && unknownTags === 0))
        assert.sameMembers(
          [...called(fallback.simulator).keys()],
          [...entry.actions, ...entry.fallbackActions].filter((action) => !alsoNeeded.has(action))
        )
        assert.sameMembers(fallback.resources.map(shown), truth(fallback.simulator, type).map(shown))
      }
      for (const missing of entry.tagSource === "tagging-api" ? entry.fallbackActions : []) {
        // Without the tagging API, each action of the other way is needed as well.
        const own = [...entry.actions, ...entry.fallbackActions].filter((action) => action !== "tag:GetResources")
        const { cells, resources } = yield* allowing(own.filter((action) => action !== missing))
        assert.isTrue(cells.every(({ outcome }) => outcome === "denied"), `without ${missing}`)
        assert.isTrue(resources.every(({ tags }) => tags === null))
      }
      for (const missing of entry.actions) {
        const { cells, resources, simulator } = yield* allowing(entry.actions.filter((action) => action !== missing))
        assert.isNotEmpty(cells)
        assert.isTrue(cells.every(({ outcome }) => outcome === "denied"), `without ${missing}`)
        // Denied tags leave the resources, with tags that nobody knows; denied lists leave nothing.
        const known = missing === "tag:GetResources" ? truth(simulator, type).map(({ arn }) => arn) : []
        assert.sameMembers(resources.map(({ arn }) => arn), known)
        assert.isTrue(resources.every(({ tags }) => tags === null))
      }
    }))

  it.live.each(cases.filter(({ entry }) => entry.taggable))("tags round-trip, whatever they hold: $type", ({ entry, type }) =>
    Effect.gen(function*() {
      const estate = estateOf(entry, 6, 5)
      const cruel: ReadonlyArray<Readonly<Record<string, string>>> = [
        Object.fromEntries([["__proto__", "polluted"], ["constructor", ""], ["hasOwnProperty", "x"]]),
        { empty: "", Name: "" },
        { ["k".repeat(128)]: "v".repeat(256) },
        { "\u{1f600} \u{20bb7}": "日本語 \u{1f468}\u200d\u{1f4bb}", ["\u{10ffff}".repeat(60)]: "é" },
        { "a<b>&\"'": "]]> <![CDATA[x]]> &amp; <!-- -->", "  ": "\t padded \n" },
        Object.fromEntries(hostileTags)
      ]
      const own = truth({ estate }, type)
      own.slice(0, cruel.length).forEach(({ arn }, index) => estate.tag(arn, cruel[index]!))
      for (const rules of [[], [{ match: { service: "tagging" }, fault: { type: "deny" as const } }]]) {
        const { resources, simulator } = yield* survey([type], { estate, rules })
        assert.sameMembers(resources.map(shown), truth(simulator, type).map(shown))
        const polluted = resources.find(({ arn }) => arn === own[0]!.arn)
        assert.isTrue(Object.hasOwn(polluted?.tags ?? {}, "__proto__"))
        assert.strictEqual(Object.getPrototypeOf(polluted?.tags), Object.prototype)
      }
    }))

  it.live.each(cases.filter(({ entry }) => entry.tagSource === "tagging-api"))(
    "drops what is gone before its tags are read: $type",
    ({ entry, type }) =>
      Effect.gen(function*() {
        const estate = estateOf(entry, 5, 7)
        const gone = truth({ estate }, type)[2]!.arn
        const { cells, resources, simulator } = yield* survey([type], {
          estate,
          rules: [
            { match: { service: "tagging" }, fault: { type: "deny" } },
            { fault: { type: "vanish", resource: gone } }
          ]
        })
        assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
        const [kept, others] = [resources.filter(({ arn }) => arn === gone), resources.filter(({ arn }) => arn !== gone)]
        assert.deepStrictEqual(kept.map(({ tags }) => tags), unclear.has(type) ? [null] : [])
        assert.sameMembers(others.map(shown), truth(simulator, type).filter(({ arn }) => arn !== gone).map(shown))
      })
  )
})

describe("lists of two steps", () => {
  /** What is looked at by a call of its own, or a few at a time, and has its tags in the answer. */
  const described = ["codebuild:project", "ecs:cluster", "ecs:service", "eks:cluster", "eks:nodegroup"]

  it("are the types with more than one action, but for those whose further lists hold the items", () => {
    const several = catalog.filter(({ actions }) => actions.filter((action) => action !== "tag:GetResources").length > 1)
    assert.deepStrictEqual(several.map(({ type }): string => type), [
      ...described, "elasticloadbalancing:listener", "elasticloadbalancing:listener-rule", "events:rule", "glue:table",
      "kms:key", "opensearch:domain"
    ].toSorted())
  })

  it.live.each([...described, "kms:key", "opensearch:domain"])("what is gone before it is looked at is dropped: %s", (type) =>
    Effect.gen(function*() {
      const entry = catalog.find((one) => one.type === type)!
      const parents = { "ecs:service": "ecs:cluster", "eks:nodegroup": "eks:cluster" } as const
      const parent = type === "ecs:service" || type === "eks:nodegroup" ? parents[type] : undefined
      const counts = { [type]: { "eu-west-1": 25 }, ...(parent === undefined ? {} : { [parent]: { "eu-west-1": 3 } }) }
      const estate = Estate.make({ seed: 9, accounts, regions, counts })
      const gone = truth({ estate }, type)[2]!.arn
      const { cells, resources, simulator } = yield* survey([type], {
        estate,
        rules: [{ fault: { type: "vanish", resource: gone } }]
      })
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"), entry.type)
      assert.sameMembers(resources.map(shown), truth(simulator, type).filter(({ arn }) => arn !== gone).map(shown))
    }))

  it.live.each([
    ["ecs:service", "ecs:cluster"],
    ["eks:nodegroup", "eks:cluster"],
    ["elasticloadbalancing:listener", "elasticloadbalancing:loadbalancer"],
    ["events:rule", "events:event-bus"],
    ["glue:table", "glue:database"]
  ] as const)("a parent that is gone before its children are listed: %s", ([type, parent]) =>
    Effect.gen(function*() {
      const estate = Estate.make({
        seed: 9, accounts, regions, counts: { [type]: { "eu-west-1": 30 }, [parent]: { "eu-west-1": 4 } }
      })
      const gone = truth({ estate }, parent).find(({ mark, region }) => mark === undefined && region === "eu-west-1")!
      const name = gone.arn.split("/").slice(1).join("/")
      const { cells, resources, simulator } = yield* survey([type], {
        estate,
        rules: [{ fault: { type: "vanish", resource: gone.arn } }]
      })
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"), JSON.stringify(cells))
      const left = truth(simulator, type).filter(({ arn }) => !arn.includes(`/${name}/`))
      assert.isBelow(left.length, truth(simulator, type).length)
      assert.sameMembers(resources.map(shown), left.map(shown))
    }))
})

describe("estates larger than a page", () => {
  it.live("everything is found, with as few calls as the APIs allow", () =>
    Effect.gen(function*() {
      const counts = { "sqs:queue": 1050, "lambda:function": 120, "dynamodb:table": 130, "ec2:instance": 2500 }
      const estate = Estate.make({
        regions: ["us-east-1", "eu-west-1", "eu-west-2"],
        counts: {
          ...Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, { "eu-west-1": count }])),
          "s3:bucket": { "us-east-1": 400, "eu-west-1": 400, "eu-west-2": 400 }
        }
      })
      const all = [...Object.keys(counts), "s3:bucket"]
      const { cells, resources, simulator } = yield* survey(all, { estate })
      assert.isTrue(cells.every(({ outcome }) => outcome === "scanned"))
      for (const [type, count] of [...Object.entries(counts), ["s3:bucket", 1200] as const]) {
        const found = resources.filter((one) => one.type === type)
        assert.strictEqual(found.length, count)
        assert.sameMembers(found.map(shown), truth(simulator, type).map(shown))
      }
      // Two Regions have nothing and cost one call a type; a page holds 1,000 queues, 50 functions, 100 tables,
      // 1,000 instances, 10,000 buckets; a call to the tagging API 100 ARNs of one Region.
      const pages = (count: number, size: number) => Math.ceil(count / size)
      assert.deepStrictEqual(Object.fromEntries(called(simulator)), {
        "dynamodb:ListTables": 2 + pages(130, 100),
        "ec2:DescribeInstances": 2 + pages(2500, 1000),
        "lambda:ListFunctions": 2 + pages(120, 50),
        "s3:ListAllMyBuckets": 1,
        "sqs:ListQueues": 2 + pages(1050, 1000),
        "tag:GetResources": pages(1050, 100) + pages(120, 100) + pages(130, 100) + 3 * pages(400, 100)
      })
    }), 60_000)

  it.live("snapshots of others are not listed", () =>
    Effect.gen(function*() {
      const entry = catalog.find(({ type }) => type === "ec2:snapshot")!
      const { resources, simulator } = yield* survey(["ec2:snapshot"], { estate: estateOf(entry, 10) })
      assert.isAbove([...simulator.estate.resources({ accountId: accounts[1]! })].length, 0)
      assert.strictEqual(resources.length, 20)
      assert.isTrue(resources.every(({ accountId, arn }) => accountId === accounts[0] && arn.includes(accounts[0])))
    }))
})
