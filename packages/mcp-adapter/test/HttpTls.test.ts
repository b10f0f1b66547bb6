import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { request } from "node:https"
import { join } from "node:path"
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
})
