/**
 * Attributes that nobody reads in the database: AES-256-GCM, under a key that is
 * kept elsewhere.
 *
 * @since 0.1.0
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { Resource } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { isList } from "./Redaction.ts"

/**
 * A resource as it is stored. `sealed`: the attributes that are not in
 * `attributes`, encrypted: `v1.<key id>.<nonce, tag and text in base64url>`.
 *
 * @category models
 * @since 0.1.0
 */
export const StoredResource = Schema.Struct({ ...Resource.fields, sealed: Schema.optionalKey(Schema.String) })
/** @since 0.1.0 */
export type StoredResource = typeof StoredResource.Type

/**
 * Encrypted attributes cannot be read: the key is not at hand, or they are not
 * what was written. `message` says which, and names the key by its id.
 *
 * @category errors
 * @since 0.1.0
 */
export class CipherError extends Schema.TaggedError<CipherError>()("CipherError", { message: Schema.String }) {}

/**
 * - `seal`: takes the configured attributes out and encrypts them
 * - `open`: puts them back
 *
 * @category models
 * @since 0.1.0
 */
export interface Cipher {
  readonly seal: (resource: Resource) => StoredResource
  readonly open: (stored: StoredResource) => Effect.Effect<Resource, CipherError>
}

/**
 * By default nothing is encrypted, and nothing can be decrypted.
 *
 * @category services
 * @since 0.1.0
 */
export class AttributeCipher extends Context.Reference<Cipher>("@cadastre/store/AttributeCipher", {
  defaultValue: (): Cipher => make({ keys: [], paths: [] })
}) {}

/**
 * Encrypts under the first key; the others still decrypt, so that a key can be
 * replaced. A key is 32 bytes. A path names an attribute, `attributes.environment`,
 * or one in it, `attributes.policy.statements`; in a list, of each of its elements.
 * `attributes` alone are all.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly keys: ReadonlyArray<Redacted.Redacted<Uint8Array>>
  readonly paths: ReadonlyArray<string>
}): Cipher => {
  const keys = new Map(options.keys.map((key) => [idOf(Redacted.value(key)), Redacted.value(key)]))
  const [current] = keys
  const paths = options.paths.map((path) => path.split(".").slice(1))

  return {
    seal: (resource) => {
      if (current === undefined || paths.length === 0) return resource
      const taken: Array<readonly [place: Place, value: Schema.Json]> = []
      let attributes: Schema.Json = resource.attributes
      for (const path of paths) attributes = take(attributes, path, [], taken)
      if (taken.length === 0) return resource
      const [id, key] = current
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(contextOf(resource))
      const text = Buffer.concat([cipher.update(JSON.stringify(taken), "utf8"), cipher.final()])
      const sealed = `v1.${id}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url")}`
      return { ...resource, attributes: attributes as Resource["attributes"], sealed }
    },
    open: ({ sealed, ...resource }) =>
      Effect.suspend(() => {
        if (sealed === undefined) return Effect.succeed(resource)
        const [version, id = "", body = ""] = sealed.split(".")
        const key = keys.get(id)
        if (version !== "v1" || key === undefined) {
          return new CipherError({
            message: `Attributes of ${resource.arn} are encrypted under the key ${id}, which is none of the ` +
              `${keys.size} keys at hand: set ENCRYPTION_KEY or ENCRYPTION_OLD_KEYS`
          })
        }
        try {
          const bytes = Buffer.from(body, "base64url")
          const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 })
            .setAAD(contextOf(resource))
            .setAuthTag(bytes.subarray(12, 28))
          const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8")
          let attributes: Schema.Json = resource.attributes
          for (const [place, value] of decodeTaken(JSON.parse(text)).toReversed()) attributes = put(attributes, place, value)
          return Effect.succeed({ ...resource, attributes: attributes as Resource["attributes"] })
        } catch {
          // Not what went wrong: that could quote what is secret.
          return new CipherError({
            message: `Encrypted attributes of ${resource.arn} are not what was written under the key ${id}`
          })
        }
      })
  }
}

type Place = ReadonlyArray<string | number>

const decodeTaken = Schema.decodeUnknownSync(
  Schema.Array(Schema.Tuple([Schema.Array(Schema.Union([Schema.String, Schema.Int])), Schema.Json]))
)

/** What is encrypted belongs to one resource: it cannot be put to another. */
const contextOf = ({ arn }: { readonly arn: string }): Buffer => Buffer.from(`cadastre/attributes/${arn}`)

const idOf = (key: Uint8Array): string => createHash("sha256").update("cadastre/key/").update(key).digest("hex").slice(0, 8)

const isRecord = (value: Schema.Json | undefined): value is Schema.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value without what is at the path; that, and where it was, goes into `taken`. Lists keep their length. */
const take = (
  value: Schema.Json,
  path: ReadonlyArray<string>,
  place: Place,
  taken: Array<readonly [Place, Schema.Json]>
): Schema.Json => {
  const [key, ...rest] = path
  if (key === undefined) {
    if (isRecord(value) && Object.keys(value).length === 0) return value
    taken.push([place, value])
    return isRecord(value) ? {} : null
  }
  if (isList(value)) return value.map((item, index) => take(item, path, [...place, index], taken))
  if (!isRecord(value) || !Object.hasOwn(value, key)) return value
  if (rest.length > 0) {
    const inner = take(value[key]!, rest, [...place, key], taken)
    return Object.fromEntries(Object.entries(value).map(([name, old]) => [name, name === key ? inner : old]))
  }
  taken.push([[...place, key], value[key]!])
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

const put = (value: Schema.Json, place: Place, secret: Schema.Json): Schema.Json => {
  const [key, ...rest] = place
  if (key === undefined) return secret
  if (isList(value)) return value.map((item, index) => index === key ? put(item, rest, secret) : item)
  const record = isRecord(value) ? value : {}
  const name = `${key}`
  const old = Object.hasOwn(record, name) ? record[name]! : {}
  return Object.fromEntries([...Object.entries(record).filter(([other]) => other !== name), [name, put(old, rest, secret)]])
}

const keyBytes = (text: string): Uint8Array | undefined => {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/iu.test(trimmed)) return Buffer.from(trimmed, "hex")
  if (!/^[A-Za-z0-9+/_-]{43}=?$/u.test(trimmed)) return undefined
  return Buffer.from(trimmed.replaceAll("-", "+").replaceAll("_", "/"), "base64")
}

/** A setting whose value is never shown: not even when it is wrong. */
const secret = (name: string, isRight: (text: string) => boolean, expected: string) =>
  Config.option(Config.schema(
    Schema.String.check(Schema.makeFilter((text: string) => isRight(text) || `${name} is not ${expected}`)),
    name
  ))

const words = (text: string): ReadonlyArray<string> => text.split(",").map((word) => word.trim()).filter((word) => word !== "")
const isKey = (text: string): boolean => keyBytes(text)?.length === 32
const oneKey = "a key of 32 bytes in base64 or hexadecimal: make one with `openssl rand -base64 32`"

const keyFile = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
const linesOf = (path: string): ReadonlyArray<string> => (keyFile(path) ?? "").split(/\s+/u).filter((line) => line !== "")

const Paths = Schema.String.check(Schema.makeFilter((text: string) =>
  words(text).every((path) => /^attributes(\.[^.\s]+)*$/u.test(path)) ||
  `ENCRYPTED_ATTRIBUTES is "${text}": write paths such as attributes.environment; ARN, tags and the like stay readable`
))

const settings = Config.all({
  key: secret("ENCRYPTION_KEY", isKey, oneKey),
  file: secret(
    "ENCRYPTION_KEY_FILE",
    (path) => linesOf(path).length > 0 && linesOf(path).every(isKey),
    "a file that can be read and has a key of 32 bytes in base64 or hexadecimal on each line, the current one first"
  ),
  old: secret("ENCRYPTION_OLD_KEYS", (text) => words(text).every(isKey), "a list of keys of 32 bytes, with commas between"),
  paths: Config.option(Config.schema(Paths, "ENCRYPTED_ATTRIBUTES"))
})

/**
 * The cipher of the environment: `ENCRYPTION_KEY` (32 bytes in base64 or
 * hexadecimal) or `ENCRYPTION_KEY_FILE` (one key a line, the current one first),
 * `ENCRYPTION_OLD_KEYS` (those that still decrypt) and `ENCRYPTED_ATTRIBUTES`
 * (paths, with commas between). Attributes without a key are a `ConfigError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<never, Config.ConfigError> = Layer.effect(
  AttributeCipher,
  Effect.gen(function*() {
    const { file, key, old, paths } = yield* settings
    const texts = [
      ...Option.toArray(key),
      ...Option.toArray(file).flatMap(linesOf),
      ...Option.toArray(old).flatMap(words)
    ]
    const wanted = Option.toArray(paths).flatMap(words)
    if (wanted.length > 0 && Option.isNone(key) && Option.isNone(file)) {
      // Fails, and says what to do, as any other setting that is not right.
      yield* Config.schema(
        Schema.String.check(Schema.makeFilter(() =>
          "ENCRYPTED_ATTRIBUTES is set and there is no key: set ENCRYPTION_KEY or ENCRYPTION_KEY_FILE"
        )),
        "ENCRYPTED_ATTRIBUTES"
      )
    }
    return make({ keys: texts.map((text) => Redacted.make(keyBytes(text)!)), paths: wanted })
  })
)
