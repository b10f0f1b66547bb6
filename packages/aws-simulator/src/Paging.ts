/**
 * Pages and their tokens.
 *
 * @since 0.1.0
 */
import type { AwsFault } from "./AwsFault.ts"
import { draw, hashText, hex8, unit } from "./Hash.ts"
import type { Call } from "./Service.ts"

/** One page and where the next begins. */
export interface Slice<A> {
  readonly items: ReadonlyArray<A>
  readonly next: number | undefined
}

/** How an operation pages. */
export interface Limits {
  /** What the caller asked for. */
  readonly size: number | undefined
  readonly min: number
  readonly max: number
  /** Items of a page when the caller asks for no size. */
  readonly byDefault: number
  /** Sizes above `max` are cut to it instead of refused. */
  readonly clamp?: boolean
  readonly token: string | undefined
  /** What the token is bound to besides account, Region and operation: filters and the like. */
  readonly bind?: unknown
  /** How long a token lives, in milliseconds (default: for ever). */
  readonly lifetime?: number
  /** The caller has not asked for pages and gets no token: a page cut short would lose the rest. */
  readonly unpaged?: boolean
  readonly badSize: (size: number) => AwsFault
  readonly badToken: () => AwsFault
  readonly expired?: () => AwsFault
}

/** The longest ragged page: small estates, too, shall come in several. */
const raggedMost = 20

/** Takes one page from a source of items. */
export const page = <A>(
  call: Call,
  limits: Limits,
  source: (from: number, limit: number) => Slice<A>
): { readonly items: ReadonlyArray<A>; readonly token: string | undefined } => {
  const { size } = limits
  if (size !== undefined) {
    const tooLarge = size > limits.max && limits.clamp !== true
    if (!Number.isInteger(size) || size < limits.min || tooLarge) throw limits.badSize(size)
  }
  const bound = hashText(`${call.accountId}/${call.region}/${call.operation}/${JSON.stringify(limits.bind ?? null)}`)
  const { oddities, took } = call.paging
  if (oddities.expired !== undefined && limits.token !== undefined && limits.token !== "") {
    took(oddities.expired)
    throw (limits.expired ?? limits.badToken)()
  }
  const { from, turn } = open(call, limits, bound)
  let limit = Math.min(size ?? limits.byDefault, size === undefined ? limits.byDefault : limits.max, call.paging.cap)
  if (call.paging.ragged) {
    const hash = draw(call.paging.seed ^ bound, from)
    // An empty page comes once at a place, or its token would lead nowhere.
    limit = turn === 0 && unit(hash, 0) < 0.2 ? 0 : Math.ceil(Math.min(limit, raggedMost) * unit(hash, 1)) || 1
  }
  const whole = limit
  if (limits.unpaged !== true) {
    if (oddities.empty !== undefined && turn === 0) limit = 0
    else if (oddities.short !== undefined) limit = Math.min(limit, oddities.short.size ?? 1)
  }
  const { items, next } = limit > 0
    ? source(from, limit)
    : { items: [], next: source(from, 1).items.length === 0 ? undefined : from }
  if (limit < whole && next !== undefined) {
    const oddity = limit === 0 ? oddities.empty : oddities.short
    if (oddity !== undefined) took(oddity)
  }
  // The item before the page if there is one, else the page's first once more.
  const twice = oddities.duplicates === undefined ? [] : source(Math.max(0, from - 1), 1).items
  if (oddities.duplicates !== undefined && items.length > 0) took(oddities.duplicates)
  const shown = items.length === 0 || twice.length === 0 ? items : [...twice, ...items]
  if (next === undefined) return { items: shown, token: undefined }
  const issued = limits.lifetime === undefined ? 0 : Math.floor(call.now / 1000)
  if (oddities.repeated !== undefined) {
    took(oddities.repeated)
    return { items: shown, token: limits.token || seal([from, turn, issued], bound) }
  }
  return { items: shown, token: seal([next, next === from ? turn + 1 : 0, issued], bound) }
}

const seal = (payload: ReadonlyArray<number>, bound: number): string => {
  const text = payload.join(".")
  return Buffer.from(`${text}.${hex8(hashText(text, bound))}`).toString("base64url")
}

const open = (call: Call, limits: Limits, bound: number): { readonly from: number; readonly turn: number } => {
  const { token } = limits
  if (token === undefined || token === "") return { from: 0, turn: 0 }
  const text = Buffer.from(token, "base64url").toString("latin1")
  const [from, turn, issued] = text.split(".").map(Number)
  if (
    from === undefined || turn === undefined || issued === undefined ||
    seal([from, turn, issued], bound) !== token
  ) throw limits.badToken()
  if (limits.lifetime !== undefined && call.now - issued * 1000 > limits.lifetime) {
    throw (limits.expired ?? limits.badToken)()
  }
  return { from, turn }
}

/** The first items of a source, as many as wanted: pages may be shorter than asked for. */
export const all = <A>(source: (from: number, limit: number) => Slice<A>, most: number): ReadonlyArray<A> => {
  const items: Array<A> = []
  let from: number | undefined = 0
  while (from !== undefined && items.length < most) {
    const slice: Slice<A> = source(from, most - items.length)
    items.push(...slice.items)
    from = slice.next
  }
  return items
}

/** A slice of a list that is there as a whole. */
export const sliceOf = <A>(all: ReadonlyArray<A>) => (from: number, limit: number): Slice<A> => ({
  items: all.slice(from, from + limit),
  next: from + limit < all.length ? from + limit : undefined
})
