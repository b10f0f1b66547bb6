/**
 * How long answers take.
 *
 * @since 0.1.0
 */
import { hashText, unit } from "./Hash.ts"
import type { Subject } from "./Rule.ts"

/**
 * Milliseconds before each answer, drawn from the seed and the call's number among those of its operation, so that
 * the same call takes the same time however calls interleave.
 *
 * - `milliseconds` and `jitter`: at least so many, and up to so many more, all equally likely (default 0)
 * - `median` and `sigma`: lognormal, as real services are: half of the calls take longer than the median, and one in
 *   forty longer than median × e^(2 × sigma) (sigma by default 0.5)
 * - `services`, `regions`: factors by SigV4 signing name and Region; `regions: "far"` for how far they are from
 *   northern Virginia
 * - `bytesPerSecond`: how fast bodies come, besides (default at once)
 *
 * @since 0.1.0
 */
export interface LatencyOptions {
  readonly milliseconds?: number
  readonly jitter?: number
  readonly median?: number
  readonly sigma?: number
  readonly services?: Readonly<Record<string, number>>
  readonly regions?: Readonly<Record<string, number>> | "far"
  readonly bytesPerSecond?: number
}

/** Milliseconds before an answer. */
export interface Latency {
  readonly before: (subject: Subject, call: number) => number
  /** Milliseconds that a body of so many bytes takes. */
  readonly transfer: (bytes: number) => number
}

/**
 * How much longer a Region takes than us-east-1 does, for a caller in northern Virginia: orders of magnitude of
 * published round-trip times, one figure for each part of the world.
 */
const distance = (region: string): number => {
  const [part = "", side = ""] = region.split("-")
  if (part === "us" || part === "ca" || part === "mx") return side.startsWith("west") || side === "gov" ? 3 : 1
  return distances[part] ?? 4
}

const distances: Readonly<Record<string, number>> = { eu: 4, sa: 5, il: 6, me: 7, af: 8, ap: 8, cn: 9 }

/** What to wait. Fails with `RangeError` for what no latency can be. */
export const make = (options: number | LatencyOptions | undefined, seed: number): Latency => {
  const { bytesPerSecond, jitter = 0, median, milliseconds = 0, regions, services, sigma = 0.5 } =
    typeof options === "object" ? options : { milliseconds: options ?? 0 }
  const factors = [...Object.values(services ?? {}), ...(typeof regions === "object" ? Object.values(regions) : [])]
  for (const value of [jitter, milliseconds, median ?? 0, sigma, ...factors]) {
    if (!(value >= 0)) throw new RangeError(`a latency cannot be ${value}`)
  }
  if (bytesPerSecond !== undefined && !(bytesPerSecond > 0)) {
    throw new RangeError(`a bandwidth cannot be ${bytesPerSecond} bytes a second`)
  }
  const still = milliseconds === 0 && jitter === 0 && median === undefined
  const factorOf = ({ region, service }: Subject) =>
    (services !== undefined && Object.hasOwn(services, service) ? services[service]! : 1) *
    (regions === "far"
      ? distance(region)
      : regions !== undefined && Object.hasOwn(regions, region)
      ? regions[region]!
      : 1)
  return {
    before: still ? () => 0 : (subject, call) => {
      const { accountId, operation, region, service } = subject
      const hash = hashText(`${accountId}/${region}/${service}/${operation}/${call}`, seed)
      const even = milliseconds + jitter * unit(hash, 0)
      const skewed = median === undefined ? 0 : median * Math.exp(sigma * normal(unit(hash, 1), unit(hash, 2)))
      return (even + skewed) * factorOf(subject)
    },
    transfer: bytesPerSecond === undefined ? () => 0 : (bytes) => (bytes / bytesPerSecond) * 1000
  }
}

/** A normally distributed number from two even ones (Box and Muller's transform). */
const normal = (a: number, b: number): number => Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b)
