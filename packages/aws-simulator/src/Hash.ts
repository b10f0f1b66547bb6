/**
 * Integer hashing: every fact of a simulated estate is a hash of its seed and its place.
 *
 * @since 0.1.0
 */

/** Spreads 32 bits over 32 bits (the "lowbias32" finaliser). */
const mix = (value: number): number => {
  let x = value | 0
  x ^= x >>> 16
  x = Math.imul(x, 0x21f0aaad)
  x ^= x >>> 15
  x = Math.imul(x, 0x735a2d97)
  x ^= x >>> 15
  return x >>> 0
}

/** A 32-bit hash of a text. */
export const hashText = (text: string, seed = 0): number => {
  let h = mix(seed ^ 0x811c9dc5)
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h)
}

/** The draw number `salt` of a hash: 32 bits. */
export const draw = (hash: number, salt: number): number => mix(hash + Math.imul(salt + 1, 0x9e3779b1))

/** The draw number `salt` of a hash as a number in [0, 1). */
export const unit = (hash: number, salt: number): number => draw(hash, salt) / 0x1_0000_0000

/** One of `choices`, all equally likely. */
export const pick = <A>(hash: number, salt: number, choices: ReadonlyArray<A>): A =>
  choices[draw(hash, salt) % choices.length]!

const digitPairs = (base: number): ReadonlyArray<string> =>
  Array.from({ length: base * base }, (_, value) => value.toString(base).padStart(2, "0"))
const hexPairs = digitPairs(16)
const base36Pairs = digitPairs(36)

/** Eight hexadecimal digits; several are written for each resource, so from a table. */
export const hex8 = (value: number): string =>
  hexPairs[value >>> 24]! + hexPairs[(value >>> 16) & 255]! + hexPairs[(value >>> 8) & 255]! + hexPairs[value & 255]!

/** Seven digits of base 36, which hold any 32 bits. */
export const base36 = (value: number): string => {
  const x = value >>> 0
  const high = Math.floor(x / 1296)
  const higher = Math.floor(high / 1296)
  const top = Math.floor(higher / 1296)
  return top.toString(36) + base36Pairs[higher % 1296]! + base36Pairs[high % 1296]! + base36Pairs[x % 1296]!
}

const OddA = 0x9e3779b1
const OddB = 0x85ebca6b

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
const inverse = (odd: number): number => {
  let x = odd
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x))
  return x
}
const InverseA = inverse(OddA)
const InverseB = inverse(OddB)

/**
 * A permutation of the 32-bit integers, so that ids look random and still
 * tell which resource they name: nothing has to be stored to find it again.
 */
export const permute = (index: number, key: number): number => {
  let x = Math.imul(index ^ key, OddA)
  x ^= x >>> 16
  x = Math.imul(x, OddB)
  x ^= x >>> 16
  return x >>> 0
}

/** Undoes {@link permute}. */
export const unpermute = (value: number, key: number): number => {
  let x = value | 0
  x ^= x >>> 16
  x = Math.imul(x, InverseB)
  x ^= x >>> 16
  return (Math.imul(x, InverseA) ^ key) >>> 0
}
