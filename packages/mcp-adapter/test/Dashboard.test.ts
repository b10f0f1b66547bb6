import { CellCaches } from "@cadastre/compliance"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { expected, scanCalls } from "./Connection.ts"
import { json, send, serve } from "./HttpConnection.ts"

/** Looks until the scan has ended. */
const look = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function*() {
    for (;;) {
      const answer = yield* send(url, { headers })
      if (answer.headers["refresh"] === undefined) return answer
    }
  })

/** The figures that the tiles show, as somebody reads them. */
const figures = (page: string) => {
  const compliant = /Compliant resources<\/h2><p class="big">([\d,]+)<\/p><p class="soft">of ([\d,]+) that are scored/u.exec(page)
  return { compliant: Number(compliant?.[1]?.replaceAll(",", "")), total: Number(compliant?.[2]?.replaceAll(",", "")) }
}

/** The violations that are listed, by their ARNs. */
const arnsIn = (page: string): ReadonlyArray<string> =>
  [.../<h2 id="violations">.*?<\/section>/su.exec(page)?.[0].matchAll(/<td class="arn">([^<]*)<\/td>/gu) ?? []].map(([, arn = ""]) => arn)

/** What costs nothing is not judged, as the policy does not name it. */
const free: ReadonlySet<string> = new Set(["autoscaling:group", "ec2:security-group", "ecs:cluster", "iam:role"])

const token = "t".repeat(64)
const tokensFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => {
    const path = join(folder, "tokens")
    writeFileSync(path, `alice ${createHash("sha256").update(token).digest("hex")}\n`)
    return path
  }
)

const basic = (name: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` })

describe("the dashboard", () => {
  it.live("shows what the estate says, whole and in part; whoever looks again scans nothing", () =>
    Effect.gen(function*() {
      const { rows, simulator, url } = yield* serve()
      const whole = yield* look(`${url}/`)
      assert.strictEqual(whole.status, 200)
      assert.deepStrictEqual(figures(whole.body), expected(simulator))
      const calls = scanCalls(simulator)
      const types = ["ec2:instance", "s3:bucket"]
      const part = yield* look(`${url}/?type=${types.join(",")}`)
      assert.deepStrictEqual(figures(part.body), expected(simulator, types))
      assert.include(part.body, "Shown: type ec2:instance, s3:bucket only.")
      assert.include(part.body, "Remove the filter </span>Type: ec2:instance")
      yield* look(`${url}/?type=ec2:instance&type=s3:bucket&severity=errors_only`)
      yield* look(`${url}/`)
      assert.isAtMost(scanCalls(simulator) - calls, 2 * 3 * 4)
      const before = scanCalls(simulator)
      for (let at = 0; at < 3; at++) yield* look(`${url}/`)
      assert.strictEqual(scanCalls(simulator), before)
      assert.isTrue(rows.length > 3 && rows.every(({ action, outcome }) => action === "dashboard" && outcome === "success"))
    }))

  it.live("scans again when its button is pressed, by a form of its own and of nobody else's", () =>
    Effect.gen(function*() {
      const { rows, simulator, url } = yield* serve({ env: { CORS_ALLOWED_ORIGINS: "https://tools.example" } })
      yield* look(`${url}/`)
      const before = scanCalls(simulator)
      const post = { method: "POST", headers: { origin: url, "sec-fetch-site": "same-origin" } }
      const foreign: ReadonlyArray<Readonly<Record<string, string>>> = [
        { origin: "https://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { origin: url, "sec-fetch-site": "same-site" },
        // It may call the tools, with a token of its own; it may not use what its reader's browser has.
        { origin: "https://tools.example" }
      ]
      for (const headers of foreign) assert.strictEqual((yield* send(`${url}/scan`, { method: "POST", headers })).status, 403)
      assert.strictEqual((yield* send(`${url}/scan`, { ...post, body: "type=s3:bucket" })).status, 413)
      assert.strictEqual((yield* send(`${url}/scan?severity=bad`, post)).status, 400)
      assert.strictEqual((yield* send(`${url}/scan`)).status, 405)
      assert.strictEqual(scanCalls(simulator), before)
      const answer = yield* send(`${url}/scan?type=s3:bucket`, post)
      assert.deepStrictEqual([answer.status, answer.headers["location"]], [303, "/?type=s3%3Abucket"])
      assert.isTrue(rows.some(({ action }) => action === "dashboard scan"))
      yield* look(`${url}/?type=s3:bucket`)
      assert.isAbove(scanCalls(simulator), before)
    }))

  it.live("says what does not exist and what nothing is known of, and tells the browser to run and to load nothing", () =>
    Effect.gen(function*() {
      const { simulator, url } = yield* serve()
      const wrong = yield* look(`${url}/?type=${encodeURIComponent("no:such<b>")}`)
      assert.strictEqual(wrong.status, 400)
      assert.include(wrong.body, "no:such&lt;b&gt;")
      assert.notInclude(wrong.body, "no:such<b>")
      assert.strictEqual((yield* send(`${url}/?region=${"x".repeat(300)}`)).status, 400)
      const { body, headers } = wrong
      const hash = createHash("sha256").update(/<style>(.*?)<\/style>/su.exec(body)?.[1] ?? "").digest("base64")
      assert.strictEqual(
        headers["content-security-policy"],
        `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
      )
      assert.deepStrictEqual(
        [headers["x-content-type-options"], headers["cache-control"], headers["referrer-policy"], headers["x-frame-options"]],
        ["nosniff", "no-store", "same-origin", "DENY"]
      )
      assert.strictEqual((yield* send(`${url}/`, { method: "DELETE" })).status, 405)
      assert.strictEqual((yield* send(`${url}/`, { method: "HEAD" })).body, "")
      simulator.rule({ match: { service: "sns" }, fault: { type: "deny" } })
      const denied = yield* look(`${url}/?type=sns:topic`)
      assert.include(denied.body, "No score")
      assert.notMatch(denied.body.replace(/<style>.*<\/style>/su, ""), /\d%/u)
    }))

  it.live("lists what its filters name, of owners too, and leaves the figures as they are", () =>
    Effect.gen(function*() {
      // As every server has them.
      const { simulator, url } = yield* serve({ memory: CellCaches.layerMemory })
      const whole = yield* look(`${url}/`)
      const before = scanCalls(simulator)
      // As a person reads the policy and the estate.
      const owned = [...simulator.estate.resources()].filter(({ mark, tags, type }) => mark === undefined && !free.has(type) && (tags["Owner"] ?? "") !== "")
      const lacking = owned.filter(({ tags }) => tags["CostCenter"] === undefined)
      const [owner = ""] = lacking.flatMap(({ tags }) => tags["Owner"] ?? [])
      const wanted = lacking.filter(({ tags }) => tags["Owner"] === owner).map(({ arn }) => arn)
      assert.isNotEmpty(wanted)
      const asked = new URLSearchParams([["owner", owner], ["key", "CostCenter"], ["finding", "missing_required_tag"], ["sort", "-arn"]])
      const part = yield* look(`${url}/?${asked.toString()}`)
      assert.strictEqual(part.status, 200)
      assert.deepStrictEqual(arnsIn(part.body), wanted.toSorted().toReversed())
      assert.deepStrictEqual(figures(part.body), figures(whole.body))
      assert.strictEqual(scanCalls(simulator), before)
      const nobody = yield* look(`${url}/?unowned=true&key=Owner&severity=error`)
      const all = yield* look(`${url}/?key=Owner&severity=error`)
      assert.deepStrictEqual(arnsIn(nobody.body), arnsIn(all.body))
      assert.include((yield* look(`${url}/?key=no+such+tag`)).body, "None of ")
    }))

  it.live("says what of an address it cannot make sense of, and is the same to whoever looks again", () =>
    Effect.gen(function*() {
      const { url } = yield* serve()
      const wrong = yield* look(`${url}/?severity=loud&finding=x&sort=size&violations-page=0&colour=red`)
      assert.strictEqual(wrong.status, 400)
      for (const told of ["no severity &quot;loud&quot;", "no finding &quot;x&quot;", "sorted by &quot;size&quot;", "&quot;0&quot; is no page", "no filter &quot;colour&quot;"]) {
        assert.include(wrong.body, told)
      }
      // The age is in words: it may pass a second between two looks, not a third.
      let same = 0
      for (let at = 0; at < 4 && same !== 304; at++) {
        const { headers: { etag } } = yield* send(`${url}/`)
        const again = yield* send(`${url}/`, { headers: { "if-none-match": `"other", ${String(etag)}` } })
        same = again.status
        assert.strictEqual(again.body === "", same === 304)
      }
      assert.strictEqual(same, 304)
      const { headers } = yield* send(`${url}/`, { method: "HEAD" })
      assert.isAbove(Number(headers["content-length"]), 10_000)
      assert.strictEqual((yield* send(`${url}/`, { headers: { "if-none-match": "\"other\"" } })).status, 200)
    }))

  it.live("lets nobody in whom it would not let call, and a browser with the token as a password", () =>
    Effect.gen(function*() {
      const { mcp, rows, url } = yield* serve({ env: { AUTH_TOKENS_FILE: yield* tokensFile } })
      for (const headers of [{}, basic("alice", "guess"), basic(token, ""), { authorization: "Basic %%%" }]) {
        const refused = yield* send(`${url}/`, { headers })
        assert.strictEqual(refused.status, 401)
        assert.match(String(refused.headers["www-authenticate"]), /^Basic realm="[^"]+", charset="UTF-8"$/u)
        assert.notInclude(refused.body, "<")
      }
      // Not as a part of the address, and a program's door stays as it was.
      assert.strictEqual((yield* send(`${url}/?token=${token}&access_token=${token}`)).status, 401)
      assert.strictEqual((yield* send(mcp, { method: "POST", headers: { ...json, ...basic("alice", token) }, body: "{}" })).status, 401)
      assert.strictEqual((yield* send(`${url}/scan`, { method: "POST" })).status, 401)
      for (const headers of [basic("anyone", token), { authorization: `Bearer ${token}` }]) {
        const page = yield* send(`${url}/`, { headers })
        assert.strictEqual(page.status, 200)
        assert.notInclude(page.body, token)
      }
      assert.deepStrictEqual([...new Set(rows.map(({ principal }) => principal))], ["token:alice"])
      assert.strictEqual((yield* send(`${url}/`, { headers: { ...basic("x", token), host: "evil.example" } })).status, 403)
    }))
})
