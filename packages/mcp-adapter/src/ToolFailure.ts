/**
 * What is said when a tool cannot answer: what happened, why, and what to do.
 * Never a credential, a path of this machine, or a stack trace.
 *
 * @since 0.1.0
 */
import { AwsError, type CellReason } from "@cadastre/model"
import { Untrusted } from "@cadastre/report"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { clipped } from "./Budget.ts"
import type { ToolError } from "./Tool.ts"

/**
 * A request that cannot be answered as it is, and what to ask instead.
 *
 * @category errors
 * @since 0.1.0
 */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  why: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.why} ${this.remedy}`
  }
}

/**
 * What to say of a failure.
 *
 * @category getters
 * @since 0.1.0
 */
export const explain = (cause: Cause.Cause<unknown>): string => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (Schema.is(AwsError)(error)) return explainAws(error)
  if (isToolError(error)) return safe(error.message, 4000)
  return Cause.hasInterruptsOnly(cause)
    ? "The call was cancelled."
    : "The server could not answer because of a fault of its own. Its log, on standard error, says more. " +
      "Call again; if it fails again, report it."
}

const isToolError = (error: unknown): error is ToolError => error instanceof Error && "_tag" in error

const explainAws = ({ operation, reason, region, requestId }: AwsError): string =>
  [
    `${operation} in ${region} failed (${reason._tag}).`,
    `AWS says: ${quoted(reason.message)}${requestId === undefined ? "" : ` (request ${quoted(requestId)})`}`,
    advice({ error: reason._tag, message: reason.message, operation })
  ].join("\n")

/**
 * What to do about a failed AWS call.
 *
 * @category getters
 * @since 0.1.0
 */
export const advice = ({ error, message, operation = "the operation" }: CellReason): string => {
  switch (error) {
    case "AccessDenied":
      return /service control policy/iu.test(message)
        ? `A service control policy denies it: only the organisation's administrators can allow ${operation}.`
        : `Allow ${operation} for the principal in use; the command "cadastre iam-policy" prints all that is needed.`
    case "Throttled":
      return "Call again in a minute, or for fewer Regions and types at once."
    case "RegionDisabled":
      return "Leave the Region out, or enable it in the account."
    case "InvalidCredentials":
      return "Give the server working credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), " +
        "then call again."
    case "ExpiredToken":
      return "Log in again where the server runs, e.g. with aws sso login, then call again."
    case "TimedOut":
    case "Network":
      return "Check the network (proxy, VPC endpoints, AWS_ENDPOINT_URL) where the server runs, then call again."
    case "Interrupted":
      return "Call again and let it finish."
    default:
      return "Call again; if it fails again, report it with the request id."
  }
}

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

const withoutSecrets = (text: string): string =>
  secrets.reduce((said, [form, instead]) => said.replaceAll(form, instead), text)

const secrets: ReadonlyArray<readonly [form: RegExp, instead: string]> = [
  [/\n\s+at .*/gu, ""],
  // Access key ids, whatever their kind.
  [/\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{12,}\b/gu, "[key]"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/giu, "$1 [secret]"],
  [
    /([\w-]*(?:secret|passw|token|credential|signature|api_?key)[\w-]*["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/giu,
    "$1[secret]"
  ],
  // Connection strings.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/giu, "$1[secret]@"],
  // 40 characters of base64 are a secret access key or something as private; a hash in hexadecimal is none.
  [/(?<![\w/+=-])(?![0-9a-f]{40}(?![\w/+=]))[A-Za-z0-9/+]{40}(?![\w/+=-])/gu, "[secret]"],
  // Absolute paths; ARNs and addresses have something before their first slash.
  [/(?<![\w:/.~*\])-])(?:file:\/\/)?\/[\w.@~-]+(?:\/[\w.@~+-]*)+/gu, "[path]"],
  [/\bfile:\/\/\S+/gu, "[path]"],
  [/(?<![\w])[A-Za-z]:\\[^\s"']+/gu, "[path]"]
]
