/**
 * Which values a tag has among the members of each group of resources.
 */
import type { Resource } from "@cadastre/model"
import { type EvidenceSource, type Kin, kinOf } from "./Kinship.ts"
import { nameTokens, valueNamed } from "./NameTokens.ts"
import { type TagReading, TagReader } from "./TagReader.ts"
import type { RequiredTag } from "./TagPolicy.ts"

/** What one source says for one value: the share of it that agrees, a little less where few agree. */
export interface Vote {
  readonly source: EvidenceSource
  readonly value: string
  readonly share: number
  readonly agreeing: number
  readonly of: number
  readonly text: string
}

/** How often each value was seen in a group. */
interface Counts {
  of: number
  readonly byValue: Map<string, number>
}

/** Values of one group that are looked at: of a tag with a thousand values none is evidence. */
const mostValues = 5

export class EvidenceIndex {
  readonly resources: ReadonlyArray<Resource>
  readonly readers: ReadonlyArray<TagReader>
  readonly #creators: ReadonlyMap<string, string> | undefined
  /** For each rule: the counts of each group, by its key. */
  readonly #counts: ReadonlyArray<Map<string, Counts>>
  /** Ids that some other resource names: groups of one would fill the memory for nothing. */
  readonly #attached = new Set<string>()

  constructor(
    rules: ReadonlyArray<RequiredTag>,
    resources: ReadonlyArray<Resource>,
    creators?: ReadonlyMap<string, string>
  ) {
    this.resources = resources
    this.#creators = creators
    this.readers = rules.map((rule) => new TagReader(rule))
    this.#counts = rules.map(() => new Map())
    for (const { attributes, tags } of resources) {
      for (const reader of this.readers) reader.learn(tags)
      for (const value of Object.values(attributes)) if (typeof value === "string") this.#attached.add(value)
    }
    for (const resource of resources) {
      if (resource.tags === null) continue
      const values = this.readers.map((reader) => reader.read(resource.tags).valid)
      if (values.every((value) => value === undefined)) continue
      const kin = this.#kinOf(resource)
      for (const [rule, value] of values.entries()) {
        if (value === undefined) continue
        const counts = this.#counts[rule]!
        for (const { key } of kin) {
          let its = counts.get(key)
          if (its === undefined) counts.set(key, its = { of: 0, byValue: new Map() })
          its.of++
          its.byValue.set(value, (its.byValue.get(value) ?? 0) + 1)
        }
      }
    }
  }

  read(rule: number, resource: Resource): TagReading {
    return this.readers[rule]!.read(resource.tags)
  }

  /** What speaks for which value. With `hide`, as if the resource itself did not have the tag. */
  votes(rule: number, resource: Resource, hide = false): ReadonlyArray<Vote> {
    const reader = this.readers[rule]!
    const { raw, valid } = reader.read(resource.tags)
    const votes: Array<Vote> = []
    for (const kin of this.#kinOf(resource)) {
      const counts = this.#counts[rule]!.get(kin.key)
      // The resource is no evidence for itself, whatever its tag is.
      const own = valid === undefined ? 0 : 1
      const of = (counts?.of ?? 0) - own
      if (counts === undefined || of <= 0) continue
      const most = topOf(counts.byValue, valid)
      for (const [value, agreeing] of most) {
        votes.push({
          source: kin.source,
          value,
          share: agreeing / (of + 1),
          agreeing,
          of,
          text: `${agreeing} of ${of} with this tag in ${kin.label} have ${JSON.stringify(value)}`
        })
      }
    }
    for (const token of nameTokens(nameOf(resource))) {
      const value = valueNamed(token, reader.values)
      if (value === undefined) continue
      const text = `${JSON.stringify(token)} in its name stands for ${JSON.stringify(value)}`
      votes.push({ source: "name", value, share: 1, agreeing: 1, of: 1, text })
    }
    if (!hide && raw !== undefined) {
      const value = valid ?? valueNamed(raw, reader.values)
      if (value !== undefined) {
        const text = `the tag's value now, ${JSON.stringify(raw)}, stands for ${JSON.stringify(value)}`
        votes.push({ source: "own-value", value, share: 1, agreeing: 1, of: 1, text })
      }
    }
    return votes
  }

  #kinOf(resource: Resource): ReadonlyArray<Kin> {
    const { arn, id } = resource
    return kinOf(resource, this.#creators?.get(arn)).filter(({ key, source }) =>
      source !== "attachment" || !(key.endsWith(` ${id}`) || key.endsWith(` ${arn}`)) ||
      this.#attached.has(id) || this.#attached.has(arn)
    )
  }
}

const nameOf = ({ id, name, tags }: Resource): string =>
  name ?? (tags !== null && Object.hasOwn(tags, "Name") ? tags.Name! : id)

/** The most common values, one of them less where the resource itself has it. */
const topOf = (byValue: ReadonlyMap<string, number>, own: string | undefined): ReadonlyArray<readonly [string, number]> => {
  const top: Array<readonly [string, number]> = []
  for (const [value, count] of byValue) {
    const agreeing = value === own ? count - 1 : count
    if (agreeing <= 0 || (top.length === mostValues && agreeing <= top[mostValues - 1]![1])) continue
    top.push([value, agreeing])
    // Of two as common the first in code unit order, so that the answer does not depend on the order of resources.
    top.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    if (top.length > mostValues) top.pop()
  }
  return top
}
