/**
 * Operations of declared types that read tags.
 *
 * @since 0.1.0
 */
import type { EstateResource } from "./Estate.ts"
import {
  atPath,
  type Input,
  type Missing,
  missingFault,
  type Operation,
  type Page,
  pageOf,
  shapeAt,
  text,
  texts,
  tokenMembers,
  tooMany
} from "./Operation.ts"
import * as Paging from "./Paging.ts"
import type { Call } from "./Service.ts"
import type { Shape } from "./Shape.ts"
import { tagsAs } from "./TagForm.ts"

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
const byArn = (call: Call, arn: string): EstateResource | undefined => {
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
    const key = text(input[reading.id])
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
