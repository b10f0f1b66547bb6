/**
 * The certificate that the server shows, and its key, which are replaced while it runs.
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { Server } from "node:https"
import { createSecureContext } from "node:tls"
import * as Effect from "effect/Effect"
import { type HttpSettings, HttpSettingsError } from "./HttpSettings.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

type Files = NonNullable<HttpSettings["tls"]>

/**
 * What is in the files now. Fails where they cannot be read, and where they do
 * not belong together.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  { certFile, keyFile }: Files
): Effect.fn.Return<Certificate, HttpSettingsError> {
  const cert = yield* readPem("MCP_TLS_CERT_FILE", certFile)
  const key = yield* readPem("MCP_TLS_KEY_FILE", keyFile)
  yield* Effect.try({
    try: () => createSecureContext({ cert, key }),
    catch: (cause) =>
      new HttpSettingsError({
        problem: `MCP_TLS_CERT_FILE and MCP_TLS_KEY_FILE cannot be used (${codeOf(cause)}).`,
        remedy: "Name a certificate in PEM format and the key that belongs to it."
      })
  })
  return { cert, key }
})

/**
 * Looks at the files every ten seconds, for ever: who connects from then on is
 * shown what is in them. Nobody is disconnected. While they cannot be used, e.g.
 * because only one of them has been replaced yet, the server goes on with what
 * it has, and says so once.
 *
 * @category running
 * @since 0.1.0
 */
export const follow = Effect.fnUntraced(function*(server: Server, files: Files, begun: Certificate): Effect.fn.Return<never> {
  let shown = digestOf(begun)
  let problem: string | undefined
  const look = Effect.gen(function*() {
    const found = yield* read(files)
    const digest = digestOf(found)
    problem = undefined
    if (digest === shown) return
    server.setSecureContext({ ...found, minVersion })
    shown = digest
    yield* Effect.logInfo("MCP_TLS_CERT_FILE or MCP_TLS_KEY_FILE has changed: the new certificate is in use")
  }).pipe(Effect.catch((error) => {
    if (problem === error.problem) return Effect.void
    problem = error.problem
    return Effect.logError(`${error.problem} The certificate from before stays in use.`)
  }))
  return yield* look.pipe(Effect.delay("10 seconds"), Effect.forever)
})

/**
 * The oldest version of TLS that is spoken.
 *
 * @category constants
 * @since 0.1.0
 */
export const minVersion = "TLSv1.2"

const digestOf = ({ cert, key }: Certificate): string =>
  createHash("sha256").update(createHash("sha256").update(cert).digest()).update(key).digest("base64")

const readPem = (name: string, path: string) =>
  Effect.tryPromise({
    try: () => readFile(path),
    catch: (cause) =>
      new HttpSettingsError({ problem: `${name} cannot be read (${codeOf(cause)}).`, remedy: "Name a file in PEM format." })
  })

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given"
