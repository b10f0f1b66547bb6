/** Random estates and what goes wrong in them. */
import type { Estate, Fault, OptInStatus, Region, SimulatorOptions } from "@cadastre/aws-simulator"
import type { Simulator as SimulatorService } from "@cadastre/aws-simulator"
import * as fc from "fast-check"

export type Simulator = SimulatorService["Service"]
export type EstateResource = ReturnType<Estate.Estate["resources"]> extends Generator<infer A> ? A : never

const others = ["us-west-2", "eu-west-1", "eu-north-1", "ap-south-1", "af-south-1"]

const types = ["sns:topic", "sqs:queue", "dynamodb:table", "ec2:volume", "s3:bucket", "iam:role"] as const

const isEnabled = ({ optInStatus }: Region): boolean => optInStatus !== "not-opted-in"

/** Up to six Regions, some of them not opted in, with up to eight resources of each type: often none. */
export const estates = fc.record({
  seed: fc.nat(),
  regions: fc.subarray(others, { minLength: 1 }).chain((names) =>
    fc.tuple(...names.map((name) =>
      fc.constantFrom<OptInStatus>("opt-in-not-required", "opted-in", "not-opted-in").map((optInStatus): Region => ({
        name,
        optInStatus
      }))
    ))
  ).map((regions): ReadonlyArray<Region> => [{ name: "us-east-1", optInStatus: "opt-in-not-required" }, ...regions]),
  sizes: fc.array(fc.oneof(fc.constant(0), fc.nat(8)), { minLength: 36, maxLength: 36 })
}).map(({ regions, seed, sizes }) => {
  let at = 0
  const on = regions.filter(isEnabled)
  const counts = Object.fromEntries(
    types.map((type) => [
      type,
      type === "iam:role"
        ? { global: sizes[at++]! }
        : Object.fromEntries(on.map(({ name }) => [name, sizes[at++]!]))
    ])
  )
  return {
    estate: { seed, regions, counts, tags: { hostile: 0.3 } },
    enabled: on.map(({ name }) => name).toSorted(),
    regions: regions.map(({ name }) => name)
  }
})

/** Whole, cut short, or ragged pages. */
export const pages: fc.Arbitrary<Pick<SimulatorOptions, "pageSize" | "pages">> = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 4 }).map((pageSize) => ({ pageSize })),
  fc.constant({ pages: "ragged" as const })
)

/** Faults that a call does not come back from. */
export const failures = fc.constantFrom<Fault>(
  { type: "deny" },
  { type: "deny", by: "scp" },
  { type: "throttle" },
  { type: "status", status: 500 },
  { type: "reset" },
  { type: "truncate" },
  { type: "malformed" },
  { type: "html" },
  { type: "disabled-region" },
  { type: "expired" }
)
