/**
 * Which services do not exist in which Regions, so that no call is made for
 * what cannot be there.
 *
 * A service that is wrongly called absent would hide its resources. So it is
 * absent only when AWS's endpoint data lists the Region and the service and does
 * not list them together, in two releases months apart; what the data does not
 * know is called. That data has lagged behind AWS before, so where calls go to
 * AWS itself, the service's host name must not exist either. A stand-in
 * (`AWS_ENDPOINT_URL`) has one host for everything: there the data decides alone.
 *
 * @since 0.1.0
 */
import { Resolver } from "node:dns/promises"
import { AwsSettings } from "@cadastre/client-factory"
import { Partition, type RegionId } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { absences, source } from "./ServiceAbsences.ts"

/**
 * Whether AWS's endpoint data says that a service does not exist in a Region.
 *
 * `service` is an IAM prefix: what comes before the colon of an action, such as
 * `elasticloadbalancing`. `false` for every service and Region that the data
 * does not know.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isKnownAbsent = (service: string, region: string): boolean =>
  absenceOf(service)?.regions.has(region) === true

/**
 * Finds out which of these services do not exist in which of these Regions. The
 * answer tells of a pair how that is known, or `undefined` where the service may
 * be there and is to be called.
 *
 * Makes no AWS call. Looks up a host name for each pair that the data calls
 * absent, where calls go to AWS itself: a name that exists, and one of which no
 * name server says in time that it does not, may be there. Takes at most 3 s.
 *
 * @category constructors
 * @since 0.1.0
 */
export const absent = Effect.fn("ServiceAvailability.absent")(function*(
  services: Iterable<string>,
  regions: Iterable<RegionId>
): Effect.fn.Return<(service: string, region: string) => string | undefined> {
  const known = new Set(regions)
  const pairs = [...new Set(services)].flatMap((service) =>
    [...known].filter((region) => isKnownAbsent(service, region)).map((region) => ({ service, region }))
  )
  const standIn = yield* isStandIn
  const servers = yield* NameServers
  const found = new Map<string, string>()
  const lookUp = ({ region, service }: (typeof pairs)[number]) => {
    const hosts = hostsOf(service, region)
    const isGone = standIn
      ? Effect.succeed(true)
      : Effect.map(
        Effect.forEach(hosts, (host) => doesNotExist(host, servers), { concurrency: "unbounded" }),
        (all) => all.every(Boolean)
      )
    const message = `${service} does not exist in ${region}: AWS's endpoint data (${source}) lists none there` +
      (standIn ? "" : `, and there is no host ${hosts.join(", ")}`)
    return Effect.map(isGone, (gone) => {
      if (gone) found.set(`${service} ${region}`, message)
    })
  }
  yield* Effect.forEach(pairs, lookUp, { concurrency: 32, discard: true }).pipe(
    Effect.timeoutOrElse({ duration: "3 seconds", orElse: () => Effect.void })
  )
  return (service, region) => found.get(`${service} ${region}`)
})

/**
 * The name servers that {@link absent} asks, as `address:port`; by default those
 * of the machine.
 *
 * @category configuration
 * @since 0.1.0
 */
export class NameServers extends Context.Reference<ReadonlyArray<string> | undefined>(
  "@cadastre/region-discovery/NameServers",
  { defaultValue: () => undefined }
) {}

interface Absence {
  readonly prefixes: ReadonlyArray<string>
  readonly regions: ReadonlySet<string>
}

const read = new Map<string, Absence>()

/** Each line of the data is read when it is first needed. */
const absenceOf = (service: string): Absence | undefined => {
  const known = read.get(service)
  if (known !== undefined || !Object.hasOwn(absences, service)) return known
  const [prefixes = "", ...regions] = absences[service]!.split(" ")
  const absence = { prefixes: prefixes.split(","), regions: new Set(regions) }
  read.set(service, absence)
  return absence
}

const hostsOf = (service: string, region: string): ReadonlyArray<string> =>
  absenceOf(service)!.prefixes.map((prefix) => `${prefix}.${region}.${Partition.dnsSuffix(Partition.ofRegion(region))}`)

/**
 * One host for all services. An endpoint that is set for single services, or in
 * a profile, is not looked for: name servers are then asked as well, which can
 * only lead to more calls.
 */
const isStandIn = Effect.gen(function*() {
  if ((yield* AwsSettings).endpointUrl !== undefined) return true
  const { ignored, url } = yield* Config.all({
    url: Config.String("AWS_ENDPOINT_URL").pipe(Config.withDefault("")),
    ignored: Config.String("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").pipe(Config.withDefault(""))
  })
  return url !== "" && ignored.toLowerCase() !== "true"
}).pipe(Effect.orElseSucceed(() => false))

/** Whether a name server says that there is no such name. One without addresses exists. */
const doesNotExist = (host: string, servers: ReadonlyArray<string> | undefined): Effect.Effect<boolean> =>
  Effect.callback((resume, signal) => {
    const resolver = new Resolver({ timeout: 1000, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    signal.addEventListener("abort", () => resolver.cancel())
    resolver.resolve4(host).then(
      () => resume(Effect.succeed(false)),
      (error: unknown) =>
        resume(Effect.succeed(Predicate.hasProperty(error, "code") && error.code === "ENOTFOUND"))
    )
  })
