/**
 * The values that a required tag has on resources, read so that different
 * spellings of one thing are one value.
 */
import type { Resource } from "@cadastre/model"
import * as LinearRegex from "./LinearRegex.ts"
import type { RequiredTag } from "./TagPolicy.ts"
import { foldKey } from "./TagPolicy.ts"

/**
 * - `valid`: the value that the policy allows, in the spelling that is suggested to others
 * - `raw`: what is there, under whatever key the policy takes for the tag's
 */
export interface TagReading {
  readonly valid: string | undefined
  readonly raw: string | undefined
}

/** Reads one required tag. */
export class TagReader {
  readonly rule: RequiredTag
  readonly #keys: ReadonlyArray<string>
  readonly #allowed: ReadonlyMap<string, string> | undefined
  readonly #regex: LinearRegex.LinearRegex | undefined
  /** Of values that are free: how often each spelling was seen, by the value without regard to case. */
  readonly #spellings = new Map<string, Map<string, number>>()

  constructor(rule: RequiredTag) {
    this.rule = rule
    this.#keys = [rule.name, ...rule.aliases ?? []].map(foldKey)
    const allowed = rule.allowed_values ?? []
    this.#allowed = allowed.length === 0 ? undefined : new Map(allowed.map((value) => [fold(value), value]))
    const regex = rule.validation_regex == null ? undefined : LinearRegex.compile(rule.validation_regex)
    this.#regex = typeof regex === "string" ? undefined : regex
  }

  /** The values that may be: those allowed, else the ones that were seen, if they are few. */
  get values(): ReadonlyArray<string> {
    if (this.#allowed !== undefined) return [...this.#allowed.values()]
    return this.#spellings.size > mostFreeValues ? [] : [...this.#spellings.keys()].map((key) => this.#usual(key))
  }

  /** Learns how values are usually spelt. */
  learn(tags: Resource["tags"]): void {
    if (this.#allowed !== undefined) return
    const raw = this.#rawOf(tags)
    if (raw === undefined || !this.#mayBe(raw)) return
    const known = this.#spellings.get(fold(raw))
    if (known === undefined) this.#spellings.set(fold(raw), new Map([[raw, 1]]))
    else known.set(raw, (known.get(raw) ?? 0) + 1)
  }

  read(tags: Resource["tags"]): TagReading {
    const raw = this.#rawOf(tags)
    if (raw === undefined) return { raw, valid: undefined }
    if (this.#allowed !== undefined) {
      const valid = this.#allowed.get(fold(raw))
      return { raw, valid: valid !== undefined && this.#mayBe(valid) ? valid : undefined }
    }
    return { raw, valid: this.#mayBe(raw) ? this.#usual(fold(raw)) : undefined }
  }

  /** The spelling seen most often, of two as often the first in code unit order. */
  #usual(folded: string): string {
    let best = folded
    let most = 0
    for (const [spelling, count] of this.#spellings.get(folded) ?? []) {
      if (count > most || (count === most && spelling < best)) [best, most] = [spelling, count]
    }
    return best
  }

  #mayBe(value: string): boolean {
    return /\S/u.test(value) && (this.#regex === undefined || this.#regex.matches(value))
  }

  #rawOf(tags: Resource["tags"]): string | undefined {
    if (tags === null) return undefined
    let found: string | undefined
    let rank = Number.POSITIVE_INFINITY
    for (const key of Object.keys(tags)) {
      const at = this.#keys.indexOf(foldKey(key))
      // The exact spelling before others, and the name before its aliases.
      const its = at < 0 ? Number.POSITIVE_INFINITY : 2 * at + (key === this.rule.name ? 0 : 1)
      if (its < rank && /\S/u.test(tags[key]!)) [found, rank] = [tags[key], its]
    }
    return found
  }
}

const mostFreeValues = 50

const fold = (value: string): string => value.trim().toLowerCase()
