/**
 * Who may do what, and what a service says to those who may not.
 *
 * @since 0.1.0
 */
import type { FaultOf } from "./Fault.ts"
import * as PolicyDocument from "./PolicyDocument.ts"

/**
 * Action patterns (`ec2:Describe*`, `*:List*`) of an account or a principal.
 *
 * - `allow`: nothing else is allowed (default everything); what names a principal stands instead of what names its
 *   account
 * - `deny`: denied, whatever is allowed; adds up
 * - `boundary`: the permissions boundary: nothing else is allowed, whatever `allow` says
 *
 * @since 0.1.0
 */
export interface AccessList {
  readonly allow?: ReadonlyArray<string>
  readonly deny?: ReadonlyArray<string>
  readonly boundary?: ReadonlyArray<string>
}

/**
 * The service control policies of an account, as action patterns.
 *
 * - `deny`: denied explicitly
 * - `allow`: nothing else is allowed (default `*`, as AWS's `FullAWSAccess`)
 * - `policy`: the ARN that the text of an explicit deny names (default none: older texts)
 *
 * @since 0.1.0
 */
export interface ServiceControl {
  readonly deny?: ReadonlyArray<string>
  readonly allow?: ReadonlyArray<string>
  readonly policy?: string
}

/**
 * What is enforced.
 *
 * - `allow`: what accounts allow, by account id; accounts that are not named allow all
 * - `access`: more of the same, by account id, or by the ARN of a user or role, in which `*` stands for any text; a
 *   session is judged as its role
 * - `scps`: service control policies by account id. They bind the account that is named, be it the management account
 *   (which AWS exempts) or not
 *
 * @since 0.1.0
 */
export interface AuthorizationOptions {
  readonly allow?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly access?: Readonly<Record<string, AccessList>>
  readonly scps?: Readonly<Record<string, ServiceControl>>
}

/** Who asks, as far as permissions go. */
interface Principal {
  readonly accountId: string
  /** The ARN of the user or of the session. */
  readonly principal: string
  /** The session policy, a JSON document. */
  readonly policy?: unknown
}

/** Which kind of policy forbids an action, and how. */
export type Denial = Omit<FaultOf<"deny">, "type">

/** The rules of an estate. */
export interface Authorization {
  /** Why an action is forbidden, or `undefined` where it is allowed. */
  readonly denial: (who: Principal, action: string, resource?: string) => Denial | undefined
  readonly isAllowed: (who: Principal, action: string, resource?: string) => boolean
}

/** The one call that no policy can forbid. */
const freeAction = "sts:GetCallerIdentity"

/** A session acts as its role: `arn:aws:sts::…:assumed-role/Audit/name` as `arn:aws:iam::…:role/Audit`. */
const identityOf = (principal: string): string =>
  principal.replace(/^(arn:[^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/.*$/u, "$1:iam::$2:role/$3")

const some = (patterns: ReadonlyArray<string>, action: string): boolean =>
  patterns.some((pattern) => PolicyDocument.matchesAction(pattern, action))

/** The order is AWS's ("Policy evaluation logic"): every explicit deny first, then SCP, boundary, session, identity. */
export const make = ({ access = {}, allow = {}, scps = {} }: AuthorizationOptions): Authorization => {
  const lists = Object.entries(access)
  const none = lists.length === 0 && Object.keys(allow).length === 0 && Object.keys(scps).length === 0
  const judged = new Map<string, Denial | undefined>()

  const judge = (accountId: string, identity: string, principal: string, action: string): Denial | undefined => {
    const own = lists
      .filter(([name]) => name !== accountId)
      .filter(([name]) => PolicyDocument.matchesAction(name, identity) || PolicyDocument.matchesAction(name, principal))
      .map(([, list]) => list)
    const general = Object.hasOwn(access, accountId) ? [access[accountId]!] : []
    const scp = Object.hasOwn(scps, accountId) ? scps[accountId] : undefined
    const named = scp?.policy === undefined ? {} : { policy: scp.policy }
    if ([...own, ...general].some(({ deny = [] }) => some(deny, action))) return { by: "identity", explicit: true }
    if (some(scp?.deny ?? [], action)) return { by: "scp", explicit: true, ...named }
    if (scp?.allow !== undefined && !some(scp.allow, action)) return { by: "scp", explicit: false }
    if ([...own, ...general].some(({ boundary }) => boundary !== undefined && !some(boundary, action))) {
      return { by: "boundary", explicit: false }
    }
    const ownAllows = own.flatMap((list) => list.allow === undefined ? [] : [list.allow])
    const allows = ownAllows.length > 0
      ? ownAllows
      : [
        ...general.flatMap((list) => list.allow === undefined ? [] : [list.allow]),
        ...(Object.hasOwn(allow, accountId) ? [allow[accountId]!] : [])
      ]
    return allows.length === 0 || allows.some((list) => some(list, action))
      ? undefined
      : { by: "identity", explicit: false }
  }

  const denial: Authorization["denial"] = ({ accountId, policy, principal }, action, resource = "*") => {
    if (action === freeAction) return undefined
    const session = policy === undefined ? "allow" : PolicyDocument.evaluate(policy, action, resource)
    if (session === "deny") return { by: "session", explicit: true }
    const identity = identityOf(principal)
    const key = `${identity} ${principal === identity ? "" : principal} ${action}`
    if (!none && !judged.has(key)) judged.set(key, judge(accountId, identity, principal, action))
    const found = none ? undefined : judged.get(key)
    // What only fails to allow comes after all that denies; an SCP and a boundary before the session's policy.
    if (found !== undefined && (found.explicit === true || found.by !== "identity")) return found
    return session === "none" ? { by: "session", explicit: false } : found
  }
  return { denial, isAllowed: (...call) => denial(...call) === undefined }
}

/** IAM User Guide, "Troubleshoot access denied error messages". */
const nouns: Readonly<Record<NonNullable<Denial["by"]>, string>> = {
  identity: "an identity-based policy",
  scp: "a service control policy",
  rcp: "a resource control policy",
  boundary: "a permissions boundary",
  session: "a session policy",
  "vpc-endpoint": "a VPC endpoint policy",
  resource: "a resource-based policy"
}

/**
 * IAM's text for a denial, as the service writes it; `undefined` for the bare text of S3, which says no more.
 */
export const textOf = (
  { by = "identity", explicit = by === "scp" || by === "rcp", policy }: Denial,
  call: {
    readonly service: string
    readonly action: string
    readonly principal: string
    /** The ARN of what the call is about, where it names one. */
    readonly resource?: string | undefined
  }
): string | undefined => {
  const { action, principal, resource, service } = call
  if (service === "s3" && by === "identity" && !explicit) return undefined
  // SQS and SNS name their actions in their own case.
  const written = service === "sqs" ? action.toLowerCase() : service === "sns" ? action.replace("sns:", "SNS:") : action
  const noun = nouns[by]
  const reason = explicit
    ? `with an explicit deny in ${noun}${policy === undefined ? "" : `: ${policy}`}`
    : `because no ${noun.slice(noun.indexOf(" ") + 1)} allows the ${written} action`
  const about = resource === undefined ? "" : ` on resource: ${resource}`
  const text = `User: ${principal} is not authorized to perform: ${written}${about} ${reason}`
  return service === "ec2" ? `You are not authorized to perform this operation. ${text}` : text
}
