/**
 * Writes `src/ServiceAbsences.ts` from the endpoint data that AWS publishes with its Python SDK:
 *
 *     node availability.ts <botocore> <date> <older botocore> <date>
 *
 * Each `<botocore>` is the `botocore` folder of an unpacked release (`pip download --no-deps botocore`, a zip file),
 * with a day on which that release was the newest at hand. The JavaScript SDK carries no list of the Regions of a
 * service, so this is not part of `pnpm codegen`: run it when a newer release is at hand, with one that is some months
 * older beside it.
 *
 * A service that is called absent is not asked for its resources, so a doubt always counts as present. A service is
 * absent from a Region when both releases know the Region, both know the service in that partition, both name other
 * Regions of it there, and neither names this one, in any form. Data that lags behind is known to happen: a Region or
 * a service that is younger than the older release is therefore always called.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"

interface Endpoint {
  readonly credentialScope?: { readonly region?: string }
  readonly hostname?: string
}

interface Service {
  readonly isRegionalized?: boolean
  readonly partitionEndpoint?: string
  readonly defaults?: { readonly hostname?: string }
  readonly endpoints?: Readonly<Record<string, Endpoint>>
}

interface PartitionData {
  readonly partition: string
  readonly defaults: { readonly hostname: string }
  readonly regions: Readonly<Record<string, unknown>>
  readonly services: Readonly<Record<string, Service>>
}

const [folder, date, olderFolder, olderDate] = process.argv.slice(2)
if (folder === undefined || date === undefined || olderFolder === undefined || olderDate === undefined) {
  console.error("node availability.ts <botocore> <date> <older botocore> <date>")
  process.exit(2)
}

const readJson = (path: string): unknown =>
  JSON.parse((path.endsWith(".gz") ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString("utf8"))

const partitionsOf = (botocore: string) =>
  (readJson(join(botocore, "data/endpoints.json")) as { readonly partitions: ReadonlyArray<PartitionData> }).partitions

const versionOf = (botocore: string): string => {
  const init = readFileSync(join(botocore, "__init__.py"), "utf8")
  const version = /__version__ = '(?<version>[\d.]+)'/u.exec(init)?.groups?.version
  if (version === undefined) throw new Error(`${botocore} is no botocore folder`)
  return version
}

/** Signing name to the endpoint prefixes of all services that are signed for by it, from the service models. */
const prefixes = new Map<string, Set<string>>()
for (const service of readdirSync(join(folder, "data"), { withFileTypes: true }).filter((one) => one.isDirectory())) {
  const latest = readdirSync(join(folder, "data", service.name)).toSorted().at(-1)!
  const path = ["service-2.json", "service-2.json.gz"]
    .map((name) => join(folder, "data", service.name, latest, name))
    .find(existsSync)
  if (path === undefined) continue
  const { metadata } = readJson(path) as {
    readonly metadata: { readonly endpointPrefix: string; readonly signingName?: string }
  }
  const signingName = metadata.signingName ?? metadata.endpointPrefix
  prefixes.set(signingName, (prefixes.get(signingName) ?? new Set()).add(metadata.endpointPrefix))
}

/** IAM prefixes that differ from the signing name. Source: the service authorization reference. */
const iamPrefixes: Readonly<Record<string, string>> = {
  monitoring: "cloudwatch",
  tagging: "tag",
  email: "ses"
}

/** Where in a partition one release says that a service is absent; `undefined` where it has no say. */
const absentIn = (data: PartitionData | undefined, prefix: string): ReadonlySet<string> | undefined => {
  const service = data?.services[prefix]
  if (data === undefined || service === undefined) return undefined
  const { defaults, endpoints = {}, isRegionalized = true } = service
  const names = Object.keys(endpoints)
  // One endpoint for all Regions, or hosts that are not built as usual.
  if (!isRegionalized || names.some((name) => name.endsWith("-global"))) return undefined
  if (defaults?.hostname !== undefined && defaults.hostname !== data.defaults.hostname) return undefined
  const regions = Object.keys(data.regions)
  if (!regions.some((region) => names.includes(region))) return undefined
  const said = JSON.stringify(endpoints)
  return new Set(regions.filter((region) => !new RegExp(`\\b${region}\\b`, "u").test(said)))
}

const current = partitionsOf(folder)
const older = partitionsOf(olderFolder)

const absences = new Map<string, { readonly endpoints: ReadonlySet<string>; readonly regions: ReadonlySet<string> }>()
for (const [signingName, endpoints] of prefixes) {
  const regions = new Set<string>()
  for (const data of current) {
    const before = older.find(({ partition }) => partition === data.partition)
    const sets = [...endpoints].flatMap((prefix) => [absentIn(data, prefix), absentIn(before, prefix)])
    for (const region of Object.keys(data.regions)) {
      if (sets.every((set) => set?.has(region) === true)) regions.add(region)
    }
  }
  if (regions.size > 0) absences.set(iamPrefixes[signingName] ?? signingName, { endpoints, regions })
}

const lines = [...absences].toSorted(([a], [b]) => a < b ? -1 : 1).map(([service, { endpoints, regions }]) => {
  const words = [...endpoints].toSorted().join(",") + " " + [...regions].toSorted().join(" ")
  // Lines of at most 102 characters.
  const rows = words.match(/.{1,102}(?:\s|$)/gu)!.map((row) => JSON.stringify(row))
  const key = /^[a-z]\w*$/u.test(service) ? service : JSON.stringify(service)
  return `  ${key}:${key.length + words.length < 105 ? " " : "\n    "}${rows.join(" +\n    ")}`
})

writeFileSync(
  new URL("src/ServiceAbsences.ts", import.meta.url),
  `/**
 * In which Regions which services do not exist. Generated by \`node availability.ts\`: do not edit.
 *
 * From the endpoint data of the AWS SDK for Python, which both releases agree on.
 */

/** The newer release and its day, and the older one. */
export const source = "botocore ${versionOf(folder)} (${date}) and ${versionOf(olderFolder)} (${olderDate})"

/** By IAM prefix: the prefixes of the service's host names, then the Regions without it. */
export const absences: Readonly<Record<string, string>> = {
${lines.join(",\n")}
}
`
)
