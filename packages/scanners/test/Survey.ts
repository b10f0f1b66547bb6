/** Scans of a simulated estate with the catalogue's own scanners, and what there really is to find. */
import { Estate as EstateAccounts } from "@cadastre/account-discovery"
import { Estate, type ResourceType, Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { Accounts, Aws, AwsClients, AwsSettings, Pacer } from "@cadastre/client-factory"
import type { CellResult, Resource } from "@cadastre/model"
import { Regions } from "@cadastre/region-discovery"
import { type CatalogEntry, Scan, type Scanner, ScannerRegistry, type ScanRequest } from "@cadastre/scanner-core"
import { ConfigProvider, Effect, Layer, Random, Stream } from "effect"
import { catalog } from "../src/catalog.ts"

export const regions = ["us-east-1", "eu-west-1"]

/** Two accounts with the same counts: what belongs to the second is nobody's business. */
export const accounts = ["111122223333", "444455556666"]

/** An estate of one type, with so many of it in each place. */
export const estateOf = ({ scope, type }: CatalogEntry, count: number, seed = 1) =>
  Estate.make({
    seed,
    accounts,
    regions,
    counts: {
      [type]: scope === "global" && type !== "s3:bucket"
        ? { global: count }
        : Object.fromEntries(regions.map((region) => [region, count]))
    },
    tags: { hostile: 0.6, untagged: 0.2 }
  })

/** Scans one simulated account for some types, with scanners of one's own beside the catalogue's. */
export const survey = (
  request: ReadonlyArray<string> | ScanRequest,
  options: SimulatorOptions,
  own: ReadonlyArray<Scanner.Scanner> = [],
  before: (simulator: Simulator["Service"]) => void = () => {}
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make(options)
    before(simulator)
    const { cells, resources } = yield* Effect.gen(function*() {
      const scan = yield* Scan
      const cells: Array<CellResult> = []
      const resources: Array<Resource> = []
      yield* Stream.runForEach(scan.run(yield* scan.plan("length" in request ? { types: request } : request)), (event) =>
        Effect.sync(() => {
          if (event._tag === "CellEnded") cells.push(event.result)
          if (event._tag === "ResourcesFound") resources.push(...event.resources)
        }))
      return { cells, resources }
    }).pipe(Effect.provide(
      Scan.layerNoDeps.pipe(
        Layer.provide([ScannerRegistry.layer(catalog, own), Regions.layerNoDeps, EstateAccounts.layerNoDeps]),
        Layer.provide(Accounts.layerNoDeps),
        Layer.provide(Aws.Aws.layerNoDeps),
        Layer.provide([AwsClients.layer, Pacer.layerOff]),
        Layer.provide(Layer.succeed(AwsSettings, {
          endpointUrl: simulator.url,
          credentials: () => Promise.resolve(simulator.credentials())
        })),
        Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))),
        Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
      )
    ))
    return { simulator, cells, resources }
  })

/** Signing names that are not the service's IAM prefix. */
const prefixes: Readonly<Record<string, string>> = { monitoring: "cloudwatch", tagging: "tag" }

/** Operations that IAM knows by another name. */
const actions: Readonly<Record<string, string>> = {
  "apigateway:GetApis": "apigateway:GET",
  "apigateway:GetRestApis": "apigateway:GET",
  "s3:ListBuckets": "s3:ListAllMyBuckets"
}

/** The calls that find out whom and where to scan. */
const planning = new Set(["sts:GetCallerIdentity", "ec2:DescribeRegions"])

/** The IAM actions of all calls that were made for a scan, with how many there were. */
export const called = (simulator: Simulator["Service"]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { calls, operation, service } of simulator.calls()) {
    const name = `${prefixes[service] ?? service}:${operation}`
    if (!planning.has(name)) counts.set(actions[name] ?? name, (counts.get(actions[name] ?? name) ?? 0) + calls)
  }
  return counts
}

/** What is gone, and AWS leaves out of its lists. */
const unlisted: Readonly<Record<string, ReadonlyArray<string>>> = {
  "cloudformation:stack": ["DELETE_COMPLETE"],
  "ecs:service": ["INACTIVE"],
  "ecs:task-definition": ["INACTIVE"],
  "emr:cluster": ["TERMINATED"]
}

/** What is there to find in the scanned account. */
export const truth = (simulator: { readonly estate: Simulator["Service"]["estate"] }, type: string) =>
  [...simulator.estate.resources({ accountId: accounts[0]!, type: type as ResourceType })].filter(({ state }) => unlisted[type]?.includes(state) !== true)

/** A resource's identity, place and tags as text, to compare the found with the true. */
export const shown = (one: {
  readonly arn: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>> | null
}): string => {
  const tags = one.tags === null ? "?" : JSON.stringify(Object.entries(one.tags).toSorted(([a], [b]) => a < b ? -1 : 1))
  return `${one.arn} in ${one.region} ${tags}`
}
