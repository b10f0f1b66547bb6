/**
 * The operations of declared types: listing, describing by key, reading tags.
 *
 * An operation is declared by the names that the SDK gives to its members. Everything else comes from the estate and
 * from the operation's schema.
 *
 * @since 0.1.0
 */
import { type AwsFault, refuse } from "./AwsFault.ts"
import { complete } from "./Completion.ts"
import type { EstateResource } from "./Estate.ts"
import * as Paging from "./Paging.ts"
import type { ResourceType } from "./ResourceType.ts"
import type { Call, Handler, Service } from "./Service.ts"
import type { OperationShape, Shape } from "./Shape.ts"
import { tagsAs } from "./TagForm.ts"

/** What an operation is declared for. */
interface Owner {
  readonly type: ResourceType
  readonly service: Service
  /** Where global types are. */
  readonly region: "global" | undefined
  readonly parent: ResourceType | undefined
}

// oxlint-disable-next-line @typescript-eslint/no-explicit-any
type AnyHandler = Handler<any>

/** An operation, still to be given to its type. */
export type Operation = (owner: Owner) => AnyHandler

type Input = Readonly<Record<string, unknown>>

/** A resource of a declared type. */
export type One = Omit<EstateResource, "attributes"> & {
  // Each type's file says what its resources have, and reads it again.
  // oxlint-disable-next-line @typescript-eslint/no-explicit-any
  readonly attributes: any
}

/** What is told of a resource: one of its names alone, or some members of a structure. */
export type Item = "arn" | "id" | "name" | ((one: One, call: Call, input: Input) => unknown)

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
type Missing = readonly [code: string, status: number]

const texts = (value: unknown): ReadonlyArray<string> => Array.isArray(value) ? value.map(String) : []

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
  return Paging.page(call, {
    size,
    min: page.min ?? 1,
    max: page.max,
    byDefault: page.byDefault ?? page.max,
    clamp: page.clamp ?? false,
    token: asked === undefined ? undefined : String(asked),
    // A token belongs to the request that it came from, whatever its page size.
    bind: Object.entries(input).filter(([name]) => name !== token && name !== page.size),
    badSize,
    badToken: () => refuse(code, status, "The specified pagination token is not valid.")
  }, source)
}

const tokenMembers = (page: Page, token: string | undefined): Input => {
  const member = typeof page.token === "string" ? page.token : page.token?.[1] ?? "NextToken"
  return {
    ...(token === undefined || member === "" ? {} : { [member]: token }),
    ...(page.truncated === undefined ? {} : { [page.truncated]: token !== undefined })
  }
}

const missingFault = (owner: Pick<Owner, "service">, missing: Missing | undefined, key: string): AwsFault => {
  const [code, status] = missing ?? owner.service.refusals?.missing ?? ["ResourceNotFoundException", 400]
  return refuse(code, status, `${key} could not be found.`)
}

const tooMany = ({ service }: Owner, member: string, most: number): AwsFault => {
  const [code, status] = service.refusals?.size ?? ["ValidationException", 400]
  return refuse(code, status, `${member} must have 1 to ${most} items.`)
}

/** The shape at a path of members: `DistributionList.Items`; a list's is that of its items. */
const shapeAt = (shape: Shape, path: string): Shape => {
  let found = shape
  for (const name of path === "" ? [] : path.split(".")) {
    const member = found.kind === "structure" ? found.members().get(name) : undefined
    if (member === undefined) throw new TypeError(`no member ${name} of ${path}`)
    found = member.shape
  }
  return found.kind === "list" ? found.member().shape : found
}

/** Puts a value at a path of members. */
const atPath = (path: string, value: unknown): Input =>
  path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Input

/** Writes items of an operation, complete and with their tags. */
const writer = (path: string, item: Item, tags: string | undefined) => {
  let known: { readonly of: OperationShape; readonly shape: Shape; readonly tags: Shape | undefined } | undefined
  return (one: EstateResource, call: Call, input: Input, withTags = true): unknown => {
    if (typeof item === "string") return one[item]
    if (known?.of !== call.shape) {
      const shape = shapeAt(call.shape.output, path)
      const member = tags === undefined || shape.kind !== "structure" ? undefined : shape.members().get(tags)
      if (tags !== undefined && member === undefined) throw new TypeError(`no member ${tags} of ${path}`)
      known = { of: call.shape, shape, tags: member?.shape }
    }
    const said = item(one, call, input) as Record<string, unknown>
    const whole = known.tags === undefined || !withTags ? said : { ...said, [tags!]: tagsAs(known.tags, one.tags) }
    return complete(known.shape, whole, one, call)
  }
}

/** What the resources of one holder are asked by. */
interface Parent {
  readonly in: string
  /** The holder when the request names none; without one the request is refused or lists all. */
  readonly byDefault?: string
  /** A request that names no holder lists the resources of all. */
  readonly optional?: boolean
  readonly missing?: Missing
}

/** Declares an operation that lists the resources of its type. */
interface Listing {
  /** Where the output has the items. */
  readonly items: string
  readonly item: Item
  /** The member of an item that holds its tags. */
  readonly tags?: string
  /** Tags come only when the request asks for them. */
  readonly tagsIf?: (input: Input) => boolean
  /** Not paged without. */
  readonly page?: Page
  /** The member of the input that names single resources; unknown ones are refused, or left out. */
  readonly ids?: string | ReadonlyArray<string>
  readonly missing?: Missing | "skip"
  /** The most ids of one request. */
  readonly most?: number
  readonly parent?: Parent
  /** Which resources a request is about. */
  readonly where?: (input: Input, call: Call) => ((one: One) => boolean) | undefined
  /** The member of the input that holds the last name of the page before, where names are tokens. */
  readonly after?: string
  /** Other members of the output. */
  readonly more?: (shown: ReadonlyArray<One>) => Input
  /** The whole output, where it is of another form. */
  readonly wrap?: (
    items: ReadonlyArray<unknown>,
    input: Input,
    token: string | undefined,
    shown: ReadonlyArray<One>
  ) => Input
}

/** The holder that a request names: its number, or that it names none. */
const holderOf = (owner: Owner, parent: Parent, input: Input, call: Call): number | undefined => {
  const key = input[parent.in] ?? parent.byDefault
  if (key === undefined && parent.optional === true) return undefined
  const region = owner.region ?? call.region
  const found = owner.parent === undefined ? undefined : call.find(owner.parent, String(key), region)
  const index = found === undefined
    ? undefined
    : call.estate.positionOf(call.accountId, region, found.type, found.arn)
  if (index === undefined) throw missingFault(owner, parent.missing, String(key))
  return index
}

/** The resources of one holder, a page of them: every so many-th of the type. */
const childrenOf = (owner: Owner, call: Call, holder: number, accept?: (one: EstateResource) => boolean) =>
(from: number, limit: number): Paging.Slice<EstateResource> => {
  const region = owner.region ?? call.region
  const step = call.estate.begunWith(call.accountId, region, owner.parent!)
  const end = call.estate.made(call.accountId, region, owner.type)
  const items: Array<EstateResource> = []
  for (let at = from; holder + at * step < end; at++) {
    if (items.length >= limit) return { items, next: at }
    const one = call.estate.resource(call.accountId, region, owner.type, holder + at * step)
    if (one !== undefined && (accept === undefined || accept(one))) items.push(one)
  }
  return { items, next: undefined }
}

/** Lists resources, all in pages or single ones by their ids. */
export const list = (listing: Listing): Operation => (owner) => {
  const write = writer(listing.items, listing.item, listing.tags)
  const { most, page } = listing
  const idMembers = [listing.ids ?? []].flat()
  return (input: Input, call: Call) => {
    const region = owner.region ?? call.region
    const given = idMembers.map((name) => input[name]).find((value) => value !== undefined)
    const ids = typeof given === "string" ? [given] : texts(given)
    if (most !== undefined && ids.length > most) throw tooMany(owner, idMembers.join(), most)
    const accept = listing.where?.(input, call)
    const holder = listing.parent === undefined ? undefined : holderOf(owner, listing.parent, input, call)
    const chosen = (): ReadonlyArray<EstateResource> =>
      ids.flatMap((id) => {
        const one = call.find(owner.type, id, region)
        if (one !== undefined) return [one]
        if (listing.missing === "skip") return []
        throw missingFault(owner, listing.missing, id)
      })
    const source = holder === undefined
      ? (from: number, limit: number) =>
        call.estate.scan([{ accountId: call.accountId, region, type: owner.type }], from, limit, accept)
      : childrenOf(owner, call, holder, accept)
    const last = listing.after === undefined ? undefined : input[listing.after]
    const start = last === undefined
      ? 0
      : 1 + (call.estate.positionOf(call.accountId, region, owner.type, String(last)) ?? -1)
    const { items: shown, token } = ids.length > 0
      ? { items: accept === undefined ? chosen() : chosen().filter(accept), token: undefined }
      : page === undefined
      ? { items: source(0, Number.MAX_SAFE_INTEGER).items, token: undefined }
      : pageOf(call, input, page, owner.service, start === 0 ? source : (from, limit) => source(from || start, limit))
    const withTags = listing.tagsIf === undefined || listing.tagsIf(input)
    const items = shown.map((one) => write(one, call, input, withTags))
    return listing.wrap?.(items, input, token, shown) ?? {
      ...atPath(listing.items, items),
      ...(page === undefined ? {} : tokenMembers(page, token)),
      ...listing.more?.(shown)
    }
  }
}

/** Declares an operation that describes resources by their names, some of which may be gone. */
interface Batch {
  /** The member of the input that names them. */
  readonly ids: string
  /** The most of one request. */
  readonly most: number
  readonly items: string
  readonly item: Item
  readonly tags?: string
  readonly tagsIf?: (input: Input) => boolean
  /** Tells of those that are not there; without it they are left out. */
  readonly missing?: (ids: ReadonlyArray<string>, call: Call, input: Input) => Input
  readonly parent?: Parent
}

/** Describes resources by their names, a batch at once. */
export const batch = (described: Batch): Operation => (owner) => {
  const write = writer(described.items, described.item, described.tags)
  return (input: Input, call: Call) => {
    const ids = texts(input[described.ids])
    if (ids.length === 0 || ids.length > described.most) throw tooMany(owner, described.ids, described.most)
    const holder = described.parent === undefined ? undefined : holderOf(owner, described.parent, input, call)
    const region = owner.region ?? call.region
    const step = holder === undefined ? 1 : call.estate.begunWith(call.accountId, region, owner.parent!)
    const gone: Array<string> = []
    const items: Array<unknown> = []
    const withTags = described.tagsIf === undefined || described.tagsIf(input)
    for (const id of ids) {
      const one = call.find(owner.type, id, region)
      const index = one === undefined || holder === undefined
        ? undefined
        : call.estate.positionOf(call.accountId, region, owner.type, one.arn)
      if (one === undefined || (index !== undefined && index % step !== holder)) gone.push(id)
      else items.push(write(one, call, input, withTags))
    }
    return { ...atPath(described.items, items), ...described.missing?.(gone, call, input) }
  }
}

/** Declares an operation that describes one resource. */
interface Getting {
  /** The member of the input that names it. */
  readonly id: string
  /** Where the output has it: `""` where the output itself is it. */
  readonly in: string
  readonly item: Exclude<Item, string>
  readonly tags?: string
  readonly missing?: Missing
  readonly more?: (one: One, input: Input) => Input
}

/** Describes one resource. */
export const get = (getting: Getting): Operation => (owner) => {
  const write = writer(getting.in, getting.item, getting.tags)
  return (input: Input, call: Call) => {
    const key = String(input[getting.id])
    const one = call.find(owner.type, key, owner.region ?? call.region)
    if (one === undefined) throw missingFault(owner, getting.missing, key)
    const whole = write(one, call, input) as Input
    return { ...(getting.in === "" ? whole : atPath(getting.in, whole)), ...getting.more?.(one, input) }
  }
}

/** Declares an operation that reads the tags of one resource. */
interface TagReading {
  /** The member of the input that names it: a resource of any type by its ARN. */
  readonly id: string
  /** The member names a resource of the type itself, by its name or id as well. */
  readonly own?: true
  /** Where the output has them. */
  readonly tags: string
  readonly page?: Page
  /** The member of the input that holds the last key of the page before, where keys are tokens. */
  readonly after?: string
  readonly missing?: Missing
  readonly more?: () => Input
  /** The whole output, where it is of another form. */
  readonly wrap?: (tags: unknown, input: Input) => Input
}

/** A resource that a request names by its ARN, if it is the caller's and here. */
export const byArn = (call: Call, arn: string): EstateResource | undefined => {
  const known = call.estate.find(arn)
  return known === undefined || known.accountId !== call.accountId ||
      (known.region !== "global" && known.region !== call.region)
    ? undefined
    : call.find(known.type, arn, known.region)
}

/** Reads the tags of a resource. */
export const tags = (reading: TagReading): Operation => (owner) => {
  let form: Shape | undefined
  return (input: Input, call: Call) => {
    const key = String(input[reading.id])
    const one = reading.own === true ? call.find(owner.type, key, owner.region ?? call.region) : byArn(call, key)
    if (one === undefined) throw missingFault(owner, reading.missing, key)
    form ??= tagShape(call.shape.output, reading.tags)
    if (reading.page === undefined) {
      const whole = tagsAs(form, one.tags)
      return reading.wrap?.(whole, input) ?? { ...atPath(reading.tags, whole), ...reading.more?.() }
    }
    const all = Object.entries(one.tags)
    const last = reading.after === undefined ? undefined : input[reading.after]
    const rest = last === undefined ? all : all.slice(1 + all.findIndex(([name]) => name === last))
    const { items, token } = pageOf(call, input, reading.page, owner.service, Paging.sliceOf(rest))
    return { ...atPath(reading.tags, tagsAs(form, Object.fromEntries(items))), ...tokenMembers(reading.page, token) }
  }
}

/** Declares an operation that reads the tags of several resources. */
interface TagsReading {
  readonly ids: string
  /** The ids are those of the type itself, not ARNs of any type. */
  readonly own?: true
  readonly most: number
  readonly items: string
  /** The members of an item that hold the id and the tags. */
  readonly key: string
  readonly tags: string
}

/** Reads the tags of several resources, in the order in which they are named. */
export const tagsOfMany = (reading: TagsReading): Operation => (owner) => {
  let form: Shape | undefined
  return (input: Input, call: Call) => {
    const ids = texts(input[reading.ids])
    if (ids.length === 0 || ids.length > reading.most) throw tooMany(owner, reading.ids, reading.most)
    const item = shapeAt(call.shape.output, reading.items)
    form ??= tagShape(item, reading.tags)
    const items = ids.map((id) => {
      const one = reading.own === true ? call.find(owner.type, id, owner.region ?? call.region) : byArn(call, id)
      if (one === undefined) throw missingFault(owner, undefined, id)
      return { [reading.key]: id, [reading.tags]: tagsAs(form!, one.tags) }
    })
    return atPath(reading.items, items)
  }
}

const tagShape = (output: Shape, path: string): Shape => {
  const [last = "", ...before] = path.split(".").toReversed()
  const holder = shapeAt(output, before.toReversed().join("."))
  const member = holder.kind === "structure" ? holder.members().get(last) : undefined
  if (member === undefined) throw new TypeError(`no member ${path}`)
  return member.shape
}
