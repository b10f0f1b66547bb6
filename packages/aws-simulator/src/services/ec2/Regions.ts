/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { dnsSuffixOf, isEnabled } from "../../Region.ts"
import type { Call } from "../../Service.ts"
import { invalid } from "./Describe.ts"

export const describeRegions = (input: Sdk.DescribeRegionsRequest, call: Call): Sdk.DescribeRegionsResult => {
  const regions = call.estate.regionsOf(call.accountId)
  const names = input.RegionNames ?? []
  const unknown = names.find((name) => !regions.some((region) => region.name === name))
  if (unknown !== undefined) throw invalid(`Invalid region names provided: ${unknown}`)
  const endpointOf = (name: string) => `ec2.${name}.${dnsSuffixOf(call.partition)}`
  const shown = regions
    .filter((region) => input.AllRegions === true || isEnabled(region))
    .filter((region) => names.length === 0 || names.includes(region.name))
    .filter((region) =>
      (input.Filters ?? []).every(({ Name, Values = [] }) =>
        Values.includes(
          Name === "opt-in-status"
            ? region.optInStatus
            : Name === "region-name"
            ? region.name
            : endpointOf(region.name)
        )
      )
    )
  return {
    Regions: shown.map(({ name, optInStatus }) => ({
      RegionName: name,
      Endpoint: endpointOf(name),
      OptInStatus: optInStatus
    }))
  }
}
