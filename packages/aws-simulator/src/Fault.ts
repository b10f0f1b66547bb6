/**
 * What can go wrong with a call.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const milliseconds = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const portion = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const fault = <const Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

/**
 * What goes wrong.
 *
 * Refusals, each with the code, status and text that the service's family has for it:
 * - `deny`: no permission. `by` is the kind of policy (default `identity`), `explicit` whether it denies or merely
 *   does not allow (default: an SCP denies, all others do not allow), `policy` the ARN that newer texts name
 * - `throttle`: the service's throttle error
 * - `status`: a server error. 500 and 503 are the service's own, 502 and 504 a gateway's page; `body` says otherwise
 * - `expired`: the session has ended; with `until: "refreshed"` only for the credentials that it first befalls in
 *   an account, so that fresh ones work: they have ended wherever they are used, or with `where: "operation"` where
 *   they fell (account × Region × service × operation, each with credentials of its own)
 * - `invalid-credentials`, `bad-signature`, `disabled-region`
 * - `clock-skew`: AWS's clock is ahead of the true one by `seconds` (default 3,600, negative for behind): requests
 *   signed with another time are refused, and a client that corrects its clock by the `Date` header is answered
 * - `not-subscribed`: the account has not signed up for the service
 * - `unsupported`: the operation does not exist in this Region; `what: "endpoint"` for a host that answers nobody
 *   (on the loopback address a reset: a name that does not resolve cannot be had there)
 *
 * Broken answers:
 * - `hang`: the request is accepted and never answered
 * - `reset`: the connection is reset `before` the answer (default), after its `headers`, or in the middle of its `body`
 * - `stall`: the headers (`after: "headers"`) or half of the body (default) come, and then nothing
 * - `truncate`: the connection closes cleanly in the middle of a body: short of its announced `length` (default), or
 *   `chunked`, without the last chunk
 * - `drip`: the body comes byte by byte, one each `milliseconds` (default 100), and white space for ever after it
 * - `malformed`: a complete answer that cannot be parsed
 * - `html`: a proxy's page, by default with 502
 * - `empty`: status 200 and no body at all
 * - `doctype`: a document type declaration: entities that grow a billionfold (`entities: "bomb"`, default), or one
 *   that names a file (`"external"`). A service that speaks JSON sends such XML too
 * - `nesting`: an unknown member nested `depth` levels (default 100,000)
 * - `invalid-utf8`: bytes within a text that are no UTF-8
 *
 * Right answers in an odd form:
 * - `slow`: later, by so many milliseconds
 * - `content-type`: with a wrong media type (default `text/plain`)
 * - `oversized`: with white space after it, by default 64 MiB; `chunked` without announcing its length
 * - `references`: every character beyond ASCII as a numeric reference (XML) or an escape (JSON)
 * - `extra-members`: with members that no client knows yet in every structure
 * - `unknown-enum`: with values that no client knows yet, in these `members` (default: those that say nothing about
 *   whether the resource lives)
 *
 * Odd listings, where the operation pages:
 * - `empty-page`: nothing on the page, and a token that leads on
 * - `short-page`: at most `size` items (default 1), and a token that leads on
 * - `duplicates`: an item twice
 * - `repeated-token`: the token leads to the same page again
 * - `expired-page-token`: the token that the caller sends is no longer known
 * - `vanish`: resources are listed, and not found when asked for one by one: those whose ARN contains `resource`
 *   (default all), and of these a `share` drawn by ARN (default 1)
 *
 * @since 0.1.0
 */
export const Fault = Schema.Union([
  fault("deny", {
    by: Schema.optionalKey(
      Schema.Literals(["identity", "scp", "rcp", "boundary", "session", "vpc-endpoint", "resource"])
    ),
    explicit: Schema.optionalKey(Schema.Boolean),
    policy: Schema.optionalKey(Schema.String)
  }),
  fault("throttle", {}),
  fault("status", {
    status: Schema.Literals([500, 502, 503, 504]),
    body: Schema.optionalKey(Schema.Literals(["service", "html", "empty"]))
  }),
  fault("expired", {
    until: Schema.optionalKey(Schema.Literal("refreshed")),
    where: Schema.optionalKey(Schema.Literals(["everywhere", "operation"]))
  }),
  fault("invalid-credentials", {}),
  fault("bad-signature", {}),
  fault("disabled-region", {}),
  fault("clock-skew", { seconds: Schema.optionalKey(Schema.Finite) }),
  fault("not-subscribed", {}),
  fault("unsupported", { what: Schema.optionalKey(Schema.Literals(["operation", "endpoint"])) }),
  fault("hang", {}),
  fault("reset", { when: Schema.optionalKey(Schema.Literals(["before", "headers", "body"])) }),
  fault("stall", { after: Schema.optionalKey(Schema.Literals(["headers", "half"])) }),
  fault("truncate", { as: Schema.optionalKey(Schema.Literals(["length", "chunked"])) }),
  fault("drip", { milliseconds: Schema.optionalKey(milliseconds) }),
  fault("malformed", {}),
  fault("html", {
    status: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 })))
  }),
  fault("empty", {}),
  fault("doctype", { entities: Schema.optionalKey(Schema.Literals(["bomb", "external"])) }),
  fault("nesting", { depth: Schema.optionalKey(count) }),
  fault("invalid-utf8", {}),
  fault("slow", { milliseconds }),
  fault("content-type", { value: Schema.optionalKey(Schema.String) }),
  fault("oversized", { bytes: Schema.optionalKey(count), chunked: Schema.optionalKey(Schema.Boolean) }),
  fault("references", {}),
  fault("extra-members", {}),
  fault("unknown-enum", { members: Schema.optionalKey(Schema.Array(Schema.String)) }),
  fault("empty-page", {}),
  fault("short-page", { size: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))) }),
  fault("duplicates", {}),
  fault("repeated-token", {}),
  fault("expired-page-token", {}),
  fault("vanish", { resource: Schema.optionalKey(Schema.String), share: Schema.optionalKey(portion) })
])

/** @since 0.1.0 */
export type Fault = typeof Fault.Type

/** The word for a kind of fault. */
export type FaultType = Fault["type"]

/** The faults of one kind. */
export type FaultOf<T extends FaultType> = Extract<Fault, { readonly type: T }>
