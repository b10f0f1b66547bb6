/** The browser of Debian's package `chromium`, which the tests of the dashboard need. */
import { existsSync } from "node:fs"
import axe from "axe-core"
import * as Effect from "effect/Effect"
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core"

const executablePath = "/usr/bin/chromium"

export const isInstalled: boolean = existsSync(executablePath)
if (!isInstalled) process.stderr.write(`There is no ${executablePath}: the tests that need it are skipped (apt-get install chromium)\n`)

/** A browser, as long as the scope lives. It has no sandbox where it is started by root. */
export const browser = Effect.acquireRelease(
  Effect.promise(() => chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] })),
  (browser) => Effect.promise(() => browser.close())
)

/** A page, and whatever it did besides being read. */
export const open = async (context: BrowserContext): Promise<{ readonly page: Page; readonly seen: ReadonlyArray<string> }> => {
  const page = await context.newPage()
  const seen: Array<string> = []
  page.on("console", (message) => void seen.push(`console: ${message.text()}`))
  page.on("pageerror", (error) => void seen.push(`error: ${error.message}`))
  page.on("dialog", (dialog) => {
    seen.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("request", (request) => void seen.push(`request: ${request.url().slice(0, 200)}`))
  return { page, seen }
}

/** Rules of WCAG 2.2 A and AA, and of good practice. */
export const everything: ReadonlyArray<string> = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

/** Those that depend on colours and sizes. */
const looks = ["color-contrast", "target-size"]

/** Light and dark, on a desk and on a phone. */
export const views: ReadonlyArray<readonly [name: string, options: BrowserContextOptions, rules: ReadonlyArray<string>]> = [
  ["light, desktop", { colorScheme: "light", viewport: { width: 1280, height: 900 } }, everything],
  ["dark, desktop", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }, looks],
  ["light, phone", { colorScheme: "light", viewport: { width: 390, height: 844 } }, looks],
  ["dark, phone", { colorScheme: "dark", viewport: { width: 390, height: 844 } }, everything]
]

/** What these rules have against a page. Its policy must be set aside: no script may run in it. */
export const problemsOf = async (page: Page, rules: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axe.source)
  return page.evaluate<ReadonlyArray<string>>(
    `axe.run(document, { runOnly: ${JSON.stringify(rules)} })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200) + " " + nodes[0].failureSummary))`
  )
}

/** How far the page is wider than what one sees of it. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
