/**
 * What is said when a tool cannot answer: what happened, why, and what to do.
 * Never a credential, a path of this machine, or a stack trace.
 *
 * @since 0.1.0
 */
import { AwsError, type CellReason } from "@cadastre/model"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { firstLines } from "./Budget.ts"
import { quoted, safe } from "./ErrorSanitiser.ts"
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
 * Nothing of what was asked about could be seen, so that there is no answer.
 *
 * - `coverage`: Markdown that says of what, why, and what to do, in which all that is AWS's is harmless already
 *
 * @category errors
 * @since 0.1.0
 */
export class NothingSeen extends Schema.TaggedError<NothingSeen>()("NothingSeen", { coverage: Schema.String }) {
  override get message(): string {
    return `**Nothing of this could be seen: there is no answer.**\n\n${this.coverage}`
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
  if (error instanceof NothingSeen) return firstLines(error.message, 4000)
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
