/**
 * The certificates that AWS's are checked by, where they are not the machine's:
 * those of a company whose proxy looks into what passes it.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { X509Certificate } from "node:crypto"
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { createSecureContext, type SecureContext } from "node:tls"
import * as SharedConfig from "./SharedConfig.ts"

/**
 * A file of certificates, and where it was named: a variable, or a profile's
 * `ca_bundle`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bundle {
  readonly path: string
  readonly namedBy: string
}

/**
 * The bundle that calls of a profile are checked by: of `AWS_CA_BUNDLE`, else of
 * the profile (by default the one in use); `undefined` for the machine's own.
 *
 * @category accessors
 * @since 0.1.0
 */
export const bundleOf = Effect.fnUntraced(function*(
  profile: string | undefined
): Effect.fn.Return<Bundle | undefined, Config.ConfigError> {
  const fromEnvironment = yield* Config.withDefault(Config.String(variable), "")
  if (fromEnvironment !== "") return { path: inFull(fromEnvironment), namedBy: variable }
  const path = yield* Effect.tryPromise(() => SharedConfig.caBundleOf(profile)).pipe(
    // What cannot be read is reported by the credential chain, which reads the same files.
    Effect.orElseSucceed(() => undefined)
  )
  if (path === undefined || path === "") return undefined
  return { path: inFull(path), namedBy: profile === undefined ? "ca_bundle" : `ca_bundle of profile "${profile}"` }
})

const variable = "AWS_CA_BUNDLE"

const inFull = (path: string): string => path.startsWith("~/") ? join(homedir(), path.slice(2)) : path

/**
 * Reads a bundle: certificates in PEM form, which are then the only ones trusted,
 * as with the AWS CLI. Fails with a `ConfigError` where there are none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  { namedBy, path }: Bundle
): Effect.fn.Return<SecureContext, Config.ConfigError> {
  const wrong = (problem: string) =>
    Schema.decodeUnknownEffect(
      Schema.Struct({ [variable]: Schema.String.check(Schema.makeFilter(() => `${namedBy} names ${path}, ${problem}`)) })
    )({ [variable]: path }).pipe(
      Effect.mapError((error) => new Config.ConfigError(error)),
      Effect.flatMap(() => Effect.die("it is wrong"))
    )
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "latin1"),
    catch: (cause) => cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
  }).pipe(Effect.catch((code) => wrong(`which cannot be read (${code}): name a file of certificates in PEM form`)))
  const certificates = text.match(pem) ?? []
  if (certificates.length === 0) {
    return yield* wrong("which holds no certificate: name a file of certificates in PEM form (-----BEGIN CERTIFICATE-----)")
  }
  const broken = certificates.findIndex((certificate) => !isReadable(certificate))
  if (broken >= 0) return yield* wrong(`whose certificate number ${broken + 1} of ${certificates.length} cannot be read`)
  return createSecureContext({ ca: certificates })
})

const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/gu

const isReadable = (certificate: string): boolean => {
  try {
    return new X509Certificate(certificate).raw.length > 0
  } catch {
    return false
  }
}

/**
 * An error of the network; where a certificate is signed by somebody unknown, it
 * is named for that and says what to do.
 *
 * @category combinators
 * @since 0.1.0
 */
export const explained = (error: Error & { readonly code?: unknown }): Error => {
  if (typeof error.code !== "string" || !unknownIssuer.has(error.code)) return error
  error.name = error.code
  error.message += ": where a proxy or a firewall puts its own certificates in the place of AWS's, name the file of its " +
    `root certificate in ${variable}, or add it to the one that is named there`
  return error
}

const unknownIssuer: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])
