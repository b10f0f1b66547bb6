/**
 * Amounts of money, exactly.
 *
 * @since 0.1.0
 */

/**
 * An amount in millionths of a millionth (10⁻¹²) of its currency's unit. Whole numbers: they add up the same in
 * any order, and shares never come to more than what was shared.
 *
 * @category models
 * @since 0.1.0
 */
export type Money = bigint

const digits = 12

/** @since 0.1.0 */
export const unit: Money = 10n ** BigInt(digits)

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/u

/**
 * Reads a decimal number such as `12.5`, `-3` or `1.2E-7`, `undefined` where it is none. What is smaller than
 * 10⁻¹² is rounded down, so that nothing grows by being read.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Money | undefined => {
  const [matched, sign, whole = "", fraction = "", exponent = "0"] = decimal.exec(text.trim()) ?? []
  if (matched === undefined || whole + fraction === "") return undefined
  const shift = digits + Number(exponent) - fraction.length
  const significant = BigInt(whole + fraction)
  if (shift >= 0) return sign === "-" ? -(significant * 10n ** BigInt(shift)) : significant * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const kept = significant / divisor
  return sign !== "-" ? kept : kept * divisor === significant ? -kept : -kept - 1n
}

/**
 * As a number of the currency's units, e.g. dollars: the nearest that there is.
 *
 * @category conversions
 * @since 0.1.0
 */
export const toNumber = (amount: Money): number => Number(amount) / Number(unit)

/**
 * In millionths of the currency's unit, rounded down: what `Tally.gapMicros` counts in.
 *
 * @category conversions
 * @since 0.1.0
 */
export const toMicros = (amount: Money): number => {
  const micro = unit / 1_000_000n
  const kept = amount / micro
  return Number(amount < 0n && kept * micro !== amount ? kept - 1n : kept)
}

/**
 * Shares an amount out by weights: rounded down, and what is left over goes to the first ones, so that the shares
 * come to the amount exactly. Nothing is shared out where there is nothing to share or no weight.
 *
 * @category combinators
 * @since 0.1.0
 */
export const share = (amount: Money, weights: ReadonlyArray<bigint>): ReadonlyArray<Money> => {
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  if (amount <= 0n || total <= 0n) return weights.map(() => 0n)
  const shares = weights.map((weight) => amount * weight / total)
  let left = amount - shares.reduce((sum, one) => sum + one, 0n)
  return shares.map((one, at) => {
    if (left === 0n || weights[at] === 0n) return one
    left--
    return one + 1n
  })
}
