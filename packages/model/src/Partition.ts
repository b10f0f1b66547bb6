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
