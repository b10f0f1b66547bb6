/** Which calls go through a proxy, by the variables alone. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import * as fc from "fast-check"
import { fromEnvironment, leftOutBy } from "../src/Proxies.ts"

const reading = (variables: Readonly<Record<string, string>>) =>
  fromEnvironment.pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(variables)))

const https = new URL("https://sts.eu-west-1.amazonaws.com")
const http = new URL("http://sts.eu-west-1.amazonaws.com:4566")

describe("proxies of the environment", () => {
  it.effect("there are none where no variable is set, or an empty one", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* reading({ NO_PROXY: "*" }))
      assert.isUndefined(yield* reading({ HTTPS_PROXY: "", http_proxy: " " }))
      assert.isUndefined((yield* reading({ HTTP_PROXY: "http://proxy:3128", https_proxy: "" }))!(https))
    }))

  it.effect("each is for what is called over TLS or without, and small letters come first", () =>
    Effect.gen(function*() {
      const secure = (yield* reading({ HTTPS_PROXY: "http://upper:1", https_proxy: "http://u%40x:p%23w@proxy.corp:3128" }))!
      assert.deepStrictEqual(secure(https), {
        variable: "https_proxy",
        url: "http://u%40x:p%23w@proxy.corp:3128/",
        name: "proxy.corp:3128",
        hasCredentials: true
      })
      assert.isUndefined(secure(http))
      const plain = (yield* reading({ HTTP_PROXY: "proxy.corp" }))!
      assert.isUndefined(plain(https))
      assert.strictEqual(plain(http)?.name, "proxy.corp:80")
      assert.strictEqual(plain(http)?.hasCredentials, false)
      assert.strictEqual((yield* reading({ HTTPS_PROXY: "https://proxy.corp" }))!(https)?.name, "proxy.corp:443")
      assert.strictEqual((yield* reading({ HTTPS_PROXY: "//proxy.corp:8080/" }))!(https)?.name, "proxy.corp:8080")
    }))

  it.effect("this machine and its link have none, whatever NO_PROXY says", () =>
    Effect.gen(function*() {
      const proxyOf = (yield* reading({ HTTPS_PROXY: "http://p:1", HTTP_PROXY: "http://p:1" }))!
      for (
        const url of [
          "http://127.0.0.1:4566",
          "http://127.9.9.9",
          "http://localhost:80",
          "https://s3.localhost",
          "http://[::1]:1",
          "http://169.254.169.254",
          "http://169.254.170.2",
          "http://169.254.170.23",
          "http://[fd00:ec2::254]",
          "http://[fe80::1]"
        ]
      ) assert.isUndefined(proxyOf(new URL(url)), url)
      assert.isDefined(proxyOf(new URL("http://10.0.0.1")))
      assert.isDefined(proxyOf(new URL("http://localhost.example.com")))
    }))

  it.effect("one that cannot be read is a start-up error that names the variable and tells nothing of it", () =>
    Effect.gen(function*() {
      for (
        const value of [
          "http://user:hunter2@",
          "http://user:hun/ter2@proxy:80",
          "http://user:12#hunter2@proxy:80",
          "http://user:12/hunter2@proxy:80",
          "http://user:hunter2%zz@proxy:80",
          "http://user:hunter2@proxy:eighty",
          "socks5://user:hunter2@proxy:1080"
        ]
      ) {
        const error = yield* Effect.flip(reading({ HTTPS_PROXY: value }))
        assert.include(error.message, "HTTPS_PROXY", value)
        assert.match(error.message, /write (?:http|one that begins with http)/u)
        assert.notMatch(`${error.message} ${JSON.stringify(error)} ${String(error)}`, /hunter|ter2|user:12/u, value)
      }
    }))
})

describe("NO_PROXY", () => {
  const cases: ReadonlyArray<readonly [noProxy: string, url: string, isLeftOut: boolean]> = [
    ["*", "https://ec2.us-east-1.amazonaws.com", true],
    ["a,*", "https://ec2.us-east-1.amazonaws.com", true],
    ["*:80", "https://ec2.us-east-1.amazonaws.com", false],
    ["amazonaws.com", "https://ec2.us-east-1.amazonaws.com", true],
    [".amazonaws.com", "https://ec2.us-east-1.AMAZONAWS.com", true],
    [".amazonaws.com.", "https://amazonaws.com", true],
    ["*.amazonaws.com", "https://amazonaws.com", false],
    ["*.amazonaws.com", "https://sts.amazonaws.com", true],
    ["amazonaws.com", "https://notamazonaws.com", false],
    ["amazonaws.com", "https://amazonaws.com.evil.example", false],
    ["sts.amazonaws.com:443", "https://sts.amazonaws.com", true],
    ["sts.amazonaws.com:443", "http://sts.amazonaws.com", false],
    ["sts.amazonaws.com:80 x", "http://sts.amazonaws.com", true],
    ["sts.amazonaws.com:8443", "https://sts.amazonaws.com:8443", true],
    ["10.0.0.0/8", "https://10.200.3.4", true],
    ["10.0.0.0/8", "https://11.0.0.1", false],
    ["10.0.0.0/8", "https://sts.amazonaws.com", false],
    ["10.0.0.0/33", "https://10.0.0.1", false],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["[2001:db8::1]:443", "https://[2001:db8::1]", true],
    ["[2001:db8::1]:444", "https://[2001:db8::1]", false],
    ["2001:db8::/32", "https://[2001:db8::5]", true],
    ["2001:db8::1", "https://[2001:db8::1]:9", true],
    ["", "https://sts.amazonaws.com", false],
    [" , ,", "https://sts.amazonaws.com", false]
  ]
  it.for(cases)("%s leaves %s out: %s", ([noProxy, url, isLeftOut]) => {
    assert.strictEqual(leftOutBy(noProxy)(new URL(url)), isLeftOut)
  })

  it("a name leaves out itself and what is below, and nothing else, in any list", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/u)
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, "example"].join("."))
    fc.assert(fc.property(fc.array(name, { maxLength: 4 }), name, (names, host) => {
      const labels = host.split(".")
      const above = new Set(labels.map((_, at) => labels.slice(at).join(".")))
      assert.strictEqual(leftOutBy(names.join(", "))(new URL(`https://${host}`)), names.some((name) => above.has(name)))
    }), { numRuns: 200 })
  })
})
