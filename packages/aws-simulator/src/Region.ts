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
 * A Region as every account of the estate sees it.
 *
 * @since 0.1.0
 */
export interface Region {
  readonly name: string
  readonly optInStatus: OptInStatus
}

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

/** A Region by its name: opt-in Regions that are named are opted in. */
export const regionNamed = (name: string): Region => ({
  name,
  optInStatus: optIn.includes(name) ? "opted-in" : "opt-in-not-required"
})

/** How much of an estate lies in a Region, relative to the others. */
export const weightOf = (name: string): number => defaultEnabled.find(([known]) => known === name)?.[1] ?? 0.3

/** Whether an account may use the Region. */
export const isEnabled = (region: Region): boolean => region.optInStatus !== "not-opted-in"
