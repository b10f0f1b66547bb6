/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-iam"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { queryFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { query } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

/** IAM sends policy documents percent-encoded (RFC 3986). */
const trustPolicy = (service: string) =>
  encodeURIComponent(JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }]
  }))

const tagList = (one: EstateResource): Array<Sdk.Tag> =>
  Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value }))

const roleFields = (one: EstateResource<"iam:role">) => ({
  Path: one.attributes.path,
  RoleName: one.name,
  RoleId: one.attributes.roleId,
  Arn: one.arn,
  CreateDate: one.createdAt,
  AssumeRolePolicyDocument: trustPolicy(one.attributes.trusted)
})

const pageOfRoles = (
  call: Call,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
  bind: unknown,
  accept?: (role: EstateResource<"iam:role">) => boolean
) =>
  Paging.page(call, {
    size: input.MaxItems,
    min: 1,
    max: 1000,
    byDefault: 100,
    token: input.Marker,
    bind,
    badSize: (size) =>
      refuse(
        "ValidationError",
        400,
        `1 validation error detected: Value '${size}' at 'maxItems' failed to satisfy constraint: ` +
          (size < 1
            ? "Member must have value greater than or equal to 1"
            : "Member must have value less than or equal to 1000")
      ),
    badToken: () => refuse("ValidationError", 400, "Invalid Marker")
  }, (from, limit) =>
    call.estate.scan([{ accountId: call.accountId, region: "global", type: "iam:role" }], from, limit, accept))

const listRoles = (input: Sdk.ListRolesRequest, call: Call): Sdk.ListRolesResponse => {
  const prefix = input.PathPrefix ?? "/"
  const { items, token } = pageOfRoles(call, input, prefix, (role) => role.attributes.path.startsWith(prefix))
  return {
    // ListRoles leaves the tags out (IAM API reference).
    Roles: items.map((one) => ({ ...roleFields(one), MaxSessionDuration: one.attributes.maxSessionDuration })),
    IsTruncated: token !== undefined,
    Marker: token
  }
}

const getAccountAuthorizationDetails = (
  input: Sdk.GetAccountAuthorizationDetailsRequest,
  call: Call
): Sdk.GetAccountAuthorizationDetailsResponse => {
  const filter: ReadonlyArray<string> = input.Filter ?? []
  const wanted = filter.length === 0 || filter.includes("Role")
  const { items, token } = pageOfRoles(call, input, filter, () => wanted)
  return {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: items.map((one) => ({
      ...roleFields(one),
      InstanceProfileList: [],
      RolePolicyList: [],
      AttachedManagedPolicies: [],
      Tags: tagList(one)
    })),
    Policies: [],
    IsTruncated: token !== undefined,
    Marker: token
  }
}

const roleOf = (name: string | undefined, call: Call) => {
  const one = call.find("iam:role", name ?? "", "global")
  if (one === undefined || one.name !== name) {
    throw refuse("NoSuchEntity", 404, `The role with name ${String(name)} cannot be found.`)
  }
  return one
}

const getRole = (input: Sdk.GetRoleRequest, call: Call): Sdk.GetRoleResponse => {
  const one = roleOf(input.RoleName, call)
  const tags = tagList(one)
  return {
    Role: {
      ...roleFields(one),
      MaxSessionDuration: one.attributes.maxSessionDuration,
      ...(tags.length === 0 ? {} : { Tags: tags })
    }
  }
}

const listRoleTags = (input: Sdk.ListRoleTagsRequest, call: Call): Sdk.ListRoleTagsResponse => {
  const one = roleOf(input.RoleName, call)
  const { items, token } = Paging.page(call, {
    size: input.MaxItems,
    min: 1,
    max: 1000,
    byDefault: 100,
    token: input.Marker,
    bind: one.name,
    badSize: () => refuse("ValidationError", 400, "Invalid maxItems"),
    badToken: () => refuse("ValidationError", 400, "Invalid Marker")
  }, Paging.sliceOf(tagList(one)))
  return { Tags: [...items], IsTruncated: token !== undefined, Marker: token }
}

export const Iam = make({
  signingName: "iam",
  iamPrefix: "iam",
  scope: "global",
  protocol: query("https://iam.amazonaws.com/doc/2010-05-08/"),
  family: queryFamily,
  refusals: {
    size: ["ValidationError", 400],
    token: ["ValidationError", 400],
    missing: ["NoSuchEntity", 404]
  },
  load: () => import("@aws-sdk/client-iam"),
  ragged: ["ListRoles", "GetAccountAuthorizationDetails", "ListRoleTags"],
  operations: {
    ListRoles: listRoles,
    GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
    GetRole: getRole,
    ListRoleTags: listRoleTags
  }
})
