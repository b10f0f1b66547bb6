/**
 * What a missing or wrong tag should be, with the evidence and how far to trust it.
 *
 * @since 0.1.0
 */
import type { Resource } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { binsOf, calibrate, CalibrationBin, calibrationError, type Outcome } from "./Calibration.ts"
import { EvidenceIndex, type Vote } from "./EvidenceIndex.ts"
import { EvidenceSource } from "./Kinship.ts"
import type { TagPolicy } from "./TagPolicy.ts"
import { compile, type Validator } from "./Validator.ts"
import type { Rule } from "./Violation.ts"

/**
 * Why a value is suggested, in words: `of` members of a group have the tag,
 * `agreeing` of them with this value. Words of names and the tag's own value
 * speak for themselves: 1 of 1. Names in the text are quoted.
 *
 * @category models
 * @since 0.1.0
 */
export const Evidence = Schema.Struct({
  source: EvidenceSource,
  text: Schema.String,
  agreeing: Schema.Natural,
  of: Schema.Natural
})
/** @since 0.1.0 */
export type Evidence = typeof Evidence.Type

/**
 * A value that the tag may be meant to have. `confidence`, 0 to 1, is how often
 * such a suggestion proved right on tags that are known.
 *
 * @category models
 * @since 0.1.0
 */
export const Candidate = Schema.Struct({
  value: Schema.String,
  confidence: Schema.Finite,
  evidence: Schema.Array(Evidence)
})
/** @since 0.1.0 */
export type Candidate = typeof Candidate.Type

/**
 * What one required tag of one resource should be: `candidates`, best first,
 * three at most; none where nothing speaks for anything. `current` is the value
 * that is there now, where there is one.
 *
 * @category models
 * @since 0.1.0
 */
export const Suggestion = Schema.Struct({
  arn: Schema.String,
  tag: Schema.String,
  current: Schema.optionalKey(Schema.String),
  candidates: Schema.Array(Candidate)
})
/** @since 0.1.0 */
export type Suggestion = typeof Suggestion.Type

const HitRate = { tried: Schema.Natural, hits: Schema.Natural, hitRate: Schema.Finite }

/**
 * How good suggestions for one tag are: known tags were hidden, one at a time,
 * and guessed.
 *
 * - `tried`: known tags; `hits`: those whose best candidate was right (a tag without a candidate is no hit)
 * - `commonest`: what always guessing the most common value would have hit
 * - `sources`: each source by itself, where it said anything
 * - `bins`, `calibrationError`: confidence against truth; each half of the resources was judged by what
 *   the other half had taught
 *
 * @category models
 * @since 0.1.0
 */
export const TagBacktest = Schema.Struct({
  tag: Schema.String,
  ...HitRate,
  commonest: Schema.Finite,
  sources: Schema.Array(Schema.Struct({ source: EvidenceSource, ...HitRate })),
  bins: Schema.Array(CalibrationBin),
  calibrationError: Schema.Finite
})
/** @since 0.1.0 */
export type TagBacktest = typeof TagBacktest.Type

/**
 * - `suggest`: for each required tag that the resource does not have as the policy wants it, in policy order;
 *   nothing for a resource that is not judged (marked, waived, tags unknown)
 * - `backtest`: see {@link TagBacktest}, for each required tag that anybody has
 *
 * @category models
 * @since 0.1.0
 */
export interface Suggester {
  readonly suggest: (resource: Resource) => ReadonlyArray<Suggestion>
  readonly backtest: () => ReadonlyArray<TagBacktest>
}

/** Known tags that are enough to learn from; more take time and teach nothing. */
const mostLearned = 3000

const mostCandidates = 3

/**
 * Learns from the tags of `resources` what goes together.
 *
 * A tag's values are read under its name and its aliases, whatever the case;
 * only values that the policy allows are suggested, free ones in the spelling
 * that is usual.
 *
 * - `creators`: who made a resource, by ARN, where that is known
 * - `now`: decides which waivers have expired, milliseconds since 1970
 * - `validator`: says what is missing or wrong, where that is not the policy alone
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeSuggester = (
  policy: TagPolicy,
  resources: ReadonlyArray<Resource>,
  options: {
    readonly creators?: ReadonlyMap<string, string>
    readonly now?: number
    readonly validator?: Pick<Validator, "check">
  } = {}
): Suggester => {
  const validator = options.validator ?? compile(policy, options.now === undefined ? {} : { now: options.now })
  const index = new EvidenceIndex(policy.required_tags, resources, options.creators)
  const learned = new Map<number, Learning>()
  const learningOf = (rule: number): Learning => {
    const known = learned.get(rule)
    if (known !== undefined) return known
    const made = learn(index, rule, knownOf(index, rule))
    learned.set(rule, made)
    return made
  }

  return {
    suggest: (resource) => {
      const { violations } = validator.check(resource)
      return policy.required_tags.flatMap((required, rule) => {
        if (!violations.some((violation) => violation.tag === required.name && aboutIt.has(violation.rule))) return []
        const { raw } = index.read(rule, resource)
        const candidates = ranked(index.votes(rule, resource), learningOf(rule))
        return [{ arn: resource.arn, tag: required.name, ...raw === undefined ? {} : { current: raw }, candidates }]
      })
    },
    backtest: () =>
      policy.required_tags.flatMap((_, rule) => knownOf(index, rule).length === 0 ? [] : [tried(index, rule)])
  }
}

const aboutIt: ReadonlySet<Rule> = new Set([
  "missing_required_tag", "wrong_key_case", "empty_value", "invalid_value", "invalid_format"
])

/** A resource whose tag is known, and what it is. */
interface Known {
  readonly resource: Resource
  readonly value: string
}

/** The resources that have the tag, or a sample of them that is the same whatever their order. */
const knownOf = (index: EvidenceIndex, rule: number, half?: 0 | 1): ReadonlyArray<Known> =>
  index.resources.flatMap((resource) => {
    if (resource.marks !== undefined || (half !== undefined && (hash(resource.arn) & 1) !== half)) return []
    const value = index.read(rule, resource).valid
    return value === undefined ? [] : [{ resource, value, at: hash(resource.arn) }]
  }).toSorted((a, b) => a.at - b.at).slice(0, mostLearned)

/** What the known tags taught: how far each source is to be trusted, and what a score is worth. */
interface Learning {
  readonly reliability: ReadonlyMap<EvidenceSource, number>
  /** Of the best candidate, and of others: to be the best of several says something by itself. */
  readonly confidence: (score: number, isBest: boolean) => number
}

/** How far a source is trusted before anything is known, and by how many tries that counts. */
const prior: Readonly<Record<EvidenceSource, number>> = {
  "own-value": 0.95, stack: 0.9, attachment: 0.9, "auto-scaling-group": 0.9, cluster: 0.8, creator: 0.6, role: 0.7,
  name: 0.85, words: 0.5, network: 0.5, siblings: 0.3, account: 0.3
}
const priorTries = 10

const learn = (index: EvidenceIndex, rule: number, known: ReadonlyArray<Known>): Learning => {
  const seen = known.map(({ resource, value }) => ({ votes: index.votes(rule, resource, true), value }))
  const records = bySource(seen)
  const reliability = new Map(EvidenceSource.literals.map((source) => {
    const { hits, tried } = records.get(source) ?? { hits: 0, tried: 0 }
    return [source, (hits + priorTries * prior[source]) / (tried + priorTries)]
  }))
  const bests: Array<Outcome> = []
  const others: Array<Outcome> = []
  for (const { value, votes } of seen) {
    for (const [rank, candidate] of scored(votes, reliability).entries()) {
      ;(rank === 0 ? bests : others).push({ score: candidate.score, hit: candidate.value === value })
    }
  }
  const ofBest = calibrate(bests)
  const ofOthers = calibrate(others)
  return { reliability, confidence: (score, isBest) => isBest ? ofBest(score) : Math.min(ofBest(score), ofOthers(score)) }
}

/** How often each source's own best value was right. */
const bySource = (
  seen: ReadonlyArray<{ readonly votes: ReadonlyArray<Vote>; readonly value: string }>
): ReadonlyMap<EvidenceSource, { tried: number; hits: number }> => {
  const records = new Map<EvidenceSource, { tried: number; hits: number }>()
  for (const { value, votes } of seen) {
    for (const [source, its] of Map.groupBy(votes, (vote) => vote.source)) {
      const record = records.get(source) ?? { tried: 0, hits: 0 }
      record.tried++
      if (strongest(its).value === value) record.hits++
      records.set(source, record)
    }
  }
  return records
}

const strongest = (votes: ReadonlyArray<Vote>): Vote =>
  votes.reduce((best, vote) =>
    vote.share > best.share || (vote.share === best.share && vote.value < best.value) ? vote : best)

interface Scored {
  readonly value: string
  readonly score: number
  readonly votes: ReadonlyArray<Vote>
}

/**
 * The candidates, best first. Sources count as independent, the groups of one
 * source do not; a value that others contest is worth as much less.
 */
const scored = (votes: ReadonlyArray<Vote>, reliability: ReadonlyMap<EvidenceSource, number>): ReadonlyArray<Scored> => {
  const all = [...Map.groupBy(votes, ({ value }) => value)].map(([value, its]) => {
    const best = [...Map.groupBy(its, ({ source }) => source).values()].map(strongest)
    const doubt = best.reduce((rest, { share, source }) => rest * (1 - share * reliability.get(source)!), 1)
    return { value, score: 1 - doubt, votes: best }
  })
  const sum = all.reduce((total, { score }) => total + score, 0)
  return all.map((candidate) => ({ ...candidate, score: candidate.score ** 2 / sum }))
    .toSorted((a, b) => b.score - a.score || (a.value < b.value ? -1 : 1))
    .slice(0, mostCandidates)
}

const ranked = (votes: ReadonlyArray<Vote>, { confidence, reliability }: Learning): ReadonlyArray<Candidate> =>
  scored(votes, reliability).map(({ score, value, votes }, rank) => ({
    value,
    // What the tag says itself, in another form, is not among what is known to have proved right.
    confidence: votes.some(({ source }) => source === "own-value") ? reliability.get("own-value")! : confidence(score, rank === 0),
    evidence: votes
      .toSorted((a, b) => b.share * reliability.get(b.source)! - a.share * reliability.get(a.source)!)
      .map(({ agreeing, of, source, text }) => ({ source, text, agreeing, of }))
  })).toSorted((a, b) => b.confidence - a.confidence)

const tried = (index: EvidenceIndex, rule: number): TagBacktest => {
  const halves = [knownOf(index, rule, 0), knownOf(index, rule, 1)] as const
  const all = halves.flat().map(({ resource, value }) => ({ resource, value, votes: index.votes(rule, resource, true) }))
  const judged = halves.flatMap((half, at) => {
    const learning = learn(index, rule, halves[1 - at]!)
    return half.flatMap(({ resource, value }): ReadonlyArray<Outcome> => {
      const [best] = ranked(index.votes(rule, resource, true), learning)
      return best === undefined ? [] : [{ score: best.confidence, hit: best.value === value }]
    })
  })
  const bins = binsOf(judged)
  const hits = judged.filter(({ hit }) => hit).length
  const commonest = Math.max(...[...Map.groupBy(all, ({ value }) => value).values()].map(({ length }) => length))
  return {
    tag: index.readers[rule]!.rule.name,
    tried: all.length,
    hits,
    hitRate: hits / all.length,
    commonest: commonest / all.length,
    sources: [...bySource(all)].map(([source, record]) => ({ source, ...record, hitRate: record.hits / record.tried })),
    bins,
    calibrationError: calibrationError(bins)
  }
}

/** FNV-1a, 32 bits: the same sample on every machine. */
const hash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
