import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { EstateMemory } from "@cadastre/compliance"
import { DashboardPage, formatNamed } from "@cadastre/report"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fc from "fast-check"
import type { Browser, Page } from "playwright-core"
import { describe } from "vitest"
import * as Costs from "./Costs.ts"
// @boundaries-ignore the report package is pure and starts no browser: its generator of hostile reports is used here
import { reports } from "../../report/test/Reports.ts"
import { browser, everything, isInstalled, open, overflowOf, problemsOf, views } from "./Chromium.ts"
import { expected } from "./Connection.ts"
import { callOf, send, serve, temporaryDirectory } from "./HttpConnection.ts"

const attack = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"

/** One browser and one server for all; the estate has costs, a history, places that are not seen, and hostile tags. */
class Setup extends Context.Service<Setup, {
  readonly browser: Browser
  readonly url: string
  readonly folder: string
  readonly truth: ReturnType<typeof expected>
}>()("@cadastre/mcp-adapter/test/DashboardInChromium.test/Setup") {
  static readonly layer = Layer.effect(
    Setup,
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      const { mcp, simulator, url } = yield* serve({
        simulator: {
          estate: {
            regions: ["us-east-1", "eu-west-1", "eu-central-1"],
            resources: 60,
            costs: { activatedTags: ["Owner", "Environment", "CostCenter"] }
          }
        },
        env: { DASHBOARD_COSTS: "true" },
        memory: EstateMemory.layer({ _tag: "Sqlite", path: join(folder, "cadastre.db") }),
        costs: Costs.explorer()
      })
      let left = 3
      for (const { arn, type } of simulator.estate.resources()) {
        if (type !== "ec2:instance" || left-- <= 0) continue
        simulator.estate.tag(arn, { Owner: attack, Environment: attack, [`key${attack}`.slice(0, 100)]: "x" })
      }
      yield* send(mcp, callOf("check_tag_compliance", { store_snapshot: true }))
      const truth = expected(simulator)
      // There are no keys in the estate, which nobody who is refused can know.
      simulator.rule({ match: { service: "kms", region: "eu-west-1" }, fault: { type: "deny" } })
      for (;;) {
        const { headers } = yield* send(`${url}/`)
        if (headers["refresh"] === undefined) break
      }
      return Setup.of({ browser: yield* browser, url, folder, truth })
    })
  )
}

const visit = (options: Parameters<Browser["newContext"]>[0], use: (opened: Awaited<ReturnType<typeof open>>, setup: Setup["Service"]) => Promise<void>) =>
  Effect.gen(function*() {
    const setup = yield* Setup
    yield* Effect.acquireUseRelease(
      Effect.promise(() => setup.browser.newContext(options)),
      (context) => Effect.promise(async () => use(await open(context), setup)),
      (context) => Effect.promise(() => context.close())
    )
  })

/** Names of the elements that a page has. */
const elements = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate("[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))]")

describe.skipIf(!isInstalled)("in a real browser", () => {
  layer(Setup.layer, { excludeTestServices: true, timeout: 30_000 })((it) => {
    it.effect.each(views)("the dashboard is for everybody: %s", ([, options, rules]) =>
      visit({ ...options, bypassCSP: true }, async ({ page }, { url }) => {
        await page.goto(url)
        // What is folded is for everybody too.
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert.deepStrictEqual(await problemsOf(page, rules), [])
        assert.strictEqual(await overflowOf(page), 0)
      }))

    it.effect("is for everybody in every other state as well", () =>
      visit({ colorScheme: "dark", viewport: { width: 390, height: 844 }, bypassCSP: true }, async ({ page }, { url }) => {
        const { address, problems } = DashboardPage.read(new URLSearchParams([["key", attack], ["severity", attack], ["owner", "x".repeat(1000)]]))
        const states: ReadonlyArray<DashboardPage.ScanStatus> = [
          { _tag: "Running", seconds: 61, cells: { ended: 1, total: 1496 } },
          { _tag: "Failed", why: attack, isRequest: true }
        ]
        const empty = { view: undefined, age: 0, choices: DashboardPage.noChoices, policy: { source: attack.repeat(9), hash: "" }, version: "0" }
        for (const status of states) {
          await page.setContent([...DashboardPage.pieces({ ...empty, address, problems, status })].join(""))
          assert.deepStrictEqual([await problemsOf(page, everything), await overflowOf(page)], [[], 0])
        }
        // No key is there to be judged, and in one Region nobody knows that.
        for (const query of ["?type=kms:key&region=us-east-1", "?type=kms:key&region=eu-west-1"]) {
          await page.goto(`${url}/${query}`)
          await page.locator(".tile.lead").waitFor()
          assert.include(await page.locator(".tile.lead").innerText(), "No score")
          assert.notMatch(await page.locator("main").innerText(), /100(?:\.0)?%/u)
          assert.deepStrictEqual([await problemsOf(page, everything), await overflowOf(page)], [[], 0])
        }
      }))

    it.effect("does not need scripts, loads nothing, and shows what the estate says with every picture's figures", () =>
      visit({ javaScriptEnabled: false }, async ({ page, seen }, { truth, url }) => {
        await page.goto(url)
        assert.deepStrictEqual(seen.filter((one) => !one.startsWith("request: data:")), [`request: ${url}/`])
        const tile = (name: string) => page.locator(".tile", { has: page.getByRole("heading", { name }) }).innerText()
        assert.match(await tile("Compliant resources"), new RegExp(`of ${truth.total} that are scored`, "u"))
        const score = /(\d+\.\d)%/u.exec(await tile("Compliance score"))?.[1]
        assert.approximately(Number(score), truth.compliant / truth.total * 100, 0.05)
        for (const name of ["Coverage", "Score by Region", "Score by resource type", "Trend", "Cost attribution gap by kind", "Untagged spend", "Worst offenders"]) {
          const panel = page.locator("section", { has: page.getByRole("heading", { name, exact: true }) })
          assert.isAbove(await panel.locator("table").count(), 0, name)
        }
      }))

    it.effect("tags are text: nothing of them runs, is loaded or becomes a part of the page", () =>
      visit({}, async ({ page, seen }, { url }) => {
        await page.goto(url)
        assert.deepStrictEqual(seen.filter((one) => !one.startsWith("request: data:")), [`request: ${url}/`])
        assert.include(await page.content(), "&lt;img src=x onerror")
        const found = await elements(page)
        for (const name of ["script", "img", "iframe", "object", "embed", "base"]) assert.notInclude(found, name)
      }))

    it.effect("the filters are in the address, and what was not seen is said in words", () =>
      visit({ javaScriptEnabled: false }, async ({ page, seen }, { url }) => {
        await page.goto(url)
        const choose = async (name: string, ...values: ReadonlyArray<string>) => {
          await page.locator("details.choice", { has: page.getByText(name, { exact: true }) }).locator("summary").click()
          for (const value of values) await page.getByRole("group", { name, exact: true }).getByLabel(value).check()
        }
        await choose("Region", "eu-west-1", "us-east-1")
        await choose("Severity", "error")
        await choose("Tag", "Owner", "Environment")
        await page.getByRole("button", { name: "Show" }).click()
        await page.getByText("Shown: Region eu-west-1, us-east-1 only.").waitFor()
        const chosen = () => DashboardPage.read(new URL(page.url()).searchParams).address.filters
        assert.deepStrictEqual(chosen(), {
          accounts: [],
          regions: ["eu-west-1", "us-east-1"],
          types: [],
          severities: ["error"],
          findings: [],
          keys: ["Environment", "Owner"],
          owners: []
        })
        assert.isTrue(await page.locator("input[name=key][value=Owner]").isChecked())
        // What is listed can be sorted, and that does not lose the filters; nor does the way back to fewer of them.
        await page.getByRole("link", { name: "ARN" }).click()
        await page.waitForURL((to) => to.searchParams.get("sort") === "arn")
        const arns = await page.locator("[aria-labelledby=violations] td.arn").allTextContents()
        assert.isNotEmpty(arns)
        assert.deepStrictEqual(arns, arns.toSorted())
        assert.strictEqual(await page.locator("th[aria-sort=ascending]").innerText(), "ARN ▲")
        await page.getByRole("link", { name: "Remove the filter Region: us-east-1" }).click()
        await page.getByText("Shown: Region eu-west-1 only.").waitFor()
        assert.deepStrictEqual([chosen().regions, chosen().keys, new URL(page.url()).searchParams.get("sort")], [["eu-west-1"], ["Environment", "Owner"], "arn"])
        assert.match(await page.locator("section.part").first().innerText(), /Seen: \d+ of \d+ cells \(1 denied\)/u)
        assert.strictEqual(await page.locator("[aria-labelledby=violations] .pill.warning").count(), 0)
        assert.strictEqual(await page.locator("table.matrix td.some").count(), 1)
        await page.getByRole("button", { name: "Scan again" }).click()
        await page.waitForURL((to) => to.pathname === "/" && to.searchParams.get("region") === "eu-west-1")
        assert.deepStrictEqual(seen.filter((one) => /^(?:console|error|dialog)/u.test(one)), [])
      }))

    it.effect("is used by keys: the figures are one step away, and one sees where one is", () =>
      visit({ viewport: { width: 1280, height: 900 } }, async ({ page }, { url }) => {
        await page.goto(url)
        const focused = page.locator(":focus")
        const names: Array<string> = []
        for (let at = 0; at < 10; at++) {
          await page.keyboard.press("Tab")
          const box = await focused.boundingBox()
          assert.isTrue(box !== null && box.x >= 0 && box.y >= 0 && box.width > 0)
          const outline: string = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth")
          assert.strictEqual(outline, "solid3px")
          names.push(await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"))
        }
        assert.deepStrictEqual(names.slice(0, 7), ["Skip to the figures", "Scan again", "Account all", "Region all", "Type all", "Severity all", "Finding all"])
      }))

    it.effect("the report of a file is the same, whatever AWS says", () =>
      visit({ viewport: { width: 390, height: 844 } }, async ({ page, seen }, { folder }) => {
        for (const [at, report] of fc.sample(reports, { numRuns: 8, seed: 11 }).entries()) {
          const file = join(folder, `${at}.html`)
          writeFileSync(file, [...formatNamed("html")!.render(report)].join(""))
          await page.goto(pathToFileURL(file).href)
          assert.strictEqual(await overflowOf(page), 0)
          const found = await elements(page)
          for (const name of ["script", "img", "iframe", "a", "form", "input"]) assert.notInclude(found, name)
          // Its own style was let in by its own policy.
          assert.notStrictEqual(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgba(0, 0, 0, 0)")
        }
        assert.lengthOf(seen, 8)
      }))
  })
})
