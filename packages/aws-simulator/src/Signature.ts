/**
 * Checking AWS Signature Version 4.
 *
 * @since 0.1.0
 */
import { createHash, createHmac } from "node:crypto"
import { type Scope, secretFor } from "./Credentials.ts"
import type { Request } from "./Protocol.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

/** RFC 3986: `encodeURIComponent` leaves five characters too many alone. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** Whether the signature of a request is the one that its secret makes. */
export const isValid = (request: Request, scope: Scope): boolean => {
  const header = (name: string) => String(request.headers[name] ?? "").trim().replace(/\s+/gu, " ")
  // Every service but S3 encodes the path a second time.
  const path = scope.service === "s3" ? request.path : request.path.split("/").map(encode).join("/")
  const query = request.query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [key = "", value = ""] = part.split("=")
      return `${encode(decodeURIComponent(key))}=${encode(decodeURIComponent(value))}`
    })
    .toSorted()
    .join("&")
  const headers = scope.signedHeaders.map((name) => `${name}:${header(name)}\n`).join("")
  const payload = header("x-amz-content-sha256") || sha256(request.body)
  const canonical = [request.method, path, query, headers, scope.signedHeaders.join(";"), payload].join("\n")
  const place = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), place, sha256(canonical)].join("\n")
  const key = [scope.region, scope.service, "aws4_request"].reduce(
    (made, part) => hmac(made, part),
    hmac(`AWS4${secretFor(scope.accessKeyId)}`, scope.date)
  )
  return hmac(key, text).toString("hex") === scope.signature
}
