/**
 * What the Describe calls of EC2 have in common.
 *
 * @since 0.1.0
 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { refuse } from "../../AwsFault.ts"
import type { EstateResource } from "../../Estate.ts"
import * as Paging from "../../Paging.ts"
import type { ResourceType } from "../../ResourceType.ts"
import type { Call } from "../../Service.ts"

/** The tags of a resource as EC2 writes them. */
export const tagSet = (resource: EstateResource): Array<Sdk.Tag> =>
  Object.entries(resource.tags).map(([Key, Value]) => ({ Key, Value }))

/** A parameter that EC2 cannot take. */
export const invalid = (message: string) => refuse("InvalidParameterValue", 400, message)

const wildcard = (pattern: string): RegExp => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/gu, "\\$&")
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su")
}

type Field<T extends ResourceType> = (resource: EstateResource<T>) => string | undefined

/** EC2's filters: every filter must match, any of its values. */
export const accepting = <T extends ResourceType>(
  filters: ReadonlyArray<Sdk.Filter> | undefined,
  fields: Readonly<Record<string, Field<T>>>
): ((resource: EstateResource<T>) => boolean) | undefined => {
  if (filters === undefined || filters.length === 0) return undefined
  const tests = filters.map(({ Name = "", Values = [] }) => {
    const patterns = Values.map(wildcard)
    const matches = (value: string | undefined) => value !== undefined && patterns.some((one) => one.test(value))
    if (Name === "tag-key") {
      return (resource: EstateResource<T>) => Object.keys(resource.tags).some(matches)
    }
    if (Name.startsWith("tag:")) {
      const key = Name.slice(4)
      return ({ tags }: EstateResource<T>) => matches(Object.hasOwn(tags, key) ? tags[key] : undefined)
    }
    const field = Object.hasOwn(fields, Name) ? fields[Name] : undefined
    if (field === undefined) throw invalid(`The filter '${Name}' is invalid`)
    return (resource: EstateResource<T>) => matches(field(resource))
  })
  return (resource) => tests.every((test) => test(resource))
}

interface Request {
  readonly Filters?: ReadonlyArray<Sdk.Filter> | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** What the Describe calls have in common: by ids, or page by page. */
export const describe = <T extends ResourceType>(
  call: Call,
  type: T,
  input: Request,
  by: {
    readonly ids: ReadonlyArray<string> | undefined
    readonly idsName: string
    readonly notFound: string
    readonly noun: string
    readonly fields: Readonly<Record<string, Field<T>>>
  }
) => {
  const accept = accepting(input.Filters, by.fields)
  if (by.ids !== undefined && by.ids.length > 0) {
    if (input.MaxResults !== undefined) {
      throw refuse(
        "InvalidParameterCombination",
        400,
        `The parameter ${by.idsName} cannot be used with the parameter maxResults`
      )
    }
    const found = by.ids.map((id) => {
      const resource = call.find(type, id)
      if (resource === undefined) throw refuse(by.notFound, 400, `The ${by.noun} '${id}' does not exist`)
      return resource
    })
    return { items: accept === undefined ? found : found.filter(accept), token: undefined }
  }
  return Paging.page(call, {
    size: input.MaxResults,
    min: 5,
    max: 1000,
    // EC2 alone answers with everything when it is not asked for pages.
    byDefault: Number.MAX_SAFE_INTEGER,
    clamp: true,
    token: input.NextToken,
    bind: input.Filters,
    badSize: (size) =>
      invalid(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 5.`),
    badToken: () => refuse("InvalidNextToken", 400, "The specified NextToken is not valid.")
  }, (from, limit) => call.estate.scan([{ accountId: call.accountId, region: call.region, type }], from, limit, accept))
}
