/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-account"
import { refuse } from "../AwsFault.ts"
import { restJsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { restJson } from "../Protocol.ts"
import type { OptInStatus, Region } from "../Region.ts"
import { type Call, make } from "../Service.ts"

const statuses: Readonly<Record<OptInStatus, Sdk.RegionOptStatus>> = {
  "opt-in-not-required": "ENABLED_BY_DEFAULT",
  "opted-in": "ENABLED",
  "not-opted-in": "DISABLED"
}

const statusOf = ({ optInStatus, transition }: Region): Sdk.RegionOptStatus =>
  transition === undefined ? statuses[optInStatus] : transition === "enabling" ? "ENABLING" : "DISABLING"

const invalid = (message: string) =>
  refuse("ValidationException", 400, message, { fields: { reason: "fieldValidationFailed" } })

/**
 * The account that is asked about: "To use this parameter, the caller must be an identity in the organization's
 * management account or a delegated administrator account"; "The management account can't specify its own AccountId"
 * (Account Management API reference, which gives no text for either refusal).
 */
const targetOf = (accountId: string | undefined, call: Call): string => {
  if (accountId === undefined) return call.accountId
  const { organization } = call.estate
  const text = `User: ${call.principal} is not authorized to perform: account:${call.operation}`
  if (organization?.mayAsk(call.accountId) !== true || !organization.accounts.has(accountId)) {
    throw refuse("AccessDeniedException", 403, text)
  }
  if (accountId === call.accountId) {
    throw refuse("AccessDeniedException", 403, `${text} (the account is the caller's own: leave AccountId out)`)
  }
  // A member that the estate does not simulate has nothing to tell.
  if (!call.estate.accounts.includes(accountId)) throw refuse("AccessDeniedException", 403, text)
  return accountId
}

const listRegions = (input: Sdk.ListRegionsRequest, call: Call): Sdk.ListRegionsResponse => {
  const wanted: ReadonlyArray<string> = input.RegionOptStatusContains ?? []
  const target = targetOf(input.AccountId, call)
  const regions = call.estate.regionsOf(target)
    .map((region) => ({ RegionName: region.name, RegionOptStatus: statusOf(region) }))
    .filter(({ RegionOptStatus }) => wanted.length === 0 || wanted.includes(RegionOptStatus))
  const { items, token } = Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 50,
    byDefault: 20,
    token: input.NextToken,
    bind: [wanted, target],
    badSize: () => invalid("MaxResults must be between 1 and 50"),
    badToken: () => invalid("NextToken is not valid")
  }, Paging.sliceOf(regions))
  return { Regions: [...items], NextToken: token }
}

const getRegionOptStatus = (
  input: Sdk.GetRegionOptStatusRequest,
  call: Call
): Sdk.GetRegionOptStatusResponse => {
  const region = call.estate.regionsOf(targetOf(input.AccountId, call)).find(({ name }) => name === input.RegionName)
  if (region === undefined) throw invalid(`There is no Region ${String(input.RegionName)}`)
  return { RegionName: region.name, RegionOptStatus: statusOf(region) }
}

export const Account = make({
  signingName: "account",
  iamPrefix: "account",
  scope: "global",
  protocol: restJson({ messageKey: "message" }),
  family: { ...restJsonFamily, internal: ["InternalServerException", 500, "Internal server error"] },
  load: () => import("@aws-sdk/client-account"),
  operations: { ListRegions: listRegions, GetRegionOptStatus: getRegionOptStatus }
})
