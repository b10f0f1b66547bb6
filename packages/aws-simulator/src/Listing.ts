/**
 * Operations of declared types that list resources, or describe those that are named.
 *
 * @since 0.1.0
 */
import { refuse } from "./AwsFault.ts"
import { complete } from "./Completion.ts"
import {
  atPath,
  type Input,
  type Missing,
  missingFault,
  type One,
  type Operation,
  type Owner,
  type Page,
  pageOf,
  shapeAt,
  text,
  texts,
  tokenMembers,
  tooMany
} from "./Operation.ts"
import type * as Paging from "./Paging.ts"
import type { Call } from "./Service.ts"
import type { OperationShape, Shape } from "./Shape.ts"
import { tagsAs } from "./TagForm.ts"

/** What is told of a resource: one of its names alone, or some members of a structure. */
export type Item = "arn" | "id" | "name" | ((one: One, call: Call, input: Input) => unknown)

/** Writes items of an operation, complete and with their tags. */
const writer = (path: string, item: Item, tags: string | undefined) => {
  let known: { readonly of: OperationShape; readonly shape: Shape; readonly tags: Shape | undefined } | undefined
  return (one: One, call: Call, input: Input, withTags = true): unknown => {
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
  /** The holder when the request names none; without one the request is refused. */
  readonly byDefault?: string
  /** The request may name the resources themselves instead. */
  readonly orIds?: true
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
  /** What is listed besides, and is not the account's. */
  readonly also?: (call: Call) => ReadonlyArray<One>
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

type Source = (from: number, limit: number) => Paging.Slice<One>

/** The number of the holder that a request names. */
const holderOf = (owner: Owner, parent: Parent, input: Input, call: Call): number => {
  const key = input[parent.in] ?? parent.byDefault
  if (key === undefined) {
    const [code, status] = owner.service.refusals?.size ?? ["ValidationException", 400]
    throw refuse(code, status, `${parent.in} must be specified.`)
  }
  const region = owner.region ?? call.region
  const found = owner.parent === undefined ? undefined : call.find(owner.parent, text(key), region)
  const index = found === undefined
    ? undefined
    : call.estate.positionOf(call.accountId, region, found.type, found.arn)
  if (index === undefined) throw missingFault(owner, parent.missing, text(key))
  return index
}

/** The resources of one holder, a page of them: every so many-th of the type. */
const childrenOf = (owner: Owner, call: Call, holder: number, accept?: (one: One) => boolean) =>
(from: number, limit: number): Paging.Slice<One> => {
  const region = owner.region ?? call.region
  const step = call.estate.begunWith(call.accountId, region, owner.parent!)
  const end = call.estate.made(call.accountId, region, owner.type)
  const items: Array<One> = []
  for (let at = from; holder + at * step < end; at++) {
    if (items.length >= limit) return { items, next: at }
    const one = call.estate.resource(call.accountId, region, owner.type, holder + at * step)
    if (one !== undefined && (accept === undefined || accept(one))) items.push(one)
  }
  return { items, next: undefined }
}

/** A source of `length` positions, and after these some more items. */
const followedBy = (source: Source, length: number, more: ReadonlyArray<One>): Source => {
  if (more.length === 0) return source
  return (from, limit) => {
    const { items, next } = from < length ? source(from, limit) : { items: [], next: undefined }
    if (next !== undefined) return { items, next }
    const start = Math.max(0, from - length)
    const end = start + limit - items.length
    return { items: [...items, ...more.slice(start, end)], next: end < more.length ? length + end : undefined }
  }
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
    const { parent } = listing
    const holder = parent === undefined || (parent.orIds === true && ids.length > 0)
      ? undefined
      : holderOf(owner, parent, input, call)
    const chosen = (): ReadonlyArray<One> =>
      ids.flatMap((id) => {
        const one = call.find(owner.type, id, region)
        if (one !== undefined) return [one]
        if (listing.missing === "skip") return []
        throw missingFault(owner, listing.missing, id)
      })
    const place = { accountId: call.accountId, region, type: owner.type }
    const source = holder === undefined
      ? followedBy(
        (from, limit) => call.estate.scan([place], from, limit, accept),
        call.estate.made(call.accountId, region, owner.type),
        (listing.also?.(call) ?? []).filter((one) => accept === undefined || accept(one))
      )
      : childrenOf(owner, call, holder, accept)
    const last = listing.after === undefined ? undefined : input[listing.after]
    const start = last === undefined
      ? 0
      : 1 + (call.estate.positionOf(call.accountId, region, owner.type, text(last)) ?? -1)
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
    const key = text(input[getting.id])
    const one = call.find(owner.type, key, owner.region ?? call.region)
    if (one === undefined) throw missingFault(owner, getting.missing, key)
    const whole = write(one, call, input) as Input
    return { ...(getting.in === "" ? whole : atPath(getting.in, whole)), ...getting.more?.(one, input) }
  }
}
