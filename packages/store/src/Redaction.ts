/**
 * What looks like a secret is taken out of what is written down.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"

const mask = "[redacted]"

/** Names under which nobody keeps anything else. */
const secretName =
  /secret|password|passwd|passphrase|credential|authorization|cookie|token|private[-_]?key|access[-_]?key|api[-_]?key|encryption[-_]?key/iu

/** Secrets that are known by their form: each is what it is whatever stands around it. */
const secretForms: ReadonlyArray<readonly [form: RegExp, instead: string]> = [
  // AWS access key ids.
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/gu, mask],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu, mask],
  // JSON web tokens.
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/gu, mask],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/giu, `$1 ${mask}`],
  [/\b(?:ghp|gho|ghs|github_pat|xox[abp]|sk)[-_][\w-]{16,}/gu, mask],
  // User and password of an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/giu, `$1${mask}@`],
  [/\b(password|passwd|pwd|secret|token)=[^\s&;,]+/giu, `$1=${mask}`],
  // AWS secret access keys: 40 characters of base64 with all kinds in them, which no digest in hexadecimal has.
  [/(?<![\w/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[g-z])(?=[A-Za-z0-9/+]*[0-9])[A-Za-z0-9/+]{40}(?![\w/+=])/gu, mask]
]

/** Short texts that come again and again (names of types, of Regions, of members) and hold no secret. */
const harmless = new Set<string>()
const mostHarmless = 1000
const longestHarmless = 64

export const redactText = (text: string): string => {
  if (harmless.has(text)) return text
  const redacted = secretForms.reduce((text, [form, instead]) => text.replaceAll(form, instead), text)
  if (redacted === text && text.length <= longestHarmless && harmless.size < mostHarmless) harmless.add(text)
  return redacted
}

/** `Array.isArray` does not tell a read-only list from a record. */
export const isList = (value: Schema.Json): value is Schema.JsonArray => Array.isArray(value)

/** The same, with every secret masked; nothing is looked at more than 20 levels deep. */
export const redact = (value: Schema.Json, depth = 0): Schema.Json => {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return value
  if (depth > 20) return mask
  if (isList(value)) return value.map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [redactText(key), secretName.test(key) ? mask : redact(inner, depth + 1)])
  )
}
