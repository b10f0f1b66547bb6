/**
 * The page at `/`: what the estate looks like, for people.
 *
 * @since 0.1.0
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { DashboardPage } from "@cadastre/report"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { AuditTrail } from "../AuditTrail.ts"
import * as CorrelationId from "../CorrelationId.ts"
import { PolicyInForce } from "../PolicyInForce.ts"
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

  const page = Effect.fnUntraced(function*(filters: DashboardPage.Filters) {
    const known = yield* scans.look(filters)
    const told = yield* Effect.promise(() =>
      runtime.runPromiseExit(Effect.all({ policy: PolicyInForce, trend: DashboardScans.trendOf(filters) }, { concurrency: 2 }))
    )
    if (told._tag === "Failure") return undefined
    const { policy, trend } = told.value
    const { report } = known
    const dashboard: DashboardPage.Dashboard = {
      view: report === undefined ? undefined : {
        report: { ...report, violations: listed(report.violations, filters.severity) },
        trend,
        most: mostRows,
        ...settings.costs ? {} : { whyNoCosts: "The server does not ask what things cost: DASHBOARD_COSTS=true makes it, and Cost Explorer takes $0.01 a page." }
      },
      age: known.age,
      filters,
      choices: scans.choices(),
      status: known.status,
      policy,
      version
    }
    return { dashboard, status: known.isWrong ? 400 : 200 }
  })

  return {
    answer: Effect.fnUntraced(function*(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
      const isScan = pathname === "/scan"
      if (!(isScan ? ["POST"] : ["GET", "HEAD"]).includes(request.method ?? "")) {
        return yield* new HttpRefusal({ status: 405, why: "Method not allowed", headers: { allow: isScan ? "POST" : "GET, HEAD" } })
      }
      const by = yield* gate.admit(request, { authorization: bearerOf(request.headers.authorization), challenge })
      const filters = DashboardPage.filtersOf(searchParams)
      if (isTooLong(filters)) return yield* new HttpRefusal({ status: 400, why: "There are too many filters, or one is too long" })
      if (isScan) {
        // A browser says which page has sent a form; one of somebody else's begins no scan of ours.
        const site = request.headers["sec-fetch-site"]
        if (site !== undefined && site !== "same-origin" && site !== "none") {
          return yield* new HttpRefusal({ status: 403, why: "Another page cannot begin a scan" })
        }
        request.resume()
        yield* audited(by, "dashboard scan", filters, scans.renew(filters))
        response.writeHead(303, { ...headers, location: `/${DashboardPage.queryOf(filters)}` })
        response.end()
        return
      }
      const shown = yield* audited(by, "dashboard", filters, page(filters))
      if (shown === undefined) {
        return yield* new HttpRefusal({ status: 503, why: "The server's services cannot be built: see its log" })
      }
      const wait = DashboardPage.refreshAfter(shown.dashboard)
      response.writeHead(shown.status, {
        ...headers,
        "content-type": "text/html; charset=utf-8",
        ...wait === undefined ? {} : { refresh: String(wait) }
      })
      response.end([...DashboardPage.pieces(shown.dashboard)].join(""))
    })
  }
})

/** Rows of long lists: what is left out is said, and the report of a file has it. */
const mostRows = 100

const headers = {
  "cache-control": "no-store",
  "content-security-policy": `${DashboardPage.contentSecurityPolicy}; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
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

const listed = <A extends { readonly severity: string }>(
  violations: ReadonlyArray<A>,
  severity: DashboardPage.Filters["severity"]
): ReadonlyArray<A> =>
  severity === "all" ? violations : violations.filter((one) => one.severity === (severity === "errors_only" ? "error" : "warning"))

const isTooLong = ({ accounts, regions, types }: DashboardPage.Filters): boolean =>
  [accounts, regions, types].some((list) => list.length > 50 || list.some((one) => one.length > 256))
