/**
 * AWS partitions: separate clouds with their own ARN prefix, Regions and
 * global endpoints.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { RegionId } from "./RegionId.ts"

/** @since 0.1.0 */
export const Partition = Schema.Literals([
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-eusc",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f"
])
/** @since 0.1.0 */
export type Partition = typeof Partition.Type

/** Region prefix to partition, longest prefix first; every other Region is in `aws`. */
const prefixes: ReadonlyArray<readonly [prefix: string, partition: Partition]> = [
  ["us-isob-", "aws-iso-b"],
  ["us-isof-", "aws-iso-f"],
  ["eu-isoe-", "aws-iso-e"],
  ["us-iso-", "aws-iso"],
  ["us-gov-", "aws-us-gov"],
  ["eusc-", "aws-eusc"],
  ["cn-", "aws-cn"]
]

/**
 * The partition that a Region belongs to.
 *
 * @since 0.1.0
 */
export const ofRegion = (region: string): Partition =>
  prefixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "aws"

/**
 * The Region where a partition's global services (IAM, Route 53, Organizations)
 * are signed for and where their resources appear in the tagging API.
 *
 * @since 0.1.0
 */
export const homeRegion = (partition: Partition): RegionId => home[partition] as RegionId

/**
 * Regions that every account of a partition has from the start, so that any
 * account can be asked there; the {@link homeRegion} first. Not all of them.
 *
 * @since 0.1.0
 */
export const defaultRegions = (partition: Partition): ReadonlyArray<RegionId> =>
  [home[partition], ...others[partition]] as ReadonlyArray<string> as ReadonlyArray<RegionId>

/**
 * What the names of a partition's regional endpoints end with:
 * `ec2.eu-west-1.amazonaws.com`.
 *
 * @since 0.1.0
 */
export const dnsSuffix = (partition: Partition): string => suffixes[partition]

const home: Readonly<Record<Partition, string>> = {
  "aws": "us-east-1",
  "aws-cn": "cn-northwest-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-eusc": "eusc-de-east-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
  "aws-iso-e": "eu-isoe-west-1",
  "aws-iso-f": "us-isof-south-1"
}

const others: Readonly<Record<Partition, ReadonlyArray<string>>> = {
  "aws": ["us-west-2", "eu-west-1"],
  "aws-cn": ["cn-north-1"],
  "aws-us-gov": ["us-gov-east-1"],
  "aws-eusc": [],
  "aws-iso": ["us-iso-west-1"],
  "aws-iso-b": ["us-isob-west-1"],
  "aws-iso-e": [],
  "aws-iso-f": ["us-isof-east-1"]
}

const suffixes: Readonly<Record<Partition, string>> = {
  "aws": "amazonaws.com",
  "aws-cn": "amazonaws.com.cn",
  "aws-us-gov": "amazonaws.com",
  "aws-eusc": "amazonaws.eu",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
  "aws-iso-e": "cloud.adc-e.uk",
  "aws-iso-f": "csp.hci.ic.gov"
}
