/**
 * Names of resources, cut into the words they are made of.
 *
 * @since 0.1.0
 */

/**
 * The words of a name, lower case, each once: cut at whatever is no letter and
 * no digit, and where lower case goes over to upper case. Words are whole:
 * `preprod` and `nonprod` do not hold `prod`. Numbers, and ids made of
 * hexadecimal digits, say nothing and are left out. What is nothing but an id
 * that AWS made up, such as `vol-0123456789abcdef0`, is no name and has no words.
 *
 * @example
 * nameTokens("payments-PreProd-web-01") // ["payments", "preprod", "web"]
 *
 * @since 0.1.0
 */
export const nameTokens = (name: string): ReadonlyArray<string> => {
  const tokens = new Set<string>()
  if (/^[a-z]+(?:-[a-z]+)*-[\da-f]{17}$/u.test(name)) return []
  for (const word of name.slice(0, longestName).split(/[^\p{L}\p{N}]+/u)) {
    if (word === "" || /^\d+$/u.test(word) || /^(?=.*\d)[\da-f]{6,}$/u.test(word)) continue
    const humps = word.split(/(?<=\p{Ll})(?=\p{Lu})/u).map((hump) => hump.toLowerCase())
    // A word with humps is one word all the same: what `PreProd` is, `Prod` alone is not.
    tokens.add(word.toLowerCase())
    if (humps.length > 1 && !humps.some((hump) => negations.has(hump))) for (const hump of humps) tokens.add(hump)
  }
  // `pre-prod` is one thing, cut in two by a hyphen.
  const ordered = [...tokens]
  for (const [at, token] of ordered.entries()) {
    const next = ordered[at + 1]
    if (next === undefined || !negations.has(token)) continue
    tokens.delete(token)
    tokens.delete(next)
    tokens.add(`${token}${next}`)
  }
  return [...tokens]
}

const longestName = 256

/** Words that turn the next one into something else. */
const negations: ReadonlySet<string> = new Set(["pre", "non", "not", "no"])

/**
 * Usual short forms, and what they are short for. Whoever means another thing by
 * one has it as an allowed value: that is looked for first.
 */
const shortForms: ReadonlyArray<ReadonlyArray<string>> = [
  ["production", "prod", "prd", "live"],
  ["staging", "stage", "stg"],
  ["development", "develop", "dev"],
  ["test", "testing", "tst"],
  ["qa", "quality"],
  ["uat", "acceptance"],
  ["preproduction", "preprod", "preprd"],
  ["nonproduction", "nonprod", "nonprd"],
  ["sandbox", "sbx", "playground"],
  ["disasterrecovery", "dr"],
  ["shared", "common"],
  ["integration", "int"],
  ["performance", "perf"],
  ["demo", "demonstration"]
]

const formsOf = new Map(shortForms.flatMap((forms) => forms.map((form) => [form, forms] as const)))

/** A value, or a word, as it is compared: without case and without what is no letter and no digit. */
const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "")

/**
 * Which of the values a word stands for: it is the value, or one is a usual
 * short form of the other. `undefined` where none, or more than one.
 *
 * @since 0.1.0
 */
export const valueNamed = (token: string, values: ReadonlyArray<string>): string | undefined => {
  const word = plain(token)
  if (word === "") return undefined
  const same = values.filter((value) => plain(value) === word)
  const found = same.length > 0 ? same : values.filter((value) => formsOf.get(word)?.includes(plain(value)) === true)
  return found.length === 1 ? found[0] : undefined
}
