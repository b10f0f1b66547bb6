/** Scans of a simulated estate with everything put together, and what there really is to find. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AccountSource } from "@cadastre/account-discovery"
import { type ResourceType, resourceTypes, type Simulator } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { AccountId, type Cell, cellKey, type CellResult, Coverage, type Resource, type ScanEvent, type Tags } from "@cadastre/model"
import { Scan, type ScanRequest } from "@cadastre/scanner-core"
import { Cadastre } from "@cadastre/sdk"
import { ConfigProvider, Effect, Layer, Random, Stream } from "effect"

type Aws = Pick<Simulator["Service"], "url"> & {
  readonly credentials: () => ReturnType<Simulator["Service"]["credentials"]>
  readonly accounts: ReadonlyArray<string>
}

/** Where AWS is, and whom we are there. */
export const awsOf = ({ credentials, estate, url }: Simulator["Service"]): Aws => ({
  url,
  credentials: () => credentials(),
  accounts: estate.accounts
})

/** The engine over all accounts of an estate, without jitter. */
export const engine = ({ accounts: [first = "", ...others], credentials, url }: Aws, variables: Readonly<Record<string, string>> = {}) =>
  Cadastre.layerScan().pipe(
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: url, credentials: () => Promise.resolve(credentials()) })),
    Layer.provide(Layer.succeed(AccountSource, {
      _tag: "List",
      accounts: [AccountId.make(first), ...others.map((id) => AccountId.make(id))]
    })),
    Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))),
    Layer.provideMerge(Layer.succeed(Random.Random, { nextDoubleUnsafe: () => 0, nextIntUnsafe: () => 0 }))
  )

/** Plans and runs; `each` sees every event. */
export const scan = Effect.fnUntraced(function*(
  request: ScanRequest,
  each: (event: ScanEvent) => Effect.Effect<void> = () => Effect.void,
  options?: { readonly stop?: Effect.Effect<void> }
) {
  const engine = yield* Scan
  const plan = yield* engine.plan(request)
  const events: Array<ScanEvent> = []
  yield* Stream.runForEach(engine.run(plan, options), (event) => {
    events.push(event)
    return each(event)
  })
  return { ...read(events), plan }
})

/** What events say, by cell. */
export const read = (events: ReadonlyArray<ScanEvent>) => {
  const cells = new Map<string, CellResult>()
  const found = new Map<string, Array<Resource>>()
  for (const event of events) {
    if (event._tag === "CellEnded") cells.set(cellKey(event.result), event.result)
    if (event._tag !== "ResourcesFound") continue
    const known = found.get(cellKey(event.cell)) ?? []
    found.set(cellKey(event.cell), known)
    known.push(...event.resources)
  }
  const scope = events.find((event) => event._tag === "ScanStarted")?.scope
  return {
    cells,
    in: (cell: Cell): ReadonlyArray<string> => (found.get(cellKey(cell)) ?? []).map(shown).toSorted(),
    coverage: () => Coverage.make({ ...scope!, cells: [...cells.values()] })
  }
}

/** A resource's identity, place and tags as text, to compare the found with the true. */
const shown = ({ arn, region, tags }: { readonly arn: string; readonly region: string; readonly tags: Tags.Tags | null }): string =>
  `${arn} in ${region} ${tags === null ? "?" : JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => a < b ? -1 : 1))}`

/** What there is in one cell. */
export const truth = ({ estate }: Simulator["Service"], { accountId, region, type }: Cell): ReadonlyArray<string> => {
  const known = resourceTypes.find((one) => one === type) as ResourceType
  return [...estate.resources({ accountId, type: known })]
    .filter((one) => region === "global" || one.region === region)
    .map(shown).toSorted()
}

/** The call that lists each type, as the simulator counts it. */
const listCalls: Readonly<Record<string, readonly [service: string, operation: string]>> = {
  "dynamodb:table": ["dynamodb", "ListTables"],
  "ec2:instance": ["ec2", "DescribeInstances"],
  "ec2:volume": ["ec2", "DescribeVolumes"],
  "iam:role": ["iam", "GetAccountAuthorizationDetails"],
  "lambda:function": ["lambda", "ListFunctions"],
  "s3:bucket": ["s3", "ListBuckets"],
  "sns:topic": ["sns", "ListTopics"],
  "sqs:queue": ["sqs", "ListQueues"]
}

/** Types of each protocol, each of them listed by a call that no other type is listed by. */
export const types: ReadonlyArray<string> = Object.keys(listCalls)

/** How often a cell was listed so far, its pages counted. */
export const listed = (simulator: Simulator["Service"], { accountId, region, type }: Cell): number => {
  const [service, operation] = listCalls[type]!
  return simulator.calls()
    .filter((row) => row.accountId === accountId && row.service === service && row.operation === operation)
    .filter((row) => region === "global" || row.region === region)
    .reduce((sum, { calls }) => sum + calls, 0)
}

/** A file in a directory of its own, which is gone afterwards. */
export const journalFile = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
).pipe(Effect.map((directory) => join(directory, "cadastre.db")))
