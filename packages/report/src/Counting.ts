/**
 * Numbers as people read them.
 *
 * @since 0.1.0
 */

/**
 * `1,234 Regions`, `1 Region`.
 *
 * @since 0.1.0
 */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${grouped(number)} ${number === 1 ? one : many}`

/**
 * A whole number with its thousands set apart, on every machine alike.
 *
 * @since 0.1.0
 */
export const grouped = (number: number): string => String(number).replace(/\B(?=(?:\d{3})+$)/gu, ",")
