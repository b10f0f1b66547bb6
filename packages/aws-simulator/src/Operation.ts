/**
 * What the operations of declared types have in common: how they are asked, how they page, what they refuse.
 *
 * An operation is declared by the names that the SDK gives to its members. Everything else comes from the estate and
 * from the operation's schema.
 *
 * @since 0.1.0
 */
import { type AwsFault, refuse } from "./AwsFault.ts"
import type { EstateResource } from "./Estate.ts"
import * as Paging from "./Paging.ts"
import type { DeclaredType, ResourceType } from "./ResourceType.ts"
import type { Call, Handler, Refusal, Service } from "./Service.ts"
import type { Shape } from "./Shape.ts"

/** What an operation is declared for. */
export interface Owner {
  readonly type: DeclaredType
  readonly service: Service
  /** Where global types are. */
  readonly region: "global" | undefined
  readonly parent: ResourceType | undefined
}

export type Input = Readonly<Record<string, unknown>>

/** Answers a declared operation: its members go by their names in the SDK. */
export type DeclaredHandler = Handler<Input, Input>

/** An operation, still to be given to its type. */
export type Operation = (owner: Owner) => DeclaredHandler

/** A resource of a declared type. */
export type One = EstateResource<DeclaredType>

/** How an operation pages. */
export interface Page {
  readonly size?: string
  readonly min?: number
  readonly max: number
  readonly byDefault?: number
  /** The members that hold the token, of input and output (default both `NextToken`; `""`: there is none). */
  readonly token?: string | readonly [input: string, output: string]
  /** Sizes that are too large are cut instead of refused. */
  readonly clamp?: boolean
  /** The size must be given. */
  readonly demanded?: boolean
  /** Zero asks for the default. */
  readonly zero?: boolean
  /** A member of the output that says whether there is more. */
  readonly truncated?: string
}

/** What is refused with when something is not there: the service's own words unless others are given. */
export type Missing = Refusal

/** Text of a request; what is none is empty. */
export const text = (value: unknown): string => typeof value === "string" ? value : ""

export const texts = (value: unknown): ReadonlyArray<string> => Array.isArray(value) ? value.map(text) : []

const sizeFault = (service: Service, page: Page) => (size: unknown): AwsFault => {
  const [code, status] = service.refusals?.size ?? ["ValidationException", 400]
  const low = Number(size) < (page.min ?? 1)
  return refuse(
    code,
    status,
    `1 validation error detected: Value '${String(size)}' at '${page.size ?? "size"}' failed to satisfy constraint: ` +
      `Member must have value ${low ? "greater" : "less"} than or equal to ${low ? page.min ?? 1 : page.max}`
  )
}

/** One page of something, as a declared operation pages. */
export const pageOf = <A>(
  call: Call,
  input: Input,
  page: Page,
  service: Service,
  source: (from: number, limit: number) => Paging.Slice<A>
): { readonly items: ReadonlyArray<A>; readonly token: string | undefined } => {
  const token = typeof page.token === "string" ? page.token : page.token?.[0] ?? "NextToken"
  const given = page.size === undefined ? undefined : input[page.size]
  const badSize = sizeFault(service, page)
  if (given === undefined && page.demanded === true) throw badSize("null")
  const size = given === undefined || (page.zero === true && Number(given) === 0) ? undefined : Number(given)
  const [code, status] = service.refusals?.token ?? ["ValidationException", 400]
  const asked = input[token]
  // Where the last item is the token, no page is empty.
  const byName = token === ""
  return Paging.page(byName ? { ...call, paging: { ...call.paging, ragged: false } } : call, {
    unpaged: byName,
    size,
    min: page.min ?? 1,
    max: page.max,
    byDefault: page.byDefault ?? page.max,
    clamp: page.clamp ?? false,
    token: asked === undefined ? undefined : text(asked),
    // A token belongs to the request that it came from, whatever its page size.
    bind: Object.entries(input).filter(([name]) => name !== token && name !== page.size),
    badSize,
    badToken: () => refuse(code, status, "The specified pagination token is not valid.")
  }, source)
}

export const tokenMembers = (page: Page, token: string | undefined): Input => {
  const member = typeof page.token === "string" ? page.token : page.token?.[1] ?? "NextToken"
  return {
    ...(token === undefined || member === "" ? {} : { [member]: token }),
    ...(page.truncated === undefined ? {} : { [page.truncated]: token !== undefined })
  }
}

export const missingFault = (owner: Pick<Owner, "service">, missing: Missing | undefined, key: string): AwsFault => {
  const [code, status, said = "Could not find {}."] = missing ?? owner.service.refusals?.missing ??
    ["ResourceNotFoundException", 400]
  return refuse(code, status, said.replace("{}", () => key))
}

export const tooMany = ({ service }: Owner, member: string, most: number): AwsFault => {
  const [code, status] = service.refusals?.size ?? ["ValidationException", 400]
  return refuse(code, status, `${member} must have 1 to ${most} items.`)
}

/** The shape at a path of members: `DistributionList.Items`; a list's is that of its items. */
export const shapeAt = (shape: Shape, path: string): Shape => {
  let found = shape
  for (const name of path === "" ? [] : path.split(".")) {
    const member = found.kind === "structure" ? found.members().get(name) : undefined
    if (member === undefined) throw new TypeError(`no member ${name} of ${path}`)
    found = member.shape
  }
  return found.kind === "list" ? found.member().shape : found
}

/** Puts a value at a path of members. */
export const atPath = (path: string, value: unknown): Input =>
  path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Input
