/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-iam"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { queryFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { query } from "../Protocol.ts"
import type { ResourceType } from "../ResourceType.ts"
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

const pageOf = <A>(
  call: Call,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
  bind: unknown,
  source: (from: number, limit: number) => Paging.Slice<A>
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
  }, source)

const listRoles = (input: Sdk.ListRolesRequest, call: Call): Sdk.ListRolesResponse => {
  const prefix = input.PathPrefix ?? "/"
  const place = { accountId: call.accountId, region: "global", type: "iam:role" } as const
  const { items, token } = pageOf(call, input, prefix, (from, limit) =>
    call.estate.scan([place], from, limit, (role) => role.attributes.path.startsWith(prefix)))
  return {
    // ListRoles leaves the tags out (IAM API reference).
    Roles: items.map((one) => ({ ...roleFields(one), MaxSessionDuration: one.attributes.maxSessionDuration })),
    IsTruncated: token !== undefined,
    Marker: token
  }
}

/** The kinds of things that an account has, in the order in which they are told. */
const kinds = [["User", "iam:user"], ["Role", "iam:role"], ["LocalManagedPolicy", "iam:policy"]] as const

const isOf = <T extends ResourceType>(type: T) => (one: EstateResource): one is EstateResource<T> => one.type === type

const getAccountAuthorizationDetails = (
  input: Sdk.GetAccountAuthorizationDetailsRequest,
  call: Call
): Sdk.GetAccountAuthorizationDetailsResponse => {
  const filter: ReadonlyArray<string> = input.Filter ?? []
  const places = kinds
    .filter(([kind]) => filter.length === 0 || filter.includes(kind))
    .map(([, type]) => ({ accountId: call.accountId, region: "global", type }))
  const { items, token } = pageOf(call, input, filter, (from, limit) =>
    call.estate.scan<ResourceType>(places, from, limit))
  return {
    UserDetailList: items.filter(isOf("iam:user")).map((one) => ({
      Path: one.attributes["path"],
      UserName: one.name,
      UserId: one.attributes["userId"],
      Arn: one.arn,
      CreateDate: one.createdAt,
      GroupList: [],
      AttachedManagedPolicies: [],
      Tags: tagList(one)
    })),
    GroupDetailList: [],
    RoleDetailList: items.filter(isOf("iam:role")).map((one) => ({
      ...roleFields(one),
      InstanceProfileList: [],
      RolePolicyList: [],
      AttachedManagedPolicies: [],
      Tags: tagList(one)
    })),
    // Policies are told without their tags.
    Policies: items.filter(isOf("iam:policy")).map((one) => ({
      PolicyName: one.name,
      PolicyId: one.attributes["policyId"],
      Arn: one.arn,
      Path: one.attributes["path"],
      DefaultVersionId: "v1",
      AttachmentCount: 1,
      IsAttachable: true,
      CreateDate: one.createdAt,
      UpdateDate: one.createdAt,
      PolicyVersionList: []
    })),
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
