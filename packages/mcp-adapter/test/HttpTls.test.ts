import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { rmSync, writeFileSync } from "node:fs"
import { request } from "node:https"
import { X509Certificate } from "node:crypto"
import { join } from "node:path"
import { connect } from "node:tls"
import * as TestClock from "effect/testing/TestClock"
import { callOf, send, serve, temporaryDirectory } from "./HttpConnection.ts"

/** A key for nothing but this test, and its certificate for localhost, which signs itself. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1JirWxtmlF/wgqc/
hDq3g/hDaEArIC98/YQzQ1zwaYqhRANCAATFjLc5kp7IOUOUyN5RxpOnKMYGg2Bs
E6TXWnmt+bKfBGp3Gm4yoVpPLtFgdpAzS3UgNqSWUQabstCuKyFZzyBG
-----END PRIVATE KEY-----
`
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUFatfdlqvKMPuGlZAgSR/ydKSFNowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MjQwMFoYDzIxMjYxMDI4
MDkyNDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATFjLc5kp7IOUOUyN5RxpOnKMYGg2BsE6TXWnmt+bKfBGp3Gm4yoVpP
LtFgdpAzS3UgNqSWUQabstCuKyFZzyBGo28wbTAdBgNVHQ4EFgQUbRiqrIq7Zbn1
n9SYtWaC+UEnn6IwHwYDVR0jBBgwFoAUbRiqrIq7Zbn1n9SYtWaC+UEnn6IwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgW0IqFqvYkf1AC46WnwSx35ahA2zEzIXat+pmOHwX6gcCIQDM
rGYMVYTZM7sVdWcCsiF5LK13JKDXaZeFFLf20sap3w==
-----END CERTIFICATE-----
`

/** The ones that replace them. */
const nextKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgw/zAEB0GLx2y8gOH
G0mpDv6Lk5JjeNIB+ko066dH0CGhRANCAAQiNkrSrhnbjijcYhZrq9B6hlb8xw9T
GZZqXacKpu6mfypZsSgerRSBrGsuVSpoxmk67zmZK80ULmERg9nWmo3r
-----END PRIVATE KEY-----
`
const nextCertificate = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUdbPPw9jtcbFdZCqIy4DjTIVnSqUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMzkxNVoYDzIxMjYxMDI4
MTEzOTE1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQiNkrSrhnbjijcYhZrq9B6hlb8xw9TGZZqXacKpu6mfypZsSgerRSB
rGsuVSpoxmk67zmZK80ULmERg9nWmo3ro28wbTAdBgNVHQ4EFgQUpLSD6DgTuU60
PVI8bLSC6GJIZZMwHwYDVR0jBBgwFoAUpLSD6DgTuU60PVI8bLSC6GJIZZMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgOPBg8AbbHrRDr4XvR3sarBW1IjtJFTu64kgKOjIxE3YCIC10
AMPzJXqEtogbBeG2uf5FB1uLZTAvaOl2ZTvzWtKI
-----END CERTIFICATE-----
`

/** The certificate that a new connection is shown. */
const shownAt = (url: string) =>
  Effect.callback<string>((resume) => {
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      resume(Effect.succeed(raw.toString("base64")))
    })
    socket.on("error", (error) => resume(Effect.die(error)))
  })

const derOf = (pem: string): string => new X509Certificate(pem).raw.toString("base64")

describe("TLS", () => {
  it.live("the server speaks it with the certificate that it is given, and nothing else", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const [certFile, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
      writeFileSync(certFile, certificate)
      writeFileSync(keyFile, key, { mode: 0o600 })
      const { mcp, url } = yield* serve({ env: { MCP_TLS_CERT_FILE: certFile, MCP_TLS_KEY_FILE: keyFile } })
      assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/u)
      const { body, ...options } = callOf("get_tagging_policy")
      const status = yield* Effect.callback<number | undefined>((resume) => {
        const sent = request(mcp, { agent: false, ca: certificate, ...options }, (response) => {
          response.resume().on("end", () => resume(Effect.succeed(response.statusCode)))
        })
        sent.on("error", (error) => resume(Effect.die(error)))
        sent.end(body)
        return Effect.sync(() => sent.destroy())
      })
      assert.strictEqual(status, 200)
      assert.strictEqual((yield* send(mcp.href.replace("https:", "http:"), callOf("get_tagging_policy"))).status, 0)
    }))

  it.effect("files that are replaced are what the next one who connects is shown, once they fit", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const [certFile, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
      writeFileSync(certFile, certificate)
      writeFileSync(keyFile, key)
      const { logs, url } = yield* serve({ env: { MCP_TLS_CERT_FILE: certFile, MCP_TLS_KEY_FILE: keyFile } })
      const problems = () => logs.filter((line) => line.includes("stays in use")).length
      /** As often as it takes until the server has looked and found it so. */
      const until = (test: () => boolean) =>
        Effect.gen(function*() {
          while (!test()) {
            yield* TestClock.adjust("10 seconds")
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          }
        })
      assert.strictEqual(yield* shownAt(url), derOf(certificate))
      writeFileSync(certFile, nextCertificate)
      yield* until(() => problems() === 1)
      assert.strictEqual(yield* shownAt(url), derOf(certificate))
      writeFileSync(keyFile, nextKey)
      yield* until(() => logs.some((line) => line.includes("has changed")))
      assert.strictEqual(yield* shownAt(url), derOf(nextCertificate))
      // What is gone is said once, and nobody is turned away for it.
      rmSync(keyFile)
      yield* until(() => problems() === 2)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* shownAt(url), derOf(nextCertificate))
      assert.strictEqual(problems(), 2)
      assert.notInclude(logs.join("\n"), folder)
    }))

  it.effect("a key of another certificate does not begin", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const [certFile, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
      writeFileSync(certFile, certificate)
      writeFileSync(keyFile, nextKey)
      const error = yield* Effect.flip(serve({ env: { MCP_TLS_CERT_FILE: certFile, MCP_TLS_KEY_FILE: keyFile } }))
      assert.match(error.message, /MCP_TLS_CERT_FILE and MCP_TLS_KEY_FILE cannot be used/u)
    }))
})
