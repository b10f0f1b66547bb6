/**
 * What of a text may leave this machine.
 *
 * @since 0.1.0
 */
import { Untrusted } from "@cadastre/report"
import type * as Schema from "effect/Schema"
import { clipped } from "./Budget.ts"

/**
 * The text without what must not leave this machine, cut, and with what is
 * hidden in it written out.
 *
 * @category getters
 * @since 0.1.0
 */
export const safe = (text: string, maxLength = 500): string =>
  Untrusted.visible(clipped(withoutSecrets(text), maxLength))

/**
 * The same as a Markdown code span.
 *
 * @category getters
 * @since 0.1.0
 */
export const quoted = (text: string, maxLength = 500): string =>
  Untrusted.code(clipped(withoutSecrets(text), maxLength))

/**
 * A JSON value without secrets: those that look like one, and all that is named
 * for one. Paths stay, for this is for the audit trail.
 *
 * @category getters
 * @since 0.1.0
 */
export const redacted = (value: unknown): Schema.Json => {
  if (typeof value === "string") return redactedText(value)
  if (typeof value === "number" || typeof value === "boolean") return value
  if (Array.isArray(value)) return value.map(redacted)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        redactedText(key),
        secretName.test(key) ? "[secret]" : redacted(inner)
      ])
    )
    : null
}

/** Short texts that come again and again (names of types, of Regions, of members) and hold no secret. */
const harmless = new Set<string>()
const mostHarmless = 1000
const longestHarmless = 64

const redactedText = (text: string): string => {
  if (harmless.has(text)) return text
  const left = replaced(text, secrets)
  if (left === text && text.length <= longestHarmless && harmless.size < mostHarmless) harmless.add(text)
  return left
}

const withoutSecrets = (text: string): string => replaced(text, [...secrets, ...places])

const replaced = (text: string, forms: typeof secrets): string => {
  const said = asWritten(text, forms)
  // What is in an address may be written with percent signs, and is as secret there.
  const decoded = said.replaceAll(/%([2-7][\da-f])/giu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  const hidden = decoded === said ? decoded : asWritten(decoded, forms)
  return hidden === decoded ? said : hidden
}

const asWritten = (text: string, forms: typeof secrets): string =>
  forms.reduce((said, [form, instead]) => said.replaceAll(form, instead), text)

const secretName = /secret|passw|token|credential|authorization|cookie|private[-_]?key|api[-_]?key/iu

const secrets: ReadonlyArray<readonly [form: RegExp, instead: string]> = [
  // Access key ids, whatever their kind.
  [/\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{12,}\b/gu, "[key]"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/giu, "$1 [secret]"],
  // The service secretsmanager, its actions and types, and the secret that an ARN names are only names.
  [
    /(?!(?<=:\d{12}:)secret:)([\w-]*(?:secret(?!smanager:)|passw|token|credential|signature|api_?key)[\w-]*["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/giu,
    "$1[secret]"
  ],
  // Connection strings, also those that were cut within the password; a number there is a port.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:(?:[^\s/@]+@|(?!\d+…)[^\s/@]+…)/giu, "$1[secret]@"],
  // 40 characters of base64 are a secret access key or something as private; a hash in hexadecimal is none.
  [/(?<![\w/+-])(?![0-9a-f]{40}(?![\w/+=]))[A-Za-z0-9/+]{40}(?![\w/+=-])/gu, "[secret]"],
  // The same where an address of ours is asked for; in other paths 40 characters may be a name.
  [/(?<=\bcadastre:\/\/[a-z/]*\/)[A-Za-z0-9/+]{40}(?![\w/+=-])/gu, "[secret]"]
]

const places: typeof secrets = [
  [/\n\s+at .*/gu, ""],
  // Absolute paths; ARNs and addresses have something before their first slash.
  [/(?<![\w:/.~*\])-])(?:file:\/\/)?\/[\w.@~-]+(?:\/[\w.@~+-]*)+/gu, "[path]"],
  [/\bfile:\/\/\S+/gu, "[path]"],
  [/(?<![\w])[A-Za-z]:\\[^\s"']+/gu, "[path]"]
]
