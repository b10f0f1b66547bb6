/**
 * From scores to confidences that mean what they say: of the suggestions made
 * with 0.7, seven in ten are right.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** A candidate of which is known whether it was right. */
export interface Outcome {
  readonly score: number
  readonly hit: boolean
}

/** So many outcomes at least stand behind each level of confidence. */
const fewest = 20

/** Fewer outcomes say nothing: scores are taken for what they are, with caution. */
const fewestInAll = 40

const caution = 0.75

/**
 * Isotonic regression (pool adjacent violators): the higher the score, the
 * higher the confidence, as often right as was seen. Between the levels it is
 * interpolated.
 *
 * @see https://www.cs.cornell.edu/~alexn/papers/calibration.icml05.crc.rev3.pdf
 */
export const calibrate = (outcomes: ReadonlyArray<Outcome>): (score: number) => number => {
  if (outcomes.length < fewestInAll) return (score) => bounded(score * caution)
  const levels: Array<{ score: number; hits: number; count: number }> = []
  for (const { hit, score } of outcomes.toSorted((a, b) => a.score - b.score)) {
    levels.push({ score, hits: hit ? 1 : 0, count: 1 })
    for (;;) {
      const last = levels.at(-1)!
      const previous = levels.at(-2)
      if (previous === undefined) break
      if (rateOf(previous) < rateOf(last) && previous.count >= fewest) break
      levels.splice(-2, 2, {
        score: (previous.score * previous.count + last.score * last.count) / (previous.count + last.count),
        hits: previous.hits + last.hits,
        count: previous.count + last.count
      })
    }
  }
  return (score) => {
    const at = levels.findIndex((level) => level.score >= score)
    if (at === 0) return bounded(rateOf(levels[0]!))
    if (at < 0) return bounded(rateOf(levels.at(-1)!))
    const [below, above] = [levels[at - 1]!, levels[at]!]
    const share = (score - below.score) / (above.score - below.score)
    return bounded(rateOf(below) + share * (rateOf(above) - rateOf(below)))
  }
}

/** Nothing was ever seen often enough to be certain. */
const rateOf = ({ count, hits }: { readonly hits: number; readonly count: number }): number => (hits + 0.5) / (count + 1)

const bounded = (confidence: number): number => Math.round(Math.min(0.99, Math.max(0.01, confidence)) * 1000) / 1000

/**
 * One tenth of the scale of confidence: what was promised there, and what was kept.
 *
 * @category models
 * @since 0.1.0
 */
export const CalibrationBin = Schema.Struct({
  from: Schema.Finite,
  count: Schema.Natural,
  meanConfidence: Schema.Finite,
  hitRate: Schema.Finite
})
/** @since 0.1.0 */
export type CalibrationBin = typeof CalibrationBin.Type

/** The outcomes by tenths of confidence; tenths without any are left out. */
export const binsOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<CalibrationBin> =>
  Array.from({ length: 10 }, (_, bin) => {
    const its = outcomes.filter(({ score }) => Math.min(9, Math.floor(score * 10)) === bin)
    return {
      from: bin / 10,
      count: its.length,
      meanConfidence: its.reduce((sum, { score }) => sum + score, 0) / its.length,
      hitRate: its.filter(({ hit }) => hit).length / its.length
    }
  }).filter(({ count }) => count > 0)

/** Expected calibration error: how far promise and truth are apart, on average over the outcomes. */
export const calibrationError = (bins: ReadonlyArray<CalibrationBin>): number => {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return bins.reduce((sum, { count, hitRate, meanConfidence }) => sum + count * Math.abs(hitRate - meanConfidence), 0) /
    Math.max(1, total)
}
