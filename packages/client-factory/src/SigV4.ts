/**
 * Signs requests. The SDK's own signer makes a key of the credentials for each
 * call anew, just to look up the signing key.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @since 0.1.0
 */
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto"
import { escapeUri } from "@smithy/core/protocols"
import type { AwsCredentialIdentity, HttpRequest } from "@smithy/types"

/**
 * What a signature is for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scope {
  readonly region: string
  readonly service: string
  readonly date: Date
}

/**
 * Writes the headers `x-amz-date`, `x-amz-content-sha256`, `authorization` and,
 * for a session, `x-amz-security-token`. Header names are lower case already,
 * and the body is text or bytes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sign = (request: HttpRequest, credentials: AwsCredentialIdentity, scope: Scope): void => {
  const { headers } = request
  const time = scope.date.toISOString().replace(/\.\d{3}|[:-]/gu, "")
  const day = time.slice(0, 8)
  headers["x-amz-date"] = time
  if (credentials.sessionToken !== undefined) headers["x-amz-security-token"] = credentials.sessionToken
  const payload = payloadHash(request.body)
  headers["x-amz-content-sha256"] = payload
  let lines = ""
  let names = ""
  for (const name of Object.keys(headers).sort()) {
    if (unsigned.has(name)) continue
    lines += `${name}:${headers[name]!.replace(/\s+/gu, " ").trim()}\n`
    names += names === "" ? name : `;${name}`
  }
  const canonical = `${request.method}\n${canonicalPath(request.path)}\n${canonicalQuery(request.query)}\n${lines}\n${names}\n${payload}`
  const where = `${day}/${scope.region}/${scope.service}/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${where}\n${hash("sha256", canonical, "hex")}`
  const signature = createHmac("sha256", signingKey(credentials, day, scope, where)).update(toSign).digest("hex")
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${where}, SignedHeaders=${names}, Signature=${signature}`
}

/** What proxies may change or add on the way. */
const unsigned: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "expect",
  "transfer-encoding",
  "user-agent",
  "x-amzn-trace-id"
])

const emptyHash = hash("sha256", "", "hex")

const payloadHash = (body: unknown): string =>
  typeof body === "string" || body instanceof Uint8Array ? hash("sha256", body, "hex") : emptyHash

/** Every service but S3 has the path, which is encoded already, encoded once more. */
const canonicalPath = (path: string): string => {
  if (path === "/") return path
  const segments: Array<string> = []
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop()
    else if (segment !== "" && segment !== ".") segments.push(segment)
  }
  const normal = `/${segments.join("/")}${segments.length > 0 && path.endsWith("/") ? "/" : ""}`
  return escapeUri(normal).replaceAll("%2F", "/")
}

const canonicalQuery = (query: HttpRequest["query"]): string => {
  const pairs: Array<readonly [key: string, text: string]> = []
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === null) continue
    const name = escapeUri(key)
    const values = typeof value === "string" ? [value] : value
    if (values.length > 0) pairs.push([name, values.map((one) => `${name}=${escapeUri(one)}`).sort().join("&")])
  }
  return pairs.sort(([a], [b]) => a < b ? -1 : 1).map(([, text]) => text).join("&")
}

/** By the credentials that they are made of, so that they go with them. */
const signingKeys = new WeakMap<AwsCredentialIdentity, Map<string, KeyObject>>()

const signingKey = (credentials: AwsCredentialIdentity, day: string, scope: Scope, where: string): KeyObject => {
  let keys = signingKeys.get(credentials)
  if (keys === undefined) signingKeys.set(credentials, keys = new Map<string, KeyObject>())
  const known = keys.get(where)
  if (known !== undefined) return known
  // A day's worth of Regions and services: a process that runs for weeks starts over.
  if (keys.size >= 4096) keys.clear()
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
  const ofDay = hmac(`AWS4${credentials.secretAccessKey}`, day)
  // Made from bytes anew for each signature, the key would cost more than all the rest.
  const key = createSecretKey(hmac(hmac(hmac(ofDay, scope.region), scope.service), "aws4_request"))
  keys.set(where, key)
  return key
}
