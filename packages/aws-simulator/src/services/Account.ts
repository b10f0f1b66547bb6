/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-account"
import { refuse } from "../AwsFault.ts"
import { restJsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { restJson } from "../Protocol.ts"
import type { OptInStatus } from "../Region.ts"
import { type Call, make } from "../Service.ts"

const statuses: Readonly<Record<OptInStatus, Sdk.RegionOptStatus>> = {
  "opt-in-not-required": "ENABLED_BY_DEFAULT",
  "opted-in": "ENABLED",
  "not-opted-in": "DISABLED"
}

const listRegions = (input: Sdk.ListRegionsRequest, call: Call): Sdk.ListRegionsResponse => {
  const wanted: ReadonlyArray<string> = input.RegionOptStatusContains ?? []
  const regions = call.estate.regions
    .map(({ name, optInStatus }) => ({ RegionName: name, RegionOptStatus: statuses[optInStatus] }))
    .filter(({ RegionOptStatus }) => wanted.length === 0 || wanted.includes(RegionOptStatus))
  const invalid = (message: string) =>
    refuse("ValidationException", 400, message, { fields: { reason: "fieldValidationFailed" } })
  const { items, token } = Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 50,
    byDefault: 20,
    token: input.NextToken,
    bind: wanted,
    badSize: () => invalid("MaxResults must be between 1 and 50"),
    badToken: () => invalid("NextToken is not valid")
  }, Paging.sliceOf(regions))
  return { Regions: [...items], NextToken: token }
}

export const Account = make({
  signingName: "account",
  iamPrefix: "account",
  scope: "global",
  protocol: restJson({ messageKey: "message" }),
  family: { ...restJsonFamily, internal: ["InternalServerException", 500, "Internal server error"] },
  load: () => import("@aws-sdk/client-account"),
  operations: { ListRegions: listRegions }
})
