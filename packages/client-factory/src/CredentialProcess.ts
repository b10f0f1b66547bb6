/**
 * Credentials by a program that a profile names (`credential_process`).
 *
 * @since 0.1.0
 */
import { CredentialsProviderError } from "@smithy/core/config"
import type { AwsCredentialIdentity } from "@smithy/types"
import { spawn } from "node:child_process"

/**
 * A profile's `credential_process`, as the configuration file has it.
 *
 * @category models
 * @since 0.1.0
 */
export interface CredentialProcess {
  readonly profile: string
  readonly command: string
}

/**
 * Runs the program and reads what it prints, as the SDK would; but what goes
 * wrong is told in its own words: which profile and program, how it ended, the
 * first line that it wrote to its error output, and what to do. The program's
 * arguments and its output may be secrets and are never told.
 *
 * Rejects with the SDK's `CredentialsProviderError`, after `withinMs`
 * milliseconds at the latest, and so that no other credentials are looked for: a
 * program that fails must not become the machine's role.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (process: CredentialProcess, withinMs: number): Promise<AwsCredentialIdentity> =>
  // @effect-diagnostics-next-line newPromise:off -- a credential provider of the SDK is a promise
  new Promise((resolve, reject) => {
    const child = spawn(process.command, { shell: true, stdio: ["ignore", "pipe", "pipe"], windowsHide: true })
    let stdout = ""
    let stderr = ""
    const end = (settle: () => void): void => {
      clearTimeout(overdue)
      // What it has started itself may hold them open.
      child.stdout.destroy()
      child.stderr.destroy()
      settle()
    }
    const fail = (problem: string): void =>
      end(() => reject(new CredentialsProviderError(said(process, problem, stderr), { tryNextLink: false })))
    const overdue = setTimeout(() => {
      child.kill("SIGKILL")
      fail(
        `has printed nothing whole within ${withinMs / 1000} s (nobody can answer it here; AWS_CALL_TIMEOUT_SECONDS ` +
          "gives it longer)"
      )
    }, withinMs)
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length <= mostPrinted) stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length <= mostPrinted) stderr += text
    })
    child.once("error", (error) => fail(`cannot be started: ${error.message.replaceAll(process.command, "…")}`))
    child.once("close", (code, signal) => {
      if (code === 127 || code === 9009) return fail(`was not found (it ended with ${code})`)
      if (code === 126) return fail("may not be run (it ended with 126)")
      if (code !== 0) return fail(signal === null ? `ended with ${code}` : `was ended by ${signal}`)
      const identity = identityIn(stdout)
      if (typeof identity === "string") fail(identity)
      else end(() => resolve(identity))
    })
  })

/** More than any credentials have, in characters. */
const mostPrinted = 256 * 1024

/** What a program printed, or what is wrong with it. */
const identityIn = (stdout: string): AwsCredentialIdentity | string => {
  const printed = jsonOf(stdout)
  if (printed === undefined) {
    return stdout.trim() === "" ? "ended well, but printed nothing" : "printed something else than one JSON object"
  }
  const text = (key: string): string | undefined => {
    const value = printed[key]
    return typeof value === "string" && value !== "" ? value : undefined
  }
  if (printed["Version"] !== 1) return "printed JSON without \"Version\": 1"
  const accessKeyId = text("AccessKeyId")
  const secretAccessKey = text("SecretAccessKey")
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return "printed JSON without AccessKeyId and SecretAccessKey"
  }
  const [sessionToken, expires, accountId] = [text("SessionToken"), text("Expiration"), text("AccountId")]
  // @effect-diagnostics-next-line globalDate:off -- the SDK's credentials have one
  const expiration = expires === undefined ? undefined : new Date(expires)
  if (expiration !== undefined && Number.isNaN(expiration.getTime())) return "printed an Expiration that is no date"
  // @effect-diagnostics-next-line globalDate:off -- as the SDK reads it, by the machine's own clock
  if (expiration !== undefined && expiration.getTime() < Date.now()) return "printed credentials that have expired"
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
    ...(accountId === undefined ? {} : { accountId })
  }
}

const jsonOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const said = ({ command, profile }: CredentialProcess, problem: string, stderr: string): string => {
  const { hasMore, program } = programIn(command)
  const line = firstLine(stderr, command)
  return `the credential_process of profile "${profile}" (${program}${hasMore ? " …" : ""}) ${problem}` +
    `${line === "" ? "" : `: ${line}`}. Run it yourself, as it stands in the AWS configuration file, and see what it prints`
}

/** The program of a command: its first word that is no setting of a variable. */
const programIn = (command: string): { readonly program: string; readonly hasMore: boolean } => {
  const words = wordsOf(command)
  const at = Math.max(0, words.findIndex((word) => !/^\w+=/u.test(word)))
  return { program: shortened(words[at] ?? "", 120), hasMore: words.length > at + 1 }
}

const wordsOf = (command: string): ReadonlyArray<string> =>
  (command.match(/"[^"]*"|'[^']*'|\S+/gu) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/u, "$2"))

/** The first line that says anything, without control characters and secrets, no longer than 200 characters. */
const firstLine = (stderr: string, command: string): string => {
  const line = stderr.split(/[\r\n]+/u).map(visible).find((text) => text !== "") ?? ""
  // Usage messages repeat what they were given.
  const given = wordsOf(command).slice(1).flatMap((word) => [word, ...word.split("=").slice(1)])
    .filter((word) => word.length >= 4).toSorted((a, b) => b.length - a.length)
  const told = given.reduce((text, word) => text.replaceAll(word, "…"), line)
  return shortened(secrets.reduce((text, [form, instead]) => text.replaceAll(form, instead), told), 200).replace(/[.:\s]+$/u, "")
}

const visible = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- colours, and whatever else a terminal would obey
  text.replaceAll(/\u001b\[[\d;?]*[A-Za-z]|[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu, " ").trim()

const shortened = (text: string, length: number): string => text.length > length ? `${text.slice(0, length)}…` : text

const secrets: ReadonlyArray<readonly [form: RegExp, instead: string]> = [
  [/\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b/gu, "…"],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+@/giu, "$1…@"],
  [/\b(bearer|basic)\s+\S+/giu, "$1 …"],
  [/((?:password|passwd|pwd|passphrase|secret|token|key|code)["']?\s*[=:]\s*["']?)[^\s"',;&]+/giu, "$1…"],
  // Keys, tokens, digests: what is so long has no word in it.
  [/[\w+=-]{32,}/gu, "…"]
]
