/**
 * The Regions of a simulated estate.
 *
 * @since 0.1.0
 */

/**
 * A Region's state in an account, as `ec2:DescribeRegions` says it.
 *
 * @since 0.1.0
 */
export type OptInStatus = "opt-in-not-required" | "opted-in" | "not-opted-in"

/**
 * A Region as an account of the estate sees it.
 *
 * - `transition`: an opt-in Region that is being switched on or off. It cannot be used: `account:ListRegions` says
 *   `ENABLING` or `DISABLING`, and `ec2:DescribeRegions`, which has no word for it, `not-opted-in` (inferred: AWS
 *   documents that "enabling a Region takes a few minutes to several hours" and that it cannot be used before)
 *
 * @since 0.1.0
 */
export interface Region {
  readonly name: string
  readonly optInStatus: OptInStatus
  readonly transition?: "enabling" | "disabling"
}

/**
 * What an account has chosen for a Region that one opts in to.
 *
 * @since 0.1.0
 */
export type RegionState = "opted-in" | "not-opted-in" | "enabling" | "disabling"

/**
 * A separate AWS: its Regions, accounts and ARNs have nothing to do with those of another.
 *
 * @since 0.1.0
 */
export type Partition = "aws" | "aws-cn" | "aws-us-gov"

/** The partition that a Region belongs to. */
export const partitionOf = (region: string): Partition =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws"

/** Where the global services of a partition are signed for, and their resources tagged. */
export const homeOf = (partition: Partition): string => homes[partition]

const homes: Readonly<Record<Partition, string>> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1"
}

/** What host names of a partition end with. */
export const dnsSuffixOf = (partition: Partition): string =>
  partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"

/** The weight is the Region's share of an estate whose resources are spread by themselves. */
const defaultEnabled: ReadonlyArray<readonly [name: string, weight: number]> = [
  ["us-east-1", 30],
  ["eu-west-1", 14],
  ["us-west-2", 13],
  ["eu-central-1", 10],
  ["us-east-2", 7],
  ["ap-southeast-2", 5],
  ["ap-northeast-1", 5],
  ["ap-southeast-1", 4],
  ["eu-west-2", 3],
  ["ap-south-1", 2.5],
  ["ca-central-1", 2],
  ["eu-north-1", 1.5],
  ["sa-east-1", 1],
  ["eu-west-3", 0.8],
  ["us-west-1", 0.6],
  ["ap-northeast-2", 0.4],
  ["ap-northeast-3", 0.2]
]

const optIn: ReadonlyArray<string> = [
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-south-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-west-1",
  "eu-central-2",
  "eu-south-1",
  "eu-south-2",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1"
]

/**
 * The commercial Regions of the AWS documentation: the 17 that every account
 * has, and the 17 to opt in to, not opted in.
 *
 * @since 0.1.0
 */
export const commercialRegions: ReadonlyArray<Region> = [
  ...defaultEnabled.map(([name]): Region => ({ name, optInStatus: "opt-in-not-required" })),
  ...optIn.map((name): Region => ({ name, optInStatus: "not-opted-in" }))
]

/** The Regions of the other partitions: every account of these has them all. */
const otherRegions: ReadonlyArray<Region> = ["cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"]
  .map((name) => ({ name, optInStatus: "opt-in-not-required" }))

/**
 * All Regions of a partition, in the state that a new account has them in.
 *
 * @since 0.1.0
 */
export const regionsOf = (partition: Partition): ReadonlyArray<Region> =>
  partition === "aws" ? commercialRegions : otherRegions.filter(({ name }) => partitionOf(name) === partition)

/** A Region in a state that an account has chosen; those that nobody opts in to stay as they are. */
export const inState = ({ name, optInStatus }: Region, state: RegionState): Region =>
  optInStatus === "opt-in-not-required"
    ? { name, optInStatus }
    : state === "enabling" || state === "disabling"
    ? { name, optInStatus: "not-opted-in", transition: state }
    : { name, optInStatus: state }

/** A Region by its name: opt-in Regions that are named are opted in. */
export const regionNamed = (name: string): Region => ({
  name,
  optInStatus: optIn.includes(name) ? "opted-in" : "opt-in-not-required"
})

/** How much of an estate lies in a Region, relative to the others. */
export const weightOf = (name: string): number => defaultEnabled.find(([known]) => known === name)?.[1] ?? 0.3

/** Whether an account may use the Region. */
export const isEnabled = (region: Region): boolean => region.optInStatus !== "not-opted-in"
