/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-organizations"
import { refuse } from "../AwsFault.ts"
import { effectiveTagPolicy } from "../EffectiveTagPolicy.ts"
import { jsonFamily } from "../Family.ts"
import type { MemberAccount, Organization, TagPolicy, Unit } from "../Organization.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (reason: string, message: string) =>
  refuse("InvalidInputException", 400, message, { fields: { Reason: reason } })

const notFound = (what: "Account" | "Child" | "OrganizationalUnit" | "Parent" | "Target") => {
  const noun = {
    Account: "an account",
    Child: "an organizational unit (OU) or account",
    OrganizationalUnit: "an organizational unit (OU)",
    Parent: "a root or organizational unit (OU)",
    Target: "a target"
  }[what]
  return refuse(`${what}NotFoundException`, 400, `You specified ${noun} that doesn't exist.`)
}

/** The caller's organization. */
const memberOf = ({ accountId, estate: { organization } }: Call): Organization => {
  if (organization?.accounts.has(accountId) === true) return organization
  throw refuse("AWSOrganizationsNotInUseException", 400, "Your account is not a member of an organization.")
}

/** The same, for what only the management account and delegated administrators may ask. */
const openTo = (call: Call): Organization => {
  const organization = memberOf(call)
  if (organization.mayAsk(call.accountId)) return organization
  throw refuse("AccessDeniedException", 400, "You don't have permissions to access this resource.")
}

const arnOf = (call: Call, { id, managementAccount }: Organization, rest: string) =>
  `arn:${call.partition}:organizations::${managementAccount}:${rest.replace("ORG", id)}`

const page = <A>(
  call: Call,
  input: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
  all: ReadonlyArray<A>,
  bind?: string
) => {
  const { items, token } = Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 20,
    byDefault: 20,
    token: input.NextToken,
    bind,
    badSize: (size) =>
      size < 1
        ? invalid("MIN_VALUE_EXCEEDED", "You provided a value that is smaller than the minimum.")
        : invalid("MAX_VALUE_EXCEEDED", "You provided a value that is greater than the maximum."),
    badToken: () => invalid("INVALID_NEXT_TOKEN", "You specified an invalid value for NextToken.")
  }, Paging.sliceOf(all))
  return { items: [...items], NextToken: token }
}

const accountOf = (
  call: Call,
  organization: Organization,
  { id, joined, name, state }: MemberAccount
): Sdk.Account => ({
  Id: id,
  Arn: arnOf(call, organization, `account/ORG/${id}`),
  Email: `${name.toLowerCase().replace(/[^a-z0-9]+/gu, "-")}+${id}@example.com`,
  Name: name,
  ...(organization.lifecycle === "State"
    ? { State: state }
    // The older field had no words for the first and the last state.
    : { Status: state === "ACTIVE" || state === "PENDING_CLOSURE" ? state : "SUSPENDED" }),
  JoinedMethod: id === organization.managementAccount ? "INVITED" : "CREATED",
  JoinedTimestamp: new Date(joined)
})

const unitOf = (call: Call, organization: Organization, { id, name }: Unit): Sdk.OrganizationalUnit => ({
  Id: id,
  Arn: arnOf(call, organization, `ou/ORG/${id}`),
  Name: name
})

/** Roots and units are where accounts are. */
const parent = (organization: Organization, id: string | undefined): string => {
  if (!/^(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/u.test(id ?? "")) {
    throw invalid("INVALID_PATTERN_TARGET_ID", "You provided a target ID that doesn't match the required pattern.")
  }
  if (id === organization.rootId || organization.units.has(id!)) return id!
  throw notFound("Parent")
}

const describeOrganization = (_input: object, call: Call): Sdk.DescribeOrganizationResponse => {
  const organization = memberOf(call)
  const { id, managementAccount } = organization
  return {
    Organization: {
      Id: id,
      Arn: arnOf(call, organization, "organization/ORG"),
      FeatureSet: "ALL",
      MasterAccountArn: arnOf(call, organization, `account/ORG/${managementAccount}`),
      MasterAccountId: managementAccount,
      MasterAccountEmail: `management+${managementAccount}@example.com`
    }
  }
}

const listAccounts = (input: Sdk.ListAccountsRequest, call: Call): Sdk.ListAccountsResponse => {
  const organization = openTo(call)
  const { items, NextToken } = page(call, input, [...organization.accounts.values()])
  return { Accounts: items.map((account) => accountOf(call, organization, account)), NextToken }
}

const describeAccount = (input: Sdk.DescribeAccountRequest, call: Call): Sdk.DescribeAccountResponse => {
  const organization = openTo(call)
  const account = organization.accounts.get(input.AccountId ?? "")
  if (account === undefined) throw notFound("Account")
  return { Account: accountOf(call, organization, account) }
}

const listRoots = (input: Sdk.ListRootsRequest, call: Call): Sdk.ListRootsResponse => {
  const organization = openTo(call)
  const { rootId } = organization
  const root = { Id: rootId, Arn: arnOf(call, organization, `root/ORG/${rootId}`), Name: "Root" }
  const { items, NextToken } = page(call, input, [root])
  const PolicyTypes: Array<Sdk.PolicyTypeSummary> = organization.tagPolicies === undefined
    ? []
    : [{ Type: "TAG_POLICY", Status: "ENABLED" }]
  return { Roots: items.map((one) => ({ ...one, PolicyTypes })), NextToken }
}

const listUnits = (
  input: Sdk.ListOrganizationalUnitsForParentRequest,
  call: Call
): Sdk.ListOrganizationalUnitsForParentResponse => {
  const organization = openTo(call)
  const under = parent(organization, input.ParentId)
  const found = [...organization.units.values()].filter((unit) => unit.parent === under)
  const { items, NextToken } = page(call, input, found, under)
  return { OrganizationalUnits: items.map((unit) => unitOf(call, organization, unit)), NextToken }
}

const listAccountsForParent = (
  input: Sdk.ListAccountsForParentRequest,
  call: Call
): Sdk.ListAccountsForParentResponse => {
  const organization = openTo(call)
  const under = parent(organization, input.ParentId)
  const found = [...organization.accounts.values()].filter((account) => account.parent === under)
  const { items, NextToken } = page(call, input, found, under)
  return { Accounts: items.map((account) => accountOf(call, organization, account)), NextToken }
}

const listChildren = (input: Sdk.ListChildrenRequest, call: Call): Sdk.ListChildrenResponse => {
  const organization = openTo(call)
  const under = parent(organization, input.ParentId)
  const type = input.ChildType
  if (type !== "ACCOUNT" && type !== "ORGANIZATIONAL_UNIT") {
    throw invalid("INVALID_ENUM", "You specified an invalid value for ChildType.")
  }
  const all: Iterable<Unit | MemberAccount> = (type === "ACCOUNT" ? organization.accounts : organization.units).values()
  const { items, NextToken } = page(call, input, [...all].filter((child) => child.parent === under), `${type}/${under}`)
  return { Children: items.map(({ id }) => ({ Id: id, Type: type })), NextToken }
}

const listParents = (input: Sdk.ListParentsRequest, call: Call): Sdk.ListParentsResponse => {
  const organization = openTo(call)
  const id = input.ChildId ?? ""
  const child = organization.accounts.get(id) ?? organization.units.get(id)
  if (child === undefined) throw notFound("Child")
  const Type = child.parent === organization.rootId ? "ROOT" : "ORGANIZATIONAL_UNIT"
  const { items, NextToken } = page(call, input, [{ Id: child.parent, Type } as const], id)
  return { Parents: items, NextToken }
}

const describeUnit = (
  input: Sdk.DescribeOrganizationalUnitRequest,
  call: Call
): Sdk.DescribeOrganizationalUnitResponse => {
  const organization = openTo(call)
  const unit = organization.units.get(input.OrganizationalUnitId ?? "")
  if (unit === undefined) throw notFound("OrganizationalUnit")
  return { OrganizationalUnit: unitOf(call, organization, unit) }
}

const listTags = (input: Sdk.ListTagsForResourceRequest, call: Call): Sdk.ListTagsForResourceResponse => {
  const organization = openTo(call)
  const id = input.ResourceId ?? ""
  const account = organization.accounts.get(id)
  if (account === undefined && id !== organization.rootId && !organization.units.has(id)) throw notFound("Target")
  const tags = Object.entries(account?.tags ?? {}).map(([Key, Value]) => ({ Key, Value }))
  const { items, NextToken } = page(call, input, tags, id)
  return { Tags: items, NextToken }
}

const summaryOf = (call: Call, organization: Organization, { description, id, name }: TagPolicy): Sdk.PolicySummary => ({
  Id: id,
  Arn: arnOf(call, organization, `policy/ORG/tag_policy/${id}`),
  Name: name,
  Description: description,
  Type: "TAG_POLICY",
  AwsManaged: false
})

/** Policies of other types there are none. AWS lists them in an order of its own, not in that of attachment. */
const policiesOf = (organization: Organization, type: string | undefined): ReadonlyArray<TagPolicy> => {
  if (type === undefined) throw invalid("INPUT_REQUIRED", "You must specify a value for Filter.")
  return type === "TAG_POLICY" ? (organization.tagPolicies ?? []).toSorted((a, b) => a.id < b.id ? -1 : 1) : []
}

const listPolicies = (input: Sdk.ListPoliciesRequest, call: Call): Sdk.ListPoliciesResponse => {
  const organization = openTo(call)
  const { items, NextToken } = page(call, input, policiesOf(organization, input.Filter), input.Filter)
  return { Policies: items.map((policy) => summaryOf(call, organization, policy)), NextToken }
}

const listPoliciesForTarget = (
  input: Sdk.ListPoliciesForTargetRequest,
  call: Call
): Sdk.ListPoliciesForTargetResponse => {
  const organization = openTo(call)
  const target = input.TargetId ?? ""
  if (target !== organization.rootId && !organization.units.has(target) && !organization.accounts.has(target)) {
    throw notFound("Target")
  }
  const attached = policiesOf(organization, input.Filter).filter(({ targets }) => targets.includes(target))
  const { items, NextToken } = page(call, input, attached, `${input.Filter}/${target}`)
  return { Policies: items.map((policy) => summaryOf(call, organization, policy)), NextToken }
}

const describePolicy = (input: Sdk.DescribePolicyRequest, call: Call): Sdk.DescribePolicyResponse => {
  const organization = openTo(call)
  const policy = organization.tagPolicies?.find(({ id }) => id === input.PolicyId)
  if (policy === undefined) {
    throw refuse("PolicyNotFoundException", 400, "We can't find a policy with the PolicyId that you specified.")
  }
  return { Policy: { PolicySummary: summaryOf(call, organization, policy), Content: policy.content } }
}

/** Any member may ask for its own; for others', only who may ask about the organization. */
const describeEffectivePolicy = (
  input: Sdk.DescribeEffectivePolicyRequest,
  call: Call
): Sdk.DescribeEffectivePolicyResponse => {
  const target = input.TargetId ?? call.accountId
  const organization = target === call.accountId ? memberOf(call) : openTo(call)
  if (!organization.accounts.has(target)) throw notFound("Target")
  const content = input.PolicyType === "TAG_POLICY" ? effectiveTagPolicy(organization, target) : undefined
  if (content === undefined) {
    throw refuse("EffectivePolicyNotFoundException", 400, "The account doesn't have an effective policy of this type.")
  }
  return {
    EffectivePolicy: {
      PolicyContent: content,
      PolicyType: "TAG_POLICY",
      TargetId: target,
      LastUpdatedTimestamp: new Date(Date.UTC(2026, 0, 1))
    }
  }
}

export const Organizations = make({
  signingName: "organizations",
  iamPrefix: "organizations",
  scope: "global",
  protocol: awsJson({
    version: "1.1",
    target: "AWSOrganizationsV20161128",
    namespace: "com.amazonaws.organizations.v20161128",
    messageKey: "Message"
  }),
  family: {
    ...jsonFamily,
    throttled: ["TooManyRequestsException", 400, "Too many requests"],
    internal: [
      "ServiceException",
      500,
      "AWS Organizations can't complete your request because of an internal service error."
    ]
  },
  load: () => import("@aws-sdk/client-organizations"),
  ragged: [
    "ListAccounts",
    "ListAccountsForParent",
    "ListChildren",
    "ListOrganizationalUnitsForParent",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource"
  ],
  operations: {
    DescribeOrganization: describeOrganization,
    DescribeAccount: describeAccount,
    DescribeEffectivePolicy: describeEffectivePolicy,
    DescribeOrganizationalUnit: describeUnit,
    DescribePolicy: describePolicy,
    ListAccounts: listAccounts,
    ListAccountsForParent: listAccountsForParent,
    ListChildren: listChildren,
    ListOrganizationalUnitsForParent: listUnits,
    ListParents: listParents,
    ListPolicies: listPolicies,
    ListPoliciesForTarget: listPoliciesForTarget,
    ListRoots: listRoots,
    ListTagsForResource: listTags
  }
})
