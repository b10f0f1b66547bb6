/** Calls through a proxy, over real connections, with the simulator behind it: no name of AWS is looked up here. */
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Simulator } from "@cadastre/aws-simulator"
import { RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Stream } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  Accounts,
  Aws,
  AwsClients,
  AwsSettings,
  CallMeter,
  CurrentAccount,
  CurrentRegion,
  makeCallCounts,
  Pacer
} from "../src/index.ts"
import { ProxyTunnel } from "../src/ProxyTunnel.ts"
import { deadPort, type Manner, proxyTo, root, tlsBefore } from "./Network.ts"

const own = "111122223333"
const other = "222233334444"

/** A simulated AWS behind TLS and a proxy; `bundle` is a file of the root that its certificate is signed by. */
const network = (manner?: () => Manner) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ estate: { accounts: [own, other], resources: 40, types: ["sns:topic"] } })
    const plainPort = Number(new URL(simulator.url).port)
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
    const bundle = join(folder, "roots.pem")
    writeFileSync(bundle, `# the company's\n${root}`)
    const tlsPort = yield* tlsBefore(plainPort)
    return { simulator, bundle, folder, tlsPort, proxy: yield* proxyTo(tlsPort, plainPort, manner) }
  })

const connected = (
  simulator: Simulator["Service"],
  variables: Readonly<Record<string, string>>,
  settings: { readonly endpointUrl?: string } = {}
) =>
  Accounts.layerNoDeps.pipe(
    Layer.provideMerge(Aws.Aws.layerNoDeps.pipe(Layer.provide([AwsClients.layer, Pacer.layerOff]))),
    Layer.provide(Layer.succeed(AwsSettings, { credentials: () => Promise.resolve(simulator.credentials()), ...settings })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables)))
  )

const topics = Effect.gen(function*() {
  const accounts = yield* Accounts
  const pages = Aws.list(SNSClient, ListTopicsCommand, {}, ({ Topics }) => Topics)
  const found = yield* Stream.runCollect(pages).pipe(
    Effect.provideService(CurrentAccount, yield* accounts.current),
    Effect.provideService(CurrentRegion, RegionId.make("us-east-1"))
  )
  return found.flat().length
})

describe("calls through a proxy", () => {
  it.live("go by a tunnel over TLS, with the proxy's user and password, and trust the bundle", () =>
    Effect.gen(function*() {
      const { bundle, proxy, simulator } = yield* network()
      const expected = simulator.estate.count({ region: "us-east-1", type: "sns:topic", accountId: own })
      const found = yield* Effect.provide(topics, connected(simulator, {
        HTTPS_PROXY: `http://us%40er:p%23w@127.0.0.1:${proxy.port}`,
        AWS_CA_BUNDLE: bundle
      }))
      assert.isAbove(expected, 0)
      assert.strictEqual(found, expected)
      assert.deepStrictEqual(new Set(proxy.asked), new Set(["CONNECT sts.us-east-1.amazonaws.com:443", "CONNECT sns.us-east-1.amazonaws.com:443"]))
      assert.deepStrictEqual([...proxy.authorizations], [`Basic ${Buffer.from("us@er:p#w").toString("base64")}`])
    }))

  it.live("without TLS are handed to the proxy whole", () =>
    Effect.gen(function*() {
      const { proxy, simulator } = yield* network()
      const settings = { endpointUrl: "http://aws.example.com:4566" }
      const found = yield* Effect.provide(topics, connected(simulator, { http_proxy: `127.0.0.1:${proxy.port}` }, settings))
      assert.strictEqual(found, simulator.estate.count({ region: "us-east-1", type: "sns:topic", accountId: own }))
      assert.deepStrictEqual(new Set(proxy.asked), new Set(["POST http://aws.example.com:4566/"]))
    }))

  it.live("to this machine, and to the hosts of NO_PROXY, go straight there", () =>
    Effect.gen(function*() {
      const { bundle, proxy, simulator, tlsPort } = yield* network()
      const url = `http://127.0.0.1:${proxy.port}`
      const variables = { HTTPS_PROXY: url, HTTP_PROXY: url, AWS_CA_BUNDLE: bundle }
      assert.isAbove(yield* Effect.provide(topics, connected(simulator, variables, { endpointUrl: simulator.url })), 0)
      const settings = { endpointUrl: `https://localhost:${tlsPort}` }
      assert.isAbove(yield* Effect.provide(topics, connected(simulator, variables, settings)), 0)
      // Nobody resolves this name, so it is the proxy's or nobody's.
      const left = connected(simulator, { ...variables, NO_PROXY: "aws.invalid" }, { endpointUrl: "https://sts.aws.invalid:1" })
      const error = yield* Effect.flip(Effect.provide(topics, left))
      assert.match(error.message, /aws\.invalid/u)
      assert.notInclude(error.message, "proxy")
      assert.deepStrictEqual(proxy.asked, [])
    }))

  it.live("a proxy that refuses them is named, with what to do and without its password", () =>
    Effect.gen(function*() {
      let manner: Manner = 407
      const { bundle, proxy, simulator } = yield* network(() => manner)
      const name = `127.0.0.1:${proxy.port}`
      const asking = (address: string, settings = {}) =>
        Effect.gen(function*() {
          const meter = makeCallCounts()
          const variables = { HTTPS_PROXY: address, HTTP_PROXY: address, AWS_CA_BUNDLE: bundle, AWS_MAX_RETRIES: "1" }
          const error = yield* topics.pipe(
            Effect.flip,
            Effect.provide(connected(simulator, variables, settings)),
            Effect.provideService(CallMeter, meter)
          )
          assert.notInclude(`${error.message} ${JSON.stringify(error)}`, "hunter2")
          assert.strictEqual(error._tag === "AwsError" && error.outcome, "failed")
          return { error, message: error.message, calls: meter.calls, tag: error._tag === "AwsError" ? error.reason._tag : error._tag }
        })

      const unasked = yield* asking(`http://${name}`)
      assert.include(unasked.message, `the proxy ${name} of HTTPS_PROXY asks for a user and a password (HTTP 407)`)
      assert.include(unasked.message, "write them into HTTPS_PROXY")
      assert.deepStrictEqual([unasked.tag, unasked.calls], ["Unexpected", 1], "a wrong password is not tried again: it may lock its user out")
      const wrong = yield* asking(`http://somebody:hunter2@${name}`)
      assert.include(wrong.message, `the proxy ${name} of HTTPS_PROXY does not accept the user and password`)
      const plain = yield* asking(`http://somebody:hunter2@${name}`, { endpointUrl: "http://aws.example.com:4566" })
      assert.include(plain.message, `the proxy ${name} of HTTP_PROXY does not accept the user and password`)

      manner = 403
      const refused = yield* asking(`http://somebody:hunter2@${name}`)
      assert.include(refused.message, `${name} of HTTPS_PROXY refuses to connect to sts.us-east-1.amazonaws.com:443 (HTTP 403)`)
      assert.deepStrictEqual([refused.tag, refused.calls], ["Unexpected", 1], "AWS has denied nothing")
      manner = 503
      const away = yield* asking(`http://somebody:hunter2@${name}`)
      assert.include(away.message, `${name} of HTTPS_PROXY cannot connect to sts.us-east-1.amazonaws.com:443 (HTTP 503)`)
      assert.deepStrictEqual([away.tag, away.calls], ["Network", 2])
      manner = "close"
      const closed = yield* asking(`http://somebody:hunter2@${name}`)
      assert.include(closed.message, `the proxy ${name} of HTTPS_PROXY`)
      assert.strictEqual(closed.tag, "Network")
      const secure = yield* asking(`https://somebody:hunter2@${name}`)
      assert.include(secure.message, "does not speak TLS: most proxies are named with http://")

      const dead = `127.0.0.1:${yield* deadPort}`
      const gone = yield* asking(`http://somebody:hunter2@${dead}`)
      assert.include(gone.message, `the proxy ${dead} of HTTPS_PROXY cannot be reached: connect ECONNREFUSED`)
      assert.include(gone.message, "check HTTPS_PROXY")
      assert.deepStrictEqual([gone.tag, gone.calls], ["Network", 2])
      const unknown = yield* asking("http://somebody:hunter2@proxy.invalid:3128")
      assert.include(unknown.message, "the proxy proxy.invalid:3128 of HTTPS_PROXY cannot be reached: getaddrinfo")
    }))

  it.live("a certificate by somebody unknown says where to name them", () =>
    Effect.gen(function*() {
      const { proxy, simulator } = yield* network()
      const error = yield* Effect.flip(Effect.provide(topics, connected(simulator, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })))
      assert.strictEqual(error._tag, "AwsError")
      assert.match(error.message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to verify/iu)
      assert.include(error.message, "AWS_CA_BUNDLE")
      assert.include(error.message, `through the proxy 127.0.0.1:${proxy.port}`)
      assert.lengthOf(simulator.calls(), 0)
    }))
})

describe("a tunnel", () => {
  it.live("is not waited for longer than a connection is", () =>
    Effect.gen(function*() {
      const { port } = yield* proxyTo(0, 0, () => "hang")
      const proxy = { variable: "HTTPS_PROXY", url: `http://127.0.0.1:${port}`, name: `127.0.0.1:${port}`, hasCredentials: false }
      const tunnel = new ProxyTunnel(proxy, undefined, 50)
      const error = yield* Effect.callback<Error | null>((resume) => {
        const host = "sts.us-east-1.amazonaws.com"
        tunnel.connect({ hostname: host, host, protocol: "https:", port: "" }, (...[error]) => resume(Effect.succeed(error)))
      })
      assert.strictEqual(error?.name, "TimeoutError")
      assert.include(error?.message, `the proxy 127.0.0.1:${port} of HTTPS_PROXY has not opened a connection to sts.us-east-1.amazonaws.com:443`)
    }))
})

describe("AWS_CA_BUNDLE", () => {
  it.live("is the only thing trusted; a file without a certificate is a start-up error", () =>
    Effect.gen(function*() {
      const { bundle, folder, simulator, tlsPort } = yield* network()
      const settings = { endpointUrl: `https://127.0.0.1:${tlsPort}` }
      const calling = (path: string) => Effect.provide(topics, connected(simulator, { AWS_CA_BUNDLE: path }, settings))
      assert.isAbove(yield* calling(bundle), 0)
      const file = (name: string, text: string) => {
        writeFileSync(join(folder, name), text)
        return join(folder, name)
      }
      for (
        const [path, problem] of [
          [join(folder, "none.pem"), "cannot be read (ENOENT)"],
          [folder, "cannot be read (EISDIR)"],
          [file("empty.pem", ""), "holds no certificate"],
          [file("key.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"), "holds no certificate"],
          [file("cut.pem", `${root}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`), "number 2 of 2 cannot be read"]
        ] as const
      ) {
        const error = yield* Effect.flip(calling(path))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, `AWS_CA_BUNDLE names ${path}`)
        assert.include(error.message, problem)
      }
      assert.isAbove(yield* calling(file("two.pem", `${root}\n${root}`)), 0)
    }))
})
