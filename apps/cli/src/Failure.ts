/**
 * How a command ends that does not end well: one message, one exit code.
 */
import type { Coverage } from "@cadastre/model"
import * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/**
 * The exit codes, besides 0 for complete and clean.
 *
 * - `violations`: complete, but the policy is broken above the threshold asked for
 * - `usage`: the command, a setting or the policy is wrong; nothing was scanned
 * - `incomplete`: some of the scope could not be seen
 * - `credentials`: there are none, or AWS does not accept them
 * - `interrupted`: by a signal
 */
export const ExitCode = { violations: 1, usage: 2, incomplete: 3, credentials: 4, interrupted: 130 } as const

/** `message` says what is wrong, why, and what to do. It is the last thing on stderr. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", {
  exitCode: Schema.Int,
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = this.exitCode
  override readonly [Runtime.errorReported] = false
  override get [CliError.userMessage](): string {
    return `cadastre: ${this.message}`
  }
}

/** The command did its work and said so; only the exit code is left to say. */
export class ExitWith extends Schema.TaggedError<ExitWith>()("ExitWith", { exitCode: Schema.Int }) {
  override readonly [Runtime.errorExitCode] = this.exitCode
  override readonly [Runtime.errorReported] = false
}

/** Never 0 with missing data, unless the user said so. */
export const exitUnlessComplete = (
  coverage: Coverage.Coverage,
  flags: { readonly allowIncomplete: boolean }
): Effect.Effect<void, ExitWith> =>
  coverage.complete || flags.allowIncomplete
    ? Effect.void
    : Effect.fail(new ExitWith({ exitCode: ExitCode.incomplete }))

interface AnyError {
  readonly _tag: string
  readonly message: string
  readonly reason?: unknown
  readonly operation?: unknown
}

/** Reads any error of the libraries as a failure of the command. */
export const failureOf = (error: AnyError): Failure | ExitWith => {
  if (error instanceof Failure || error instanceof ExitWith) return error
  const { message } = error
  switch (error._tag) {
    case "AwsError":
      return new Failure(awsFailure(message, reasonTag(error.reason), error.operation))
    case "ConfigError":
      return new Failure({ exitCode: ExitCode.usage, message: `A setting is wrong. ${plain(message)}` })
    case "PolicyError":
      return new Failure({ exitCode: ExitCode.usage, message: `The policy cannot be used.\n${message}` })
    case "AccountFileError":
      return new Failure({ exitCode: ExitCode.usage, message: `The accounts file cannot be used.\n${message}` })
    case "OwnScannersError":
      return new Failure({ exitCode: ExitCode.usage, message: `The configuration file cannot be used.\n${message}` })
    case "MultiRegionScanError":
      return new Failure({ exitCode: ExitCode.incomplete, message })
    case "CostError":
      return new Failure({ exitCode: ExitCode.incomplete, message })
    case "NoMemoryError":
    case "SnapshotError":
    case "StoreError":
    case "CipherError":
    case "ReportFormatError":
    case "CostPeriodError":
    case "AccountFilterError":
    case "ArnCountError":
    case "PolicyNotFound":
    case "RegionFilterError":
    case "UnknownTypeError":
    case "DefaultRegionError":
      return new Failure({ exitCode: ExitCode.usage, message })
    default:
      return new Failure({ exitCode: 1, message: `${error._tag}: ${message}` })
  }
}

/** A schema's message without the wrapping that is for programmers. */
const plain = (message: string): string => message.replace(/^SchemaError\(/u, "").replace(/\n\s+at \[[^\n]*\]\)$/u, "")

const reasonTag = (reason: unknown): string =>
  typeof reason === "object" && reason !== null && "_tag" in reason ? String(reason._tag) : ""

const awsFailure = (
  message: string,
  reason: string,
  operation: unknown
): { readonly exitCode: number; readonly message: string } => {
  switch (reason) {
    case "InvalidCredentials":
      return {
        exitCode: ExitCode.credentials,
        message: `AWS credentials are missing or not accepted. ${message}\n` +
          "Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, or log in " +
          "with `aws sso login`."
      }
    case "ExpiredToken":
      return { exitCode: ExitCode.credentials, message: `The AWS session is over. ${message}` }
    default:
      return {
        exitCode: ExitCode.incomplete,
        message: typeof operation === "string" && operation.startsWith("organizations:")
          ? `The accounts of the organization are not known. ${message}`
          : `AWS could not be asked who we are. ${message}`
      }
  }
}
