/**
 * The page at `/`: what the estate looks like, for people.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { createHash } from "node:crypto"
import { DashboardPage, type PageView } from "@cadastre/report"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { AuditTrail } from "../AuditTrail.ts"
import * as CorrelationId from "../CorrelationId.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
import * as DashboardList from "./DashboardList.ts"
import * as DashboardScans from "./DashboardScans.ts"
import type { DashboardSettings } from "./DashboardSettings.ts"
import type { HttpGate } from "./HttpGate.ts"
import { HttpRefusal } from "./HttpRefusal.ts"
import { publicIdOf } from "./McpSessions.ts"

/**
 * - `answer`: shows the page at `/`, begins a scan at `/scan`
 *
 * @category models
 * @since 0.1.0
 */
export interface Dashboard {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Effect.Effect<void, HttpRefusal>
}

/**
 * Makes the page of a server. Whoever may call its tools may see it, by the same checks: a browser, which cannot be
 * given a bearer token, asks for a name, which may be any, and a password, which is the token (RFC 7617). Each view
 * and each scan is a row of the audit trail.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<R, E>(server: {
  readonly gate: HttpGate
  readonly runtime: ManagedRuntime.ManagedRuntime<R | DashboardScans.DashboardServices | AuditTrail, E>
  readonly settings: DashboardSettings
  readonly version: string
}): Effect.fn.Return<Dashboard, Config.ConfigError, Scope.Scope> {
  const { gate, runtime, settings, version } = server
  const scans = yield* DashboardScans.make(runtime, settings)

  const audited = Effect.fnUntraced(function*<A>(
    by: { readonly caller: string; readonly principal: string | undefined },
    action: string,
    filters: DashboardPage.Filters,
    work: Effect.Effect<A>
  ) {
    const at = yield* Clock.currentTimeMillis
    const correlationId = yield* CorrelationId.make
    const answer = yield* work
    const row = {
      at,
      correlationId,
      session: publicIdOf(by.caller),
      ...by.principal === undefined ? {} : { principal: by.principal },
      action,
      parameters: { ...filters },
      outcome: "success" as const,
      durationMs: Math.max(0, (yield* Clock.currentTimeMillis) - at)
    }
    const written = yield* Effect.promise(() =>
      runtime.runPromiseExit(Effect.flatMap(AuditTrail, (trail) => trail.append(row)))
    )
    return written._tag === "Success" ? answer : yield* new HttpRefusal({ status: 503, why: "The server's services cannot be built: see its log" })
  })

  const page = Effect.fnUntraced(function*(address: DashboardPage.Address, problems: ReadonlyArray<string>) {
    const { filters } = address
    const known = yield* scans.look(filters)
    const told = yield* Effect.promise(() =>
      runtime.runPromiseExit(Effect.all({ policy: PolicyInForce, trend: DashboardScans.trendOf(filters) }, { concurrency: 2 }))
    )
    if (told._tag === "Failure") return undefined
    const { policy, trend } = told.value
    const { report } = known
    const dashboard: DashboardPage.Dashboard = {
      view: report === undefined ? undefined : {
        report,
        trend,
        listed: DashboardList.listed(report, address, known.owners),
        pages: pagesOf(address),
        longest,
        ...settings.costs ? {} : { whyNoCosts: "The server does not ask what things cost: DASHBOARD_COSTS=true makes it, and Cost Explorer takes 0.01 USD a page." }
      },
      age: known.age,
      address,
      problems,
      choices: scans.choices(),
      status: known.status,
      policy,
      version
    }
    return { dashboard, status: known.isWrong || problems.length > 0 ? 400 : 200 }
  })

  return {
    answer: Effect.fnUntraced(function*(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
      const isScan = pathname === "/scan"
      if (!(isScan ? ["POST"] : ["GET", "HEAD"]).includes(request.method ?? "")) {
        return yield* new HttpRefusal({ status: 405, why: "Method not allowed", headers: { allow: isScan ? "POST" : "GET, HEAD" } })
      }
      const by = yield* gate.admit(request, { authorization: bearerOf(request.headers.authorization), challenge })
      const { address, problems } = DashboardPage.read(searchParams)
      const { filters } = address
      if (isScan) {
        if (!isOurPage(request, gate.originOf(request))) {
          return yield* new HttpRefusal({ status: 403, why: "Another page cannot begin a scan" })
        }
        if (Number(request.headers["content-length"] ?? 0) > 0 || request.headers["transfer-encoding"] !== undefined) {
          return yield* new HttpRefusal({ status: 413, why: "The filters stand in the address: there is nothing to send" })
        }
        // What is left out of what was asked for would make it a scan of more.
        if (problems.length > 0) return yield* new HttpRefusal({ status: 400, why: "Not all of the address can be made sense of" })
        request.resume()
        yield* audited(by, "dashboard scan", filters, scans.renew(filters))
        response.writeHead(303, { ...headers, location: DashboardPage.hrefOf(address) })
        response.end()
        return
      }
      const shown = yield* audited(by, "dashboard", filters, page(address, problems))
      if (shown === undefined) {
        return yield* new HttpRefusal({ status: 503, why: "The server's services cannot be built: see its log" })
      }
      const wait = DashboardPage.refreshAfter(shown.dashboard)
      const body = Buffer.from([...DashboardPage.pieces(shown.dashboard)].join(""))
      // Not for a cache, which must not keep it, but for programs that look whether anything has changed.
      const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`
      const isKnown = shown.status === 200 && matches(request.headers["if-none-match"], etag)
      response.writeHead(isKnown ? 304 : shown.status, {
        ...headers,
        etag,
        ...isKnown ? {} : { "content-type": "text/html; charset=utf-8", "content-length": String(body.length) },
        ...wait === undefined ? {} : { refresh: String(wait) }
      })
      response.end(isKnown || request.method === "HEAD" ? undefined : body)
    })
  }
})

/** Rows of a page, and characters of a text: both bound what a browser is sent. */
const pageSize = 100
const longest = 300

const pagesOf = ({ filters, pages, sort }: DashboardPage.Address): NonNullable<PageView["pages"]> => ({
  size: pageSize,
  at: (table) => pages.get(table),
  href: (table, page) =>
    DashboardPage.hrefOf(
      { filters, sort, pages: new Map([...pages, [table, page]]) },
      `#${anchors.get(table) ?? `more-${table}`}`
    )
})

/** Where a table is that is not folded; of the others, it is what unfolds. */
const anchors: ReadonlyMap<string, string> = new Map([
  ["accounts", "coverage"],
  ["offenders", "offenders"],
  ["resources", "resources"],
  ["untagged", "untagged"],
  ["violations", "violations"]
])

/**
 * Whether a form was sent by our page: a browser says so, in one way or in both. What says nothing is no browser. A
 * page that may call the tools may not begin a scan for whoever looks at it.
 */
const isOurPage = ({ headers: { origin, "sec-fetch-site": site } }: IncomingMessage, ours: string): boolean =>
  (origin === undefined || origin === ours) && (site === undefined || site === "same-origin" || site === "none")

/** Whether it is one of those that somebody has; `*` is any. */
const matches = (given: string | undefined, etag: string): boolean =>
  given !== undefined && given.split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()))

const headers = {
  "cache-control": "no-store",
  "content-security-policy": `${DashboardPage.contentSecurityPolicy}; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  // A form that is sent without a referrer has no origin either, and would not be told from another page's.
  "referrer-policy": "same-origin",
  vary: "Authorization",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY"
} as const

const challenge = "Basic realm=\"cadastre: any name, the token as password\", charset=\"UTF-8\""

/** What a browser sends of a name and a password, as the token that the password is. */
const bearerOf = (authorization: string | undefined): string | undefined => {
  const basic = /^basic +([\w+/-]{1,16384}={0,2}) *$/iu.exec(authorization ?? "")?.[1]
  if (basic === undefined) return authorization
  const text = Buffer.from(basic, "base64").toString("utf8")
  return `Bearer ${text.slice(text.indexOf(":") + 1)}`
}
