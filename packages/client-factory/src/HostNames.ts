/**
 * Tells a service that does not exist in a Region from a network that does not
 * find it: AWS has no host name for a service where it is not offered.
 *
 * @since 0.1.0
 */
import { AwsError, Partition, type RegionId, Unsupported } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { lookup } from "node:dns/promises"

/**
 * Whether a host name exists: `undefined` when nobody says so or so. By default
 * as the machine finds its hosts.
 *
 * @category configuration
 * @since 0.1.0
 */
export class HostLookup extends Context.Reference<(host: string) => Promise<boolean | undefined>>(
  "@cadastre/client-factory/HostLookup",
  {
    defaultValue: () => (host) =>
      lookup(host).then(
        () => true,
        (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOTFOUND" ? false : undefined
      )
  }
) {}

/**
 * Reads an error of a call in a Region: `Unsupported` where the service does not
 * exist there, `undefined` where the error is what it says.
 *
 * A host that is not found says little: name servers fail, and firewalls hide
 * names. So the service is taken for absent only where its host in this Region
 * is not found when asked for again, while both another service's host in this
 * Region (STS, which all have) and this service's in the partition's home Region
 * are. A host that is none of AWS's regional ones (a stand-in, an endpoint of
 * one's own) is never taken for absent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeAbsence = (): (error: AwsError, region: RegionId) => Effect.Effect<AwsError | undefined> => {
  const known = new Map<string, Effect.Effect<boolean>>()
  return Effect.fnUntraced(function*(error, region) {
    if (error.reason._tag !== "Network") return undefined
    const [, host = ""] = notFound.exec(error.reason.message) ?? []
    const partition = Partition.ofRegion(region)
    const home = Partition.homeRegion(partition)
    const ending = `.${region}.${Partition.dnsSuffix(partition)}`
    if (!host.endsWith(ending) || region === home) return undefined
    const isAbsent = known.get(host) ??
      (yield* Effect.cached(absent(host, `sts${ending}`, host.replace(region, home))))
    known.set(host, isAbsent)
    if (!(yield* isAbsent)) {
      // A name server that failed may do better next time.
      known.delete(host)
      return undefined
    }
    const message = `the service does not exist in ${region}: there is no host ${host}, while there are ` +
      `sts${ending} and ${host.replace(region, home)}`
    return new AwsError({ operation: error.operation, region, reason: new Unsupported({ message }) })
  })
}

/** How Node says that the name of a host is not known. */
const notFound = /\bgetaddrinfo ENOTFOUND (\S+)/u

const absent = (host: string, neighbour: string, sibling: string): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    const find = yield* HostLookup
    const exists = (name: string) => Effect.promise(() => find(name).catch(() => undefined))
    const [isRegionThere, isServiceElsewhere] = yield* Effect.all([exists(neighbour), exists(sibling)], {
      concurrency: 2
    })
    if (isRegionThere !== true || isServiceElsewhere !== true) return false
    return (yield* exists(host)) === false
  }).pipe(Effect.timeoutOrElse({ duration: "3 seconds", orElse: () => Effect.succeed(false) }))
