/**
 * Bearer tokens that are known by their hashes in a file.
 *
 * One line for each: a name, the SHA-256 of the token in hexadecimal, and where
 * it ends some day, when: `ci 9f86d0…0a08 2027-01-01T00:00:00Z`. What follows a
 * `#` is a remark. A token is at least 32 random bytes, e.g. of
 * `openssl rand -hex 32`: such a one is not found from its hash, so that no slow
 * hash is needed. The file is read again when it changes.
 *
 * @since 0.1.0
 */
import { createHash, timingSafeEqual } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { HttpSettingsError } from "./HttpSettings.ts"

/**
 * - `ownerOf`: whose a token is, by the name in the file; `undefined` when it is nobody's, or over
 *
 * @category models
 * @since 0.1.0
 */
export interface BearerTokens {
  readonly ownerOf: (token: string) => Effect.Effect<string | undefined>
}

interface Token {
  readonly name: string
  readonly hash: Buffer
  readonly endsAt: number
}

/**
 * The tokens of a file. One that cannot be used is an error at first; later, a
 * line that is wrong grants nothing, and a file that is gone grants nothing to anyone.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(path: string): Effect.fn.Return<BearerTokens, HttpSettingsError> {
  let version = yield* Effect.mapError(versionOf(path), unusable)
  let { problems, tokens } = yield* Effect.mapError(read(path), unusable)
  if (problems.length > 0) return yield* unusable(problems[0]!)
  if (tokens.length === 0) return yield* unusable("has no tokens")

  const refresh = Effect.gen(function*() {
    const found = yield* versionOf(path)
    if (found === version) return
    const changed = yield* read(path)
    version = found
    problems = changed.problems
    tokens = changed.tokens
    yield* Effect.logInfo(`AUTH_TOKENS_FILE has changed: ${tokens.length} tokens`)
    if (problems.length > 0) yield* Effect.logError(`AUTH_TOKENS_FILE ${problems.join("; ")}`)
  }).pipe(Effect.catch((problem) => {
    if (version === "") return Effect.void
    version = ""
    tokens = []
    return Effect.logError(`AUTH_TOKENS_FILE ${problem}: no token is accepted until it is back`)
  }))

  return {
    ownerOf: Effect.fnUntraced(function*(token) {
      yield* refresh
      const now = yield* Clock.currentTimeMillis
      const hash = createHash("sha256").update(token).digest()
      let owner: string | undefined
      // All of them are compared: how long it takes says nothing.
      for (const { endsAt, hash: known, name } of tokens) {
        if (timingSafeEqual(hash, known) && now < endsAt) owner = name
      }
      return owner
    })
  }
})

const unusable = (problem: string): HttpSettingsError =>
  new HttpSettingsError({
    problem: `AUTH_TOKENS_FILE ${problem}.`,
    remedy: "It has lines of a name and the SHA-256 of a token in hexadecimal, such as: ci 9f86d081…"
  })

const maxBytes = 1_048_576

const versionOf = (path: string): Effect.Effect<string, string> =>
  Effect.tryPromise({
    try: () => stat(path, { bigint: true }),
    catch: (cause) => `cannot be read (${codeOf(cause)})`
  }).pipe(Effect.flatMap(({ ctimeNs, ino, mode, mtimeNs, size }) =>
    size > maxBytes
      ? Effect.fail(`is larger than ${maxBytes} bytes`)
      : anyoneMayWrite(mode)
      ? Effect.fail("can be written by anybody on this machine: whoever does lets themselves in; chmod it to 600")
      : Effect.succeed(`${ino}/${mtimeNs}/${ctimeNs}/${size}`)
  ))

/** Windows has no such bits. Who reads it learns no token. */
const anyoneMayWrite = (mode: bigint): boolean => process.platform !== "win32" && (mode & 0o002n) !== 0n

const read = (path: string) =>
  Effect.map(
    Effect.tryPromise({ try: () => readFile(path, "utf8"), catch: (cause) => `cannot be read (${codeOf(cause)})` }),
    parse
  )

const parse = (text: string): { readonly tokens: ReadonlyArray<Token>; readonly problems: ReadonlyArray<string> } => {
  const tokens: Array<Token> = []
  const problems: Array<string> = []
  for (const [at, line] of text.split("\n").entries()) {
    const [name, hash, until, ...rest] = line.replace(/#.*$/u, "").trim().split(/\s+/u)
    if (name === undefined || name === "") continue
    const endsAt = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
    if (!/^[\w.@-]{1,64}$/u.test(name) || !/^[0-9a-f]{64}$/iu.test(hash ?? "") || Number.isNaN(endsAt) || rest.length > 0) {
      // The line itself may be a token that somebody has put there by mistake.
      problems.push(`has a mistake in line ${at + 1}`)
    } else tokens.push({ name, hash: Buffer.from(hash!, "hex"), endsAt })
  }
  return { tokens, problems }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given"
