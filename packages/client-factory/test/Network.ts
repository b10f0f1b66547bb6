/** A corporate network: a proxy that tunnels, and one machine behind it that speaks TLS for all of AWS. */
import { Effect } from "effect"
import { once } from "node:events"
import { createServer, request } from "node:http"
import { type AddressInfo, connect, type Server, type Socket } from "node:net"
import { createServer as createTlsServer } from "node:tls"

/** The root that has signed {@link certificate}; its key is nobody's. */
export const root = `-----BEGIN CERTIFICATE-----
MIIBkTCCATegAwIBAgIUdaWF5SjaVeB12kCZHgPBJGG+EHUwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSRXhhbXBsZSBJbnNwZWN0aW9uMCAXDTI2MTEyMTE2NTkzMloY
DzIxMjYxMDI4MTY1OTMyWjAdMRswGQYDVQQDDBJFeGFtcGxlIEluc3BlY3Rpb24w
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATFSALmHqKz9w6p0xUp4FaljqJSz3JL
BCAtJfITeZYPk7BmF3S3h7yptXoGc9TyCTmFSL8cl4p7otlNXldyGhe2o1MwUTAd
BgNVHQ4EFgQUie0FhF9SkAJWd8nDYkG8C4E6lhIwHwYDVR0jBBgwFoAUie0FhF9S
kAJWd8nDYkG8C4E6lhIwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiEAlsyZW1xgZc1XPQcqinsdjoZ5PXfbLbomS8/7PEUmQG8CIDrIcCK1jt8J4Xqu
jVhValrrrf8ZjUaukTtiYZ0+oG4M
-----END CERTIFICATE-----
`

/** For names of AWS in some Regions, and for this machine. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIB/zCCAaagAwIBAgIUBnLeOnLyF4Z1SDeBfNqUTL8tRgcwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSRXhhbXBsZSBJbnNwZWN0aW9uMCAXDTI2MTEyMTE2NTkzMloY
DzIxMjYxMDI4MTY1OTMyWjAYMRYwFAYDVQQDDA1hbWF6b25hd3MuY29tMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEAp03N/w6Sls+621TfKKl3D0EwcUo/KGUPg4O
8SN5lQdZfy5SXLNzAs8sVz/qyM8L0jUVkWxrmZiIAQo+8L0s86OBxjCBwzCBgAYD
VR0RBHkwd4IZKi51cy1lYXN0LTEuYW1hem9uYXdzLmNvbYIZKi5ldS13ZXN0LTEu
YW1hem9uYXdzLmNvbYIPKi5hbWF6b25hd3MuY29tgh0qLmNuLW5vcnRoLTEuYW1h
em9uYXdzLmNvbS5jboIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBSoFj38egx4
TuiIdkQe2PnnNefIrDAfBgNVHSMEGDAWgBSJ7QWEX1KQAlZ3ycNiQbwLgTqWEjAK
BggqhkjOPQQDAgNHADBEAiBYoDxK2bXRG08rx17EPMJTZBKuaSuAhK6vxVMzaiAK
HAIgMj78hySDnmqYYrMdQYkWaI5XXk04msIxGx7wHACeX98=
-----END CERTIFICATE-----
`

/** A key for nothing but these tests. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUIE7X2M2ShGw3K9N
2zoOTM80gE1V0lEX8MRNR9X/K4WhRANCAAQCnTc3/DpKWz7rbVN8oqXcPQTBxSj8
oZQ+Dg7xI3mVB1l/LlJcs3MCzyxXP+rIzwvSNRWRbGuZmIgBCj7wvSzz
-----END PRIVATE KEY-----
`

/** A server at a free port, with all its connections ended when the scope ends. */
const listening = (make: () => Server) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = make()
        const sockets = new Set<Socket>()
        server.on("connection", (socket: Socket) => {
          sockets.add(socket)
          socket.on("error", () => {}).once("close", () => sockets.delete(socket))
        })
        await once(server.listen(0, "127.0.0.1"), "listening")
        return { server, sockets }
      }),
      ({ server, sockets }) =>
        Effect.promise(async () => {
          const closed = once(server, "close")
          server.close()
          for (const socket of sockets) socket.destroy()
          await closed
        })
    ),
    ({ server }) => ({ port: (server.address() as AddressInfo).port })
  )

/** Joins two connections; what ends one ends the other. */
const join = (one: Socket, other: Socket): void => {
  one.pipe(other)
  other.pipe(one)
  for (const [socket, peer] of [[one, other], [other, one]] as const) {
    socket.on("error", () => peer.destroy()).once("close", () => peer.destroy())
  }
}

/** A server that speaks TLS and hands what it reads on to `port`; its own port. */
export const tlsBefore = (port: number) =>
  Effect.map(
    listening(() => createTlsServer({ cert: certificate, key }, (socket) => join(socket, connect(port, "127.0.0.1")))),
    ({ port }) => port
  )

/** How a proxy answers: `hang` not at all, `close` by ending the connection. */
export type Manner = "tunnel" | "hang" | "close" | number

/** A proxy that leads every tunnel to `tlsPort` and every plain request to `plainPort`, and writes down what it was asked. */
export const proxyTo = (tlsPort: number, plainPort: number, manner: () => Manner = () => "tunnel") =>
  Effect.gen(function*() {
    const asked: Array<string> = []
    const authorizations = new Set<string | undefined>()
    const { port } = yield* listening(() =>
      createServer((incoming, outgoing) => {
        asked.push(`${incoming.method} ${incoming.url}`)
        authorizations.add(incoming.headers["proxy-authorization"])
        const how = manner()
        if (typeof how === "number") return void outgoing.writeHead(how, { "content-type": "text/html" }).end("<html>no</html>")
        const { "proxy-authorization": _, ...headers } = incoming.headers
        const { pathname, search } = new URL(incoming.url!)
        const onward = request({ port: plainPort, host: "127.0.0.1", method: incoming.method, path: pathname + search, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(outgoing)
        })
        incoming.pipe(onward)
      }).on("connect", (incoming, socket: Socket) => {
        asked.push(`CONNECT ${incoming.url}`)
        authorizations.add(incoming.headers["proxy-authorization"])
        const how = manner()
        if (how === "hang") return
        if (how === "close") return void socket.destroy()
        if (how !== "tunnel") return void socket.end(`HTTP/1.1 ${how} No\r\nContent-Length: 0\r\n\r\n`)
        const onward = connect(tlsPort, "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
          join(socket, onward)
        })
      })
    )
    return { port, asked, authorizations }
  })

/** A port at which nobody listens. */
export const deadPort = Effect.scoped(Effect.map(listening(() => createServer()), ({ port }) => port))
